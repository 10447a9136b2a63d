"""Topics are made, changed, described and deleted through the clients' administration."""

import confluent_kafka
import kafka
import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic
from kafka.admin import KafkaAdminClient

import batches
import rawkafka
from clients import CONFLUENT, KAFKA_PYTHON, KCAT, kcat

pytestmark = pytest.mark.real


@pytest.fixture
def admin(cluster):
    return AdminClient({"bootstrap.servers": cluster.bootstrap})


@pytest.fixture
def other_admin(cluster):
    client = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    yield client
    client.close()


def finish(futures):
    return {key: future.result(30) for key, future in futures.items()}


def refusal(futures) -> int:
    """The error code with which the only request was refused."""
    (future,) = futures.values()
    with pytest.raises(KafkaException) as raised:
        future.result(30)
    return raised.value.args[0].code()


def test_a_topic_is_created_described_grown_and_deleted(cluster, admin):
    finish(admin.create_topics([NewTopic("admin-a", 3, 1, config={"retention.ms": "-1"})]))
    topic = finish(admin.describe_topics(confluent_kafka.TopicCollection(["admin-a"])))["admin-a"]
    assert [partition.id for partition in topic.partitions] == [0, 1, 2]
    assert all(partition.leader.port == cluster.port for partition in topic.partitions)
    assert all(len(partition.isr) == 1 for partition in topic.partitions)

    finish(admin.create_partitions([NewPartitions("admin-a", 5)]))
    CONFLUENT.produce(cluster, "admin-a", [(b"k", b"v")], partition=4)
    assert len(CONFLUENT.consume(cluster, "admin-a", 4)) == 1
    assert len(admin.list_topics("admin-a", timeout=30).topics["admin-a"].partitions) == 5

    finish(admin.delete_topics(["admin-a"]))
    assert "admin-a" not in admin.list_topics(timeout=30).topics


def test_what_cannot_be_is_refused_with_kafkas_error(admin):
    finish(admin.create_topics([NewTopic("admin-b", 2, 1)]))

    exists = refusal(admin.create_topics([NewTopic("admin-b", 2, 1)]))
    assert exists == KafkaError.TOPIC_ALREADY_EXISTS
    shrunk = refusal(admin.create_partitions([NewPartitions("admin-b", 1)]))
    assert shrunk == KafkaError.INVALID_PARTITIONS
    unknown = refusal(admin.create_partitions([NewPartitions("absent", 2)]))
    assert unknown == KafkaError.UNKNOWN_TOPIC_OR_PART
    assert refusal(admin.delete_topics(["absent"])) == KafkaError.UNKNOWN_TOPIC_OR_PART
    none = refusal(admin.create_topics([NewTopic("admin-none", 0, 1)]))
    assert none == KafkaError.INVALID_PARTITIONS
    replicas = refusal(admin.create_topics([NewTopic("admin-three", 1, 3)]))
    assert replicas == KafkaError.INVALID_REPLICATION_FACTOR
    config = refusal(admin.create_topics([NewTopic("admin-c", 1, 1, config={"retention.ms": "x"})]))
    assert config == KafkaError.INVALID_CONFIG
    key = refusal(admin.create_topics([NewTopic("admin-d", 1, 1, config={"no.such.key": "1"})]))
    assert key == KafkaError.INVALID_CONFIG


def test_a_validated_topic_is_not_created(admin):
    finish(admin.create_topics([NewTopic("admin-e", 1, 1)], validate_only=True))

    assert "admin-e" not in admin.list_topics(timeout=30).topics


def test_configs_tell_value_and_origin(admin):
    config = {"retention.ms": "123456", "cleanup.policy": "compact"}
    finish(admin.create_topics([NewTopic("admin-f", 1, 1, config=config)]))
    resource = ConfigResource(ConfigResource.Type.TOPIC, "admin-f")

    (entries,) = finish(admin.describe_configs([resource])).values()

    assert {key: entries[key].value for key in config} == config
    assert entries["retention.ms"].source == 1, "not told as the topic's own"
    assert entries["max.message.bytes"].value == "1048588"
    assert entries["max.message.bytes"].is_default


def test_the_configs_of_the_broker_are_told(admin):
    broker = admin.describe_cluster().result(30).nodes[0]
    resource = ConfigResource(ConfigResource.Type.BROKER, str(broker.id))

    (entries,) = finish(admin.describe_configs([resource])).values()

    assert entries["message.max.bytes"].value == "1048588"
    assert entries["num.partitions"].value


def test_the_cluster_is_described(cluster, admin, other_admin):
    description = admin.describe_cluster().result(30)
    assert [node.port for node in description.nodes] == [cluster.port]
    assert description.controller.port == cluster.port
    assert description.cluster_id

    other = other_admin.describe_cluster()
    assert other["cluster_id"] == description.cluster_id


def test_kafka_python_administers_topics(cluster, other_admin):
    other_admin.create_topics({"admin-g": {"num_partitions": 2, "replication_factor": 1}})
    assert "admin-g" in other_admin.list_topics()
    (described,) = other_admin.describe_topics(["admin-g"])
    assert described["name"] == "admin-g"
    assert len(described["partitions"]) == 2

    other_admin.create_partitions({"admin-g": 4})
    KAFKA_PYTHON.produce(cluster, "admin-g", [(b"k", b"v")], partition=3)
    other_admin.delete_topics(["admin-g"])
    assert "admin-g" not in other_admin.list_topics()


def test_kafka_python_describes_partitions_and_configs(cluster, other_admin):
    topic = cluster.topic(3, retention_ms=4_321)
    described = other_admin.describe_topic_partitions([topic])
    assert "4321" in str(
        other_admin.describe_configs(
            [kafka.admin.ConfigResource(kafka.admin.ConfigResourceType.TOPIC, topic)]
        )
    )
    assert topic in str(described)


def test_kcat_lists_topics_and_brokers(cluster):
    topic = cluster.topic(4)

    listing = kcat("-L", "-b", cluster.bootstrap, "-t", topic).decode()

    assert f'topic "{topic}" with 4 partitions' in listing
    assert f"at 127.0.0.1:{cluster.port}" in listing


def test_a_topic_that_is_written_to_appears_by_itself(cluster):
    KCAT.produce(cluster, "appears", [(b"k", b"v")])

    assert [record.pair for record in CONFLUENT.consume(cluster, "appears")] == [(b"k", b"v")]


def test_a_topic_does_not_appear_where_that_is_switched_off(new_broker):
    broker = new_broker(settings={"auto.create.topics.enable": "false"}).start()
    with broker.connect() as connection:
        for _ in range(2):
            error, _ = connection.metadata(["absent"])["absent"]
            assert error == rawkafka.UNKNOWN_TOPIC_OR_PARTITION


def topic_id(admin, name):
    topics = finish(admin.describe_topics(confluent_kafka.TopicCollection([name])))
    return str(topics[name].topic_id)


def test_a_topic_deleted_and_made_again_begins_anew(cluster, admin):
    old_ids = set()
    for round_ in range(5):
        topic = cluster.topic(name="phoenix")
        assert topic_id(admin, topic) not in old_ids
        old_ids.add(topic_id(admin, topic))
        sent = [(b"k", b"%d" % (round_ * 100 + number)) for number in range(100)]
        CONFLUENT.produce(cluster, topic, sent, partition=0)
        assert [record.pair for record in CONFLUENT.consume(cluster, topic)] == sent
        with cluster.connect() as connection:
            assert connection.delete_topic(topic) == rawkafka.NONE


def test_a_fetch_that_waits_on_a_deleted_topic_is_answered(cluster):
    topic = cluster.topic()
    with cluster.connect() as waiting, cluster.connect() as connection:
        waiting.send(waiting.encode_fetch(topic, 0, 0, max_wait=600_000))
        connection.log_end(topic)

        assert connection.delete_topic(topic) == rawkafka.NONE

        error, _, data = waiting.read_fetch(waiting.correlation)
    assert error == rawkafka.UNKNOWN_TOPIC_OR_PARTITION
    assert data == b""


def test_the_sequence_of_a_producer_does_not_outlive_its_topic(cluster):
    with cluster.connect() as connection:
        producer = connection.init_producer_id()
        for _ in range(2):
            topic = cluster.topic(name="forgetful")
            batch = batches.build([(b"k", b"v")], producer=producer, sequence=0)
            assert connection.produce(topic, 0, batch) == (rawkafka.NONE, 0)
            assert connection.log_end(topic) == 1
            connection.delete_topic(topic)


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_deleted_topic_stays_deleted_after_a_restart(new_broker, ending):
    broker = new_broker().start()
    topic = broker.topic(3)
    CONFLUENT.produce(broker, topic, [(b"k", b"old")], partition=0)
    with broker.connect() as connection:
        assert connection.delete_topic(topic) == rawkafka.NONE

    getattr(broker, ending)()
    broker.start()

    with broker.connect() as connection:
        assert topic not in connection.metadata(None)
    assert broker.topic(1, name=topic) == topic
    assert CONFLUENT.consume(broker, topic) == []
