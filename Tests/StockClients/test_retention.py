"""Old records go: by time, by size, by hand. Settings change while the broker runs."""

import time

import confluent_kafka
import kafka
import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    OffsetSpec,
)
from kafka.admin import KafkaAdminClient

import rawkafka
from clients import CONFLUENT, KAFKA_PYTHON

pytestmark = pytest.mark.real

PATIENCE = 60


@pytest.fixture
def broker(new_broker):
    settings = {"log.retention.check.interval.ms": 200, "log.segment.delete.delay.ms": 500}
    return new_broker(settings=settings).start()


def admin_of(broker):
    """A new one, which knows nothing of the broker's earlier lives."""
    return AdminClient({"bootstrap.servers": broker.bootstrap})


@pytest.fixture
def admin(broker):
    return admin_of(broker)


def alter(admin, resource_type, name, *changes, **options):
    """Changes settings, each given as (operation, key, value)."""
    entries = [ConfigEntry(key, value, incremental_operation=op) for op, key, value in changes]
    resource = ConfigResource(resource_type, name, incremental_configs=entries)
    (future,) = admin.incremental_alter_configs([resource], **options).values()
    future.result(30)


def set_topic(admin, topic, **configs):
    changes = [
        (AlterConfigOpType.SET, key.replace("_", "."), str(value)) for key, value in configs.items()
    ]
    alter(admin, ConfigResource.Type.TOPIC, topic, *changes)


def code(refused):
    with pytest.raises(KafkaException) as raised:
        refused()
    return raised.value.args[0].code()


def described(admin, resource_type, name):
    resource = ConfigResource(resource_type, name)
    (future,) = admin.describe_configs([resource]).values()
    return future.result(30)


def earliest(admin, topic, partition=0):
    place = TopicPartition(topic, partition)
    (future,) = admin.list_offsets({place: OffsetSpec.earliest()}).values()
    return future.result(30).offset


def until(condition, what):
    """Waits for something the broker does by itself, as long as a slow machine may need."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def kept_bytes(broker, topic):
    """Lists again where a file was deleted between being listed and being asked for its size."""
    while True:
        try:
            return sum(path.stat().st_size for path in broker.log_files(topic))
        except FileNotFoundError:
            continue


def fill(broker, topic, megabytes):
    value = b"v" * 100_000
    CONFLUENT.produce(broker, topic, [(b"k", value)] * (megabytes * 10), partition=0)


def test_retention_ms_lowered_at_run_time_makes_a_log_shrink(broker, admin):
    topic = broker.topic(segment_bytes=1 << 20)
    fill(broker, topic, 5)
    assert earliest(admin, topic) == 0
    assert len(broker.log_files(topic)) > 3

    set_topic(admin, topic, retention_ms=1_000)

    until(lambda: earliest(admin, topic) == 50, "the records stayed")
    until(lambda: len(broker.log_files(topic)) == 1, "the files stayed")
    until(lambda: not list(broker.folder(topic).glob("*.deleted")), "….deleted stayed")
    assert kept_bytes(broker, topic) == 0
    set_topic(admin, topic, retention_ms=-1)
    CONFLUENT.produce(broker, topic, [(b"k", b"v")], partition=0)
    assert [record.offset for record in CONFLUENT.consume(broker, topic)] == [50]


def test_retention_bytes_keeps_at_least_so_much_and_less_than_a_segment_more(broker, admin):
    topic = broker.topic(segment_bytes=1 << 20)
    fill(broker, topic, 8)
    bound = 3_000_000

    set_topic(admin, topic, retention_bytes=bound)

    until(lambda: earliest(admin, topic) > 0, "nothing went")
    until(lambda: kept_bytes(broker, topic) < bound + (1 << 20), "too much stayed")
    assert kept_bytes(broker, topic) >= bound
    records = CONFLUENT.consume(broker, topic)
    assert [record.offset for record in records] == list(range(earliest(admin, topic), 80))


def test_a_brokers_retention_changes_while_it_runs_and_outlives_a_kill(broker, admin):
    topic = broker.topic(segment_bytes=1 << 20)
    kept = broker.topic(segment_bytes=1 << 20, retention_ms=-1)
    for name in (topic, kept):
        fill(broker, name, 2)
    # The start of the broker says 168 hours.
    assert described(admin, ConfigResource.Type.TOPIC, topic)["retention.ms"].is_default

    change = (AlterConfigOpType.SET, "log.retention.ms", "1000")
    alter(admin, ConfigResource.Type.BROKER, "1", change)

    until(lambda: earliest(admin, topic) == 20, "the records stayed")
    assert earliest(admin, kept) == 0
    entry = described(admin, ConfigResource.Type.TOPIC, topic)["retention.ms"]
    assert (entry.value, entry.source) == ("1000", 2)
    broker.kill()
    broker.start()
    admin = admin_of(broker)
    entry = described(admin, ConfigResource.Type.TOPIC, topic)["retention.ms"]
    assert (entry.value, entry.source) == ("1000", 2)
    # What had not gone yet when it was killed goes now.
    until(lambda: earliest(admin, topic) == 20, "the records came back")
    assert earliest(admin, kept) == 0


def test_a_reader_that_is_overtaken_is_told_and_goes_on_at_the_start(broker, admin):
    topic = broker.topic(segment_bytes=1 << 20)
    fill(broker, topic, 3)
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": broker.bootstrap,
            "group.id": "unused",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    # Deleted first: a consumer that is quick would read offset 5 before it goes.
    admin.delete_records([TopicPartition(topic, 0, 25)])[TopicPartition(topic, 0)].result(30)
    consumer.assign([TopicPartition(topic, 0, 5)])

    message = None
    deadline = time.monotonic() + PATIENCE
    while message is None and time.monotonic() < deadline:
        message = consumer.poll(1)
    consumer.close()

    assert message.error() is None
    assert message.offset() == 25


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_deleted_records_stay_deleted(broker, admin, ending):
    topic = broker.topic(2)
    CONFLUENT.produce(broker, topic, [(b"k", b"%d" % number) for number in range(10)], partition=1)

    answers = admin.delete_records([TopicPartition(topic, 1, 7)])

    assert answers[TopicPartition(topic, 1)].result(30).low_watermark == 7
    assert earliest(admin, topic, 1) == 7
    getattr(broker, ending)()
    broker.start()
    assert earliest(admin_of(broker), topic, 1) == 7
    assert [record.offset for record in CONFLUENT.consume(broker, topic, 1)] == [7, 8, 9]


def test_records_that_cannot_be_deleted_are_refused(broker, admin):
    topic = broker.topic()
    compacted = broker.topic(cleanup_policy="compact")
    CONFLUENT.produce(broker, topic, [(b"k", b"v")] * 3, partition=0)

    def delete(name, offset, partition=0):
        place = TopicPartition(name, partition, offset)
        return admin.delete_records([place])[TopicPartition(name, partition)].result(30)

    assert code(lambda: delete(topic, 4)) == KafkaError.OFFSET_OUT_OF_RANGE
    assert code(lambda: delete(compacted, 0)) == KafkaError.POLICY_VIOLATION
    assert earliest(admin, topic) == 0
    assert delete(topic, -1).low_watermark == 3


def test_settings_that_cannot_be_are_refused(broker, admin):
    topic = broker.topic(retention_ms=5_000)
    of_topic, of_broker = ConfigResource.Type.TOPIC, ConfigResource.Type.BROKER

    def change(kind, name, key, value):
        return lambda: alter(admin, kind, name, (AlterConfigOpType.SET, key, value))

    assert code(change(of_topic, topic, "no.such.key", "1")) == KafkaError.INVALID_CONFIG
    assert code(change(of_topic, topic, "retention.ms", "soon")) == KafkaError.INVALID_CONFIG
    absent = code(change(of_topic, "absent", "retention.ms", "1"))
    assert absent == KafkaError.UNKNOWN_TOPIC_OR_PART
    assert code(change(of_broker, "1", "log.dirs", "/tmp")) == KafkaError.INVALID_REQUEST
    assert described(admin, of_topic, topic)["retention.ms"].value == "5000"

    set_only = (AlterConfigOpType.SET, "retention.ms", "1")
    alter(admin, of_topic, topic, set_only, validate_only=True)
    assert described(admin, of_topic, topic)["retention.ms"].value == "5000"
    alter(admin, of_topic, topic, (AlterConfigOpType.APPEND, "cleanup.policy", "compact"))
    assert described(admin, of_topic, topic)["cleanup.policy"].value == "delete,compact"
    alter(admin, of_topic, topic, (AlterConfigOpType.SUBTRACT, "cleanup.policy", "delete"))
    assert described(admin, of_topic, topic)["cleanup.policy"].value == "compact"
    alter(admin, of_topic, topic, (AlterConfigOpType.DELETE, "retention.ms", None))
    assert described(admin, of_topic, topic)["retention.ms"].is_default


def test_kafka_python_changes_settings_and_deletes_records(broker):
    topic = broker.topic()
    KAFKA_PYTHON.produce(broker, topic, [(b"k", b"%d" % number) for number in range(5)])
    client = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        resource = kafka.admin.ConfigResource(
            kafka.admin.ConfigResourceType.TOPIC, topic, configs={"max.message.bytes": "1000"}
        )
        client.alter_configs([resource])
        client.delete_records({kafka.TopicPartition(topic, 0): 3})
    finally:
        client.close()

    with broker.connect() as connection:
        error, _ = connection.produce(topic, 0, b"\0" * 8)
    assert error != rawkafka.NONE
    assert [record.offset for record in CONFLUENT.consume(broker, topic)] == [3, 4]
