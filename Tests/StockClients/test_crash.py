"""kill -9 in the midst of work: what was acknowledged is there, nothing is there twice."""

import os
import random
import threading

import pytest

import batches
import rawkafka
from clients import CONFLUENT

pytestmark = pytest.mark.real

# How often a broker is killed with idempotent producers at work, over both durabilities.
ROUNDS = int(os.environ.get("MILLRACE_TEST_CRASH_ROUNDS", "20"))
SEED = int(os.environ.get("MILLRACE_TEST_SEED", "0")) or random.randrange(1, 1 << 31)
PARTITIONS = 3


class NumberedLoad:
    """Produces numbers, one key per partition, and keeps what was acknowledged where."""

    def __init__(self, broker, topic, **settings):
        self.topic = topic
        self.producer = CONFLUENT.producer(broker, acks="all", batch_num_messages=50, **settings)
        self.acknowledged = {}
        self.failed = []
        self.sent = 0
        self.stopping = threading.Event()
        self.progress = threading.Semaphore(0)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _report(self, error, message):
        if error:
            self.failed.append((error, int(message.value())))
        else:
            place = (message.partition(), message.offset())
            assert place not in self.acknowledged, f"two records were acknowledged at {place}"
            self.acknowledged[place] = int(message.value())
            self.progress.release()

    def _run(self):
        while not self.stopping.is_set():
            # A bounded lead keeps the client from filling its queue while the broker is away.
            if self.sent - len(self.acknowledged) - len(self.failed) < 20_000:
                self.producer.produce(
                    self.topic,
                    b"%d" % self.sent,
                    partition=self.sent % PARTITIONS,
                    on_delivery=self._report,
                )
                self.sent += 1
                self.producer.poll(0)
            else:
                self.producer.poll(0.01)

    def await_acknowledged(self, count):
        for _ in range(count):
            assert self.progress.acquire(timeout=60), "nothing was acknowledged for 60 s"

    def finish(self):
        self.stopping.set()
        self.thread.join()
        left = self.producer.flush(90)
        assert left == 0, f"{left} records have no answer"


def read_back(broker, topic):
    return {
        (partition, record.offset): int(record.value)
        for partition in range(PARTITIONS)
        for record in CONFLUENT.consume(broker, topic, partition)
    }


def assert_nothing_lost(load, found):
    lost = {place: value for place, value in load.acknowledged.items() if found.get(place) != value}
    assert (
        not lost
    ), f"{len(lost)} acknowledged records are gone, such as {next(iter(lost.items()))}"


@pytest.mark.parametrize("durability", ["sync", "os"])
def test_idempotent_producers_lose_and_double_nothing(new_broker, durability):
    chance = random.Random(f"{SEED} {durability}")
    print(f"MILLRACE_TEST_SEED={SEED}")
    broker = new_broker().start()
    topics = [broker.topic(PARTITIONS, durability=durability, segment_bytes=1 << 20) for _ in "ab"]
    loads = [NumberedLoad(broker, topic, enable_idempotence=True) for topic in topics]

    for _ in range((ROUNDS + 1) // 2):
        chance.choice(loads).await_acknowledged(chance.randrange(1, 6_000))
        broker.kill()
        broker.start()
    for load in loads:
        load.await_acknowledged(500)
    for load in loads:
        load.finish()

    for load in loads:
        found = read_back(broker, load.topic)
        assert not load.failed, f"{len(load.failed)} records failed, the first: {load.failed[0]}"
        assert_nothing_lost(load, found)
        values = list(found.values())
        assert len(set(values)) == len(values), "a record is stored twice"
        assert sorted(values) == list(range(load.sent))
        for partition in range(PARTITIONS):
            inside = [found[place] for place in sorted(found) if place[0] == partition]
            assert inside == sorted(inside), f"partition {partition} is out of order"


@pytest.mark.parametrize("durability", ["sync", "os"])
def test_whatever_was_acknowledged_is_there_also_without_idempotence(new_broker, durability):
    chance = random.Random(f"{SEED} {durability} plain")
    print(f"MILLRACE_TEST_SEED={SEED}")
    broker = new_broker().start()
    topic = broker.topic(PARTITIONS, durability=durability)
    load = NumberedLoad(broker, topic, compression_type="lz4")

    for _ in range(max(1, ROUNDS // 20)):
        load.await_acknowledged(chance.randrange(1, 6_000))
        broker.kill()
        broker.start()
    load.await_acknowledged(500)
    load.finish()

    assert_nothing_lost(load, read_back(broker, topic))


def some_batches(broker, topic, count=20):
    with broker.connect() as connection:
        for number in range(count):
            batch = batches.build([(b"k", b"%d" % number), (None, b"x" * 200)])
            assert connection.produce(topic, 0, batch) == (rawkafka.NONE, 2 * number)


def assert_continues_at(broker, topic, end):
    """The log ends at `end`, every stored batch before is whole, and new records follow on."""
    with broker.connect() as connection:
        assert connection.log_end(topic) == end
        error, _, data = connection.fetch(topic, 0, 0)
        assert error == rawkafka.NONE
        found = batches.headers(data)
        assert [header.base_offset for header in found] == list(range(0, end, 2))
        assert all(batches.crc_is_right(data, header) for header in found)
        batch = batches.build([(b"k", b"after"), (None, b"after")])
        assert connection.produce(topic, 0, batch) == (rawkafka.NONE, end)
    assert len(CONFLUENT.consume(broker, topic)) == end + 2


# The journal would bring back what these take away from the end of a log.
NO_JOURNAL = {"log.journal.bytes": 0}


@pytest.mark.parametrize("missing", [1, 100, 250, 10_000])
def test_a_torn_tail_is_cut_off_and_the_log_continues(new_broker, missing):
    broker = new_broker(settings=NO_JOURNAL).start()
    topic = broker.topic()
    some_batches(broker, topic)
    broker.kill()
    (file,) = broker.log_files(topic)
    stored = batches.stored([file])
    size = stored[-1].position + stored[-1].byte_count
    os.truncate(file, max(0, size - missing))
    whole = [header for header in stored if header.position + header.byte_count <= size - missing]

    broker.start()

    assert_continues_at(broker, topic, 2 * len(whole))


@pytest.mark.parametrize("place", ["length", "magic", "crc", "count", "payload"])
def test_a_flipped_bit_in_the_last_batch_costs_that_batch_only(new_broker, place):
    position = {"length": 11, "magic": 16, "crc": 18, "count": 60, "payload": 90}[place]
    broker = new_broker(settings=NO_JOURNAL).start()
    topic = broker.topic()
    some_batches(broker, topic)
    broker.kill()
    (file,) = broker.log_files(topic)
    with open(file, "r+b") as log:
        at = batches.stored([file])[-1].position + position
        log.seek(at)
        (byte,) = log.read(1)
        log.seek(at)
        log.write(bytes([byte ^ 0x10]))

    broker.start()

    assert_continues_at(broker, topic, 38)


@pytest.mark.parametrize("missing", [1, 250, 1_000])
def test_what_is_torn_off_a_log_comes_back_from_the_journal(new_broker, missing):
    broker = new_broker().start()
    topic = broker.topic()
    some_batches(broker, topic)
    broker.kill()
    (file,) = broker.log_files(topic)
    stored = batches.stored([file])
    os.truncate(file, stored[-1].position + stored[-1].byte_count - missing)

    broker.start()

    assert_continues_at(broker, topic, 40)


def test_garbage_behind_the_last_batch_is_cut_off(new_broker):
    broker = new_broker().start()
    topic = broker.topic()
    some_batches(broker, topic)
    broker.kill()
    (file,) = broker.log_files(topic)
    stored = batches.stored([file])
    with open(file, "r+b") as log:
        log.seek(stored[-1].position + stored[-1].byte_count)
        log.write(random.Random(7).randbytes(5_000))

    broker.start()

    assert_continues_at(broker, topic, 40)


def test_indexes_that_were_lost_are_built_again(new_broker):
    broker = new_broker().start()
    topic = broker.topic(segment_index_bytes=80, index_interval_bytes=200)
    some_batches(broker, topic)
    broker.kill()
    for index in broker.folder(topic).glob("*.*index"):
        index.unlink()

    broker.start()

    assert_continues_at(broker, topic, 40)
