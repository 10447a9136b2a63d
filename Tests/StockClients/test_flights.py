"""A year of real events goes in through one client and comes out of another, byte for byte."""

import pytest

import batches
from clients import CONFLUENT, KAFKA_PYTHON, KCAT
from events import by_key

# As many as the mock cluster gives a topic, so that the tests can be tried on it.
PARTITIONS = 4


def consume_all(client, cluster, topic, partitions=PARTITIONS):
    """The records of all partitions; within one their offsets must run without a gap."""
    pairs = []
    for partition in range(partitions):
        records = client.consume(cluster, topic, partition)
        assert [record.offset for record in records] == list(range(len(records)))
        pairs += [record.pair for record in records]
    return pairs


def assert_same_events(sent, received):
    assert len(received) == len(sent)
    assert by_key(received) == by_key(sent), "the values of some key differ in content or order"


def assert_stored_with(codec, cluster, topic, partitions=PARTITIONS):
    """The codec bits of what lies on disk. A client may send a batch that does not shrink
    uncompressed, so the smallest are not asked."""
    if cluster.data is None:
        return
    for partition in range(partitions):
        stored = batches.stored(cluster.log_files(topic, partition))
        assert stored, f"no batch is stored in partition {partition}"
        assert {header.codec for header in stored if header.record_count >= 10} <= {codec}
        assert any(header.record_count >= 10 for header in stored)


@pytest.mark.parametrize("codec", batches.CODECS)
@pytest.mark.parametrize(
    "producer, consumer", [(KCAT, CONFLUENT), (CONFLUENT, KCAT)], ids=lambda client: client.name
)
def test_all_flights_come_out_as_they_went_in(cluster, flights, producer, consumer, codec):
    topic = cluster.topic(PARTITIONS)

    producer.produce(cluster, topic, flights, codec)
    received = consume_all(consumer, cluster, topic)

    assert_same_events(flights, received)
    assert_stored_with(codec, cluster, topic)


@pytest.mark.parametrize("codec", batches.CODECS)
def test_a_client_without_librdkafka_produces_flights(cluster, flights, codec):
    sent = flights[:20_000]
    topic = cluster.topic(PARTITIONS)

    KAFKA_PYTHON.produce(cluster, topic, sent, codec)
    received = consume_all(KCAT, cluster, topic)

    assert_same_events(sent, received)
    assert_stored_with(codec, cluster, topic)


@pytest.mark.parametrize("codec", batches.CODECS)
def test_a_client_without_librdkafka_consumes_flights(cluster, flights, codec):
    sent = flights[-20_000:]
    topic = cluster.topic(PARTITIONS)

    CONFLUENT.produce(cluster, topic, sent, codec)
    received = consume_all(KAFKA_PYTHON, cluster, topic)

    assert_same_events(sent, received)


def test_flights_spread_over_ten_partitions_keep_the_order_of_each_key(cluster, flights):
    partitions = 10 if cluster.data else 4
    topic = cluster.topic(partitions)

    KCAT.produce(cluster, topic, flights, "lz4", partitioner="murmur2_random")
    received = consume_all(CONFLUENT, cluster, topic, partitions)

    assert_same_events(flights, received)


@pytest.mark.real
def test_flights_outlive_a_clean_stop_and_small_segments(new_broker, flights):
    sent = flights[:100_000]
    broker = new_broker().start()
    topic = broker.topic(PARTITIONS, segment_bytes=1 << 20)
    KCAT.produce(broker, topic, sent)
    assert len(broker.log_files(topic, 0)) > 3, "the log did not roll"

    broker.restart()

    assert_same_events(sent, consume_all(CONFLUENT, broker, topic))
