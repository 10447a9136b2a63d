"""Compacted topics, as stock clients see them."""

import time

import pytest

from clients import CONFLUENT, KAFKA_PYTHON, KCAT

pytestmark = pytest.mark.real

SETTINGS = {"log.cleaner.backoff.ms": 100}
TOPIC = {"segment_bytes": 1 << 20, "min_cleanable_dirty_ratio": 0.01}
KEYS = [b"key-%d" % number for number in range(20)]


def fill(broker, topic, rounds, codec="none"):
    for round in rounds:
        pairs = [(key, b"%04d" % round + bytes(4_000)) for key in KEYS]
        CONFLUENT.produce(broker, topic, pairs, codec=codec)


def wait_until(condition, patience=60):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


@pytest.mark.parametrize("codec", ["none", "zstd"])
def test_only_the_last_values_are_left(new_broker, codec):
    broker = new_broker(settings=SETTINGS).start()
    topic = broker.topic(cleanup_policy="compact", **TOPIC)
    fill(broker, topic, range(60), codec="none")
    fill(broker, topic, range(60, 70), codec=codec)

    wait_until(lambda: len(CONFLUENT.consume(broker, topic)) < 20 * 70 / 2)

    for client in [KCAT, CONFLUENT, KAFKA_PYTHON]:
        records = client.consume(broker, topic)
        offsets = [record.offset for record in records]
        assert offsets == sorted(set(offsets)), client.name
        last = {record.key: record.value[:4] for record in records}
        assert last == {key: b"0069" for key in KEYS}, client.name
    broker.restart()
    last = {record.key: record.value[:4] for record in CONFLUENT.consume(broker, topic)}
    assert last == {key: b"0069" for key in KEYS}
    assert (broker.data / "cleaner-offset-checkpoint").read_text().splitlines()[1] == "1"


def test_tombstones_remove_a_key(new_broker):
    broker = new_broker(settings=SETTINGS).start()
    topic = broker.topic(cleanup_policy="compact", delete_retention_ms=0, **TOPIC)
    fill(broker, topic, range(1))
    CONFLUENT.produce(broker, topic, [(KEYS[3], None)])

    # The first compaction that meets the tombstone sets its horizon, a later one removes it.
    def is_gone():
        fill(broker, topic, range(1, 16))
        return all(record.value is not None for record in CONFLUENT.consume(broker, topic))

    wait_until(is_gone)

    assert KEYS[4] in {record.key for record in CONFLUENT.consume(broker, topic)}


def test_an_idempotent_producer_goes_on_after_its_batches_were_compacted(new_broker):
    broker = new_broker(settings=SETTINGS).start()
    topic = broker.topic(cleanup_policy="compact", **TOPIC)
    producer = CONFLUENT.producer(broker, enable_idempotence=True)
    producer.produce(topic, b"first", b"key-0")
    assert producer.flush(30) == 0
    fill(broker, topic, range(60))
    wait_until(lambda: len(CONFLUENT.consume(broker, topic)) < 20 * 60 / 2)
    broker.restart()

    failures = []
    producer.produce(
        topic, b"second", b"key-0", on_delivery=lambda error, _: error and failures.append(error)
    )
    assert producer.flush(60) == 0
    assert not failures
    assert CONFLUENT.consume(broker, topic)[-1].value == b"second"
