"""Keys, values and headers of every shape; sizes up to the exact limit."""

import os

import pytest

import batches
import rawkafka
from clients import CONFLUENT, KAFKA_PYTHON, KCAT

SHAPES = [
    (None, None),
    (b"", b""),
    (None, b"v"),
    (b"k", None),
    (b"", None),
    (None, b""),
    (b"k", b"v"),
]


@pytest.mark.parametrize("codec", batches.CODECS)
@pytest.mark.parametrize(
    "consumer", [CONFLUENT, KAFKA_PYTHON, KCAT], ids=lambda client: client.name
)
def test_null_and_empty_keys_and_values_stay_apart(cluster, consumer, codec):
    topic = cluster.topic()

    CONFLUENT.produce(cluster, topic, SHAPES, codec, partition=0)

    assert [record.pair for record in consumer.consume(cluster, topic)] == SHAPES


def test_headers_keep_order_duplicates_nulls_and_bytes(cluster):
    topic = cluster.topic()
    headers = [("a", b"1"), ("a", b"2"), ("null", None), ("empty", b""), ("é", bytes(range(256)))]
    producer = CONFLUENT.producer(cluster)

    producer.produce(topic, b"v", b"k", 0, headers=headers)
    assert producer.flush(30) == 0

    for consumer in (CONFLUENT, KAFKA_PYTHON):
        (record,) = consumer.consume(cluster, topic)
        assert list(record.headers) == headers, consumer.name


@pytest.mark.parametrize("codec", batches.CODECS)
@pytest.mark.parametrize("size", [1, 950_000])
def test_values_of_extreme_sizes_arrive_whole(cluster, size, codec):
    topic = cluster.topic()
    sent = [(b"key", os.urandom(size)), (None, b"x" * size)]

    CONFLUENT.produce(cluster, topic, sent, codec, partition=0)

    for consumer in (CONFLUENT, KAFKA_PYTHON, KCAT):
        received = [record.pair for record in consumer.consume(cluster, topic)]
        assert received == sent, consumer.name


def test_a_consumer_starts_at_any_offset_also_inside_a_batch(cluster):
    topic = cluster.topic()
    sent = [(None, b"%d" % number) for number in range(1_000)]
    CONFLUENT.produce(cluster, topic, sent, "zstd", partition=0, linger_ms=200)

    for consumer in (CONFLUENT, KAFKA_PYTHON, KCAT):
        for offset in (0, 1, 499, 999, 1_000):
            received = consumer.consume(cluster, topic, offset=offset)
            assert [record.pair for record in received] == sent[offset:], (consumer.name, offset)


@pytest.mark.real
def test_a_batch_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(cluster):
    topic = cluster.topic()
    limit = 1_048_588

    with cluster.connect() as connection:
        assert connection.produce(topic, 0, batches.of_size(limit)) == (rawkafka.NONE, 0)
        error, _ = connection.produce(topic, 0, batches.of_size(limit + 1))
        assert error == rawkafka.MESSAGE_TOO_LARGE
        assert connection.log_end(topic) == 1

    (record,) = CONFLUENT.consume(cluster, topic)
    assert set(record.value) == {ord("x")}


@pytest.mark.real
def test_a_topic_of_its_own_limit_takes_what_the_others_refuse(cluster):
    topic = cluster.topic(max_message_bytes=3_000_000)

    with cluster.connect() as connection:
        assert connection.produce(topic, 0, batches.of_size(3_000_000))[0] == rawkafka.NONE
        too_large = connection.produce(topic, 0, batches.of_size(3_000_001))[0]
        assert too_large == rawkafka.MESSAGE_TOO_LARGE

    assert len(CONFLUENT.consume(cluster, topic)) == 1


@pytest.mark.real
def test_the_first_batch_comes_even_when_it_is_larger_than_the_fetch_allows(cluster):
    topic = cluster.topic()
    batch = batches.of_size(500_000)

    with cluster.connect() as connection:
        connection.produce(topic, 0, batch)
        connection.produce(topic, 0, batch)
        error, end, data = connection.fetch(topic, 0, 0, max_bytes=1_000)

    assert (error, end) == (rawkafka.NONE, 2)
    assert [header.byte_count for header in batches.headers(data)] == [500_000]


@pytest.mark.real
def test_a_stored_batch_is_the_sent_one_but_for_its_offset_and_epoch(cluster):
    topic = cluster.topic()
    sent = [
        batches.build([(b"k", b"%d" % n), (None, None)], codec)
        for n, codec in enumerate(batches.CODECS)
    ]

    with cluster.connect() as connection:
        for number, batch in enumerate(sent):
            assert connection.produce(topic, 0, batch) == (rawkafka.NONE, 2 * number)
        _, _, data = connection.fetch(topic, 0, 0)

    found = batches.headers(data)
    assert [header.base_offset for header in found] == [0, 2, 4, 6, 8]
    for header, batch in zip(found, sent, strict=True):
        assert header.leader_epoch >= 0
        assert data[header.position + 16 : header.position + header.byte_count] == batch[16:]
        assert batches.crc_is_right(data, header)


@pytest.mark.real
def test_a_fetch_outside_the_log_is_refused_with_kafkas_error(cluster):
    topic = cluster.topic()

    with cluster.connect() as connection:
        connection.produce(topic, 0, batches.build([(None, b"v")]))
        assert connection.fetch(topic, 0, 1)[0] == rawkafka.NONE
        assert connection.fetch(topic, 0, 2)[0] == rawkafka.OFFSET_OUT_OF_RANGE
        assert connection.fetch(topic, 7, 0)[0] == rawkafka.UNKNOWN_TOPIC_OR_PARTITION
        assert connection.fetch("absent", 0, 0)[0] == rawkafka.UNKNOWN_TOPIC_OR_PARTITION
