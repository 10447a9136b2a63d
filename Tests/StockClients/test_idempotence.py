"""Idempotent producers: sent again is stored once, out of order is refused."""

import pytest

import batches
import rawkafka
from clients import CONFLUENT


def numbered(producer, sequence, count=10):
    records = [(b"k", b"%d" % (sequence + index)) for index in range(count)]
    return batches.build(records, producer=producer, sequence=sequence)


def test_five_requests_in_flight_keep_their_order(cluster):
    topic = cluster.topic()
    sent = [(b"k", b"%d" % number) for number in range(50_000)]

    CONFLUENT.produce(
        cluster,
        topic,
        sent,
        partition=0,
        enable_idempotence=True,
        max_in_flight_requests_per_connection=5,
        batch_num_messages=20,
        linger_ms=0,
    )

    assert [record.pair for record in CONFLUENT.consume(cluster, topic)] == sent


@pytest.mark.real
def test_the_last_five_batches_sent_again_are_acknowledged_and_stored_once(cluster):
    topic = cluster.topic()
    with cluster.connect() as connection:
        producer = connection.init_producer_id()
        for number in range(8):
            sent = connection.produce(topic, 0, numbered(producer, number * 10))
            assert sent == (rawkafka.NONE, number * 10)

        for number in (3, 4, 5, 6, 7, 7, 3):
            again = connection.produce(topic, 0, numbered(producer, number * 10))
            assert again == (rawkafka.NONE, number * 10)

        older = connection.produce(topic, 0, numbered(producer, 0))[0]
        assert older in (rawkafka.OUT_OF_ORDER_SEQUENCE, rawkafka.DUPLICATE_SEQUENCE)
        assert connection.log_end(topic) == 80


@pytest.mark.real
def test_a_batch_sent_five_times_ahead_of_its_answers_is_stored_once(cluster):
    topic = cluster.topic()
    with cluster.connect() as connection:
        batch = numbered(connection.init_producer_id(), 0)
        correlations = []
        for _ in range(5):
            connection.send(connection.encode_produce(topic, 0, batch))
            correlations.append(connection.correlation)

        answers = [connection.read_produce(correlation) for correlation in correlations]

        assert answers == [(rawkafka.NONE, 0)] * 5
        assert connection.log_end(topic) == 10


@pytest.mark.real
def test_a_gap_in_the_sequence_is_refused_and_harms_nothing(cluster):
    topic = cluster.topic()
    with cluster.connect() as connection:
        producer = connection.init_producer_id()
        assert connection.produce(topic, 0, numbered(producer, 0)) == (rawkafka.NONE, 0)

        gap = connection.produce(topic, 0, numbered(producer, 20))[0]

        assert gap == rawkafka.OUT_OF_ORDER_SEQUENCE
        assert connection.produce(topic, 0, numbered(producer, 10)) == (rawkafka.NONE, 10)


@pytest.mark.real
def test_an_older_epoch_is_fenced_and_a_newer_one_begins_at_zero(cluster):
    topic = cluster.topic()
    with cluster.connect() as connection:
        identity, epoch = connection.init_producer_id()
        connection.produce(topic, 0, numbered((identity, epoch), 0))

        wrong_start = connection.produce(topic, 0, numbered((identity, epoch + 1), 10))[0]
        assert wrong_start == rawkafka.OUT_OF_ORDER_SEQUENCE
        newer = connection.produce(topic, 0, numbered((identity, epoch + 1), 0))
        assert newer == (rawkafka.NONE, 10)

        older = connection.produce(topic, 0, numbered((identity, epoch), 10))[0]
        assert older == rawkafka.INVALID_PRODUCER_EPOCH


@pytest.mark.real
def test_a_sequence_wraps_around_at_its_end(cluster):
    topic = cluster.topic()
    end = 2**31 - 1
    with cluster.connect() as connection:
        identity, _ = connection.init_producer_id()
        producer = (identity, 0)
        # A producer that the broker does not know may begin anywhere.
        first = connection.produce(topic, 0, numbered(producer, end - 9))
        assert first == (rawkafka.NONE, 0)
        assert connection.produce(topic, 0, numbered(producer, 0)) == (rawkafka.NONE, 10)
        assert connection.produce(topic, 0, numbered(producer, 0)) == (rawkafka.NONE, 10)


@pytest.mark.real
@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_batches_sent_again_after_a_restart_are_stored_once(new_broker, ending):
    broker = new_broker().start()
    topic = broker.topic()
    with broker.connect() as connection:
        producer = connection.init_producer_id()
        for number in range(7):
            connection.produce(topic, 0, numbered(producer, number * 10))

    getattr(broker, ending)()
    broker.start()

    with broker.connect() as connection:
        for number in (2, 3, 4, 5, 6):
            again = connection.produce(topic, 0, numbered(producer, number * 10))
            assert again == (rawkafka.NONE, number * 10)
        assert connection.log_end(topic) == 70
        assert connection.produce(topic, 0, numbered(producer, 70)) == (rawkafka.NONE, 70)


@pytest.mark.real
@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_no_producer_id_is_given_out_twice(new_broker, ending):
    broker = new_broker().start()
    given = []

    for _ in range(3):
        with broker.connect() as connection:
            given += [connection.init_producer_id()[0] for _ in range(5)]
        getattr(broker, ending)()
        broker.start()

    assert len(set(given)) == len(given)
