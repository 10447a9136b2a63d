"""Offsets by time, long polling, and the ends of a log."""

import threading

import confluent_kafka
import kafka
import pytest
from confluent_kafka.admin import AdminClient, OffsetSpec

import batches
import rawkafka
from clients import CONFLUENT, KAFKA_PYTHON

# Of 2013, and not in order, as event times are. No retention by time, or they would be too old.
TIMES = [1_357_000_000_000 + offset for offset in (0, 5_000, 2_000, 9_000, 9_000, 3_000, 12_000)]
# For a wanted time (less the first one) the offset of the first record that is not older.
WANTED = {
    -1: 0,
    0: 0,
    1: 1,
    2_000: 1,
    5_000: 1,
    5_001: 3,
    9_000: 3,
    9_001: 6,
    12_000: 6,
    12_001: None,
}


@pytest.fixture(params=batches.CODECS)
def timed_topic(cluster, request):
    """Three batches, the second of one record."""
    topic = cluster.topic(retention_ms=-1)
    with cluster.connect() as connection:
        for part in (TIMES[:3], TIMES[3:4], TIMES[4:]):
            records = [(None, b"v" * 50, time) for time in part]
            assert connection.produce(topic, 0, batches.build(records, request.param))[0] == 0
    return topic


@pytest.mark.real
def test_offsets_are_found_by_time(cluster, timed_topic):
    consumer = CONFLUENT.consumer(cluster)
    other = kafka.KafkaConsumer(bootstrap_servers=cluster.bootstrap, group_id=None)
    place = kafka.TopicPartition(timed_topic, 0)

    for wanted, expected in WANTED.items():
        time = TIMES[0] + wanted
        (found,) = consumer.offsets_for_times(
            [confluent_kafka.TopicPartition(timed_topic, 0, time)], timeout=30
        )
        assert found.offset == (confluent_kafka.OFFSET_END if expected is None else expected)
        answer = other.offsets_for_times({place: time})[place]
        assert (answer and answer.offset) == expected
        if answer:
            assert answer.timestamp == TIMES[expected]

    consumer.close()
    other.close()


@pytest.mark.real
def test_the_ends_and_the_newest_record_are_told(cluster, timed_topic):
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap})
    place = confluent_kafka.TopicPartition(timed_topic, 0)

    def ask(spec):
        return admin.list_offsets({place: spec})[place].result(30).offset

    assert ask(OffsetSpec.earliest()) == 0
    assert ask(OffsetSpec.latest()) == len(TIMES)
    assert ask(OffsetSpec.max_timestamp()) == 6
    assert ask(OffsetSpec.for_timestamp(TIMES[0] + 9_001)) == 6


@pytest.mark.real
def test_times_are_found_across_many_segments_and_after_a_restart(new_broker):
    broker = new_broker().start()
    topic = broker.topic(retention_ms=-1, segment_index_bytes=160, index_interval_bytes=500)
    with broker.connect() as connection:
        for number in range(300):
            batch = batches.build([(None, b"v" * 300, TIMES[0] + number * 1_000)])
            assert connection.produce(topic, 0, batch) == (rawkafka.NONE, number)
    assert len(broker.log_files(topic)) > 3

    for _ in range(2):
        with broker.connect() as connection:
            for number in range(0, 300, 7):
                time = TIMES[0] + number * 1_000
                assert connection.list_offset(topic, 0, time) == (0, time, number)
                assert connection.list_offset(topic, 0, time - 999) == (0, time, number)
        broker.restart()


@pytest.mark.real
def test_a_waiting_fetch_is_answered_by_the_next_record(cluster):
    topic = cluster.topic()
    with cluster.connect(timeout=30) as waiting, cluster.connect() as producer:
        # Ten minutes of waiting: only the record can bring the answer before the socket gives up.
        waiting.send(waiting.encode_fetch(topic, 0, 0, max_wait=600_000))
        batch = batches.build([(b"k", b"the one awaited")])
        assert producer.produce(topic, 0, batch) == (rawkafka.NONE, 0)

        error, _, data = waiting.read_fetch(waiting.correlation)

    assert error == rawkafka.NONE
    assert [header.record_count for header in batches.headers(data)] == [1]


@pytest.mark.real
def test_a_fetch_waits_for_its_minimum_of_bytes(cluster):
    topic = cluster.topic()
    batch = batches.build([(None, b"x" * 1_000)])
    with cluster.connect() as waiting, cluster.connect() as producer:
        waiting.send(waiting.encode_fetch(topic, 0, 0, max_wait=600_000, min_bytes=3_000))
        for _ in range(3):
            producer.produce(topic, 0, batch)
        _, _, data = waiting.read_fetch(waiting.correlation)

    assert len(data) >= 3_000


@pytest.mark.real
def test_a_fetch_that_waits_in_vain_is_answered_empty(cluster):
    topic = cluster.topic()
    with cluster.connect() as connection:
        assert connection.fetch(topic, 0, 0, max_wait=200) == (rawkafka.NONE, 0, b"")


@pytest.mark.real
@pytest.mark.parametrize("client", ["confluent-kafka", "kafka-python"])
def test_a_waiting_consumer_gets_a_record_that_comes_later(cluster, client):
    topic = cluster.topic()
    received, ready = [], threading.Event()

    def with_confluent():
        consumer = CONFLUENT.consumer(
            cluster, fetch_wait_max_ms=50_000, enable_partition_eof=False, socket_timeout_ms=60_000
        )
        consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
        consumer.poll(1)
        ready.set()
        received.append(consumer.poll(30))
        consumer.close()

    def with_kafka_python():
        consumer = kafka.KafkaConsumer(
            bootstrap_servers=cluster.bootstrap,
            group_id=None,
            fetch_max_wait_ms=50_000,
            request_timeout_ms=60_000,
            session_timeout_ms=10_000,
        )
        place = kafka.TopicPartition(topic, 0)
        consumer.assign([place])
        consumer.seek(place, 0)
        consumer.poll(1_000)
        ready.set()
        received.extend(consumer.poll(30_000).get(place, []))
        consumer.close()

    waiting = threading.Thread(
        target=with_confluent if client == "confluent-kafka" else with_kafka_python
    )
    waiting.start()
    assert ready.wait(30)
    KAFKA_PYTHON.produce(cluster, topic, [(b"k", b"late")], partition=0)
    waiting.join(60)

    assert not waiting.is_alive()
    assert len(received) == 1 and received[0] is not None, "the record did not come in 30 s"
