"""Frames and batches that no honest client sends. Each gets an error or a closed connection;
everybody else notices nothing."""

import gzip
import random
import struct
import threading

import pytest

import batches
import rawkafka
from clients import CONFLUENT

pytestmark = pytest.mark.real


class Bystander:
    """Produces and reads back on a connection of its own until told to stop."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.topic = cluster.topic()
        self.batch = batches.build([(None, b"bystander")])
        self.stored = 0
        self.trouble = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        try:
            with self.cluster.connect() as connection:
                while not self.stopping.is_set():
                    answer = connection.produce(self.topic, 0, self.batch)
                    assert answer == (rawkafka.NONE, self.stored), answer
                    error, _, data = connection.fetch(self.topic, 0, self.stored)
                    assert error == rawkafka.NONE and len(batches.headers(data)) == 1
                    self.stored += 1
        except Exception as trouble:
            self.trouble = trouble

    def finish(self):
        self.stopping.set()
        self.thread.join()


@pytest.fixture(autouse=True)
def bystander(cluster):
    """Works on while the test does its worst, and must get on."""
    other = Bystander(cluster)
    yield other
    before = other.stored
    for _ in range(2_000):
        if other.stored > before or other.trouble:
            break
        other.stopping.wait(0.005)
    other.finish()
    assert other.trouble is None, f"another connection noticed: {other.trouble!r}"
    assert other.stored > before, "another connection came to a halt"
    assert cluster.is_running()


def framed(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


def header(key: int, version: int, correlation: int = 1) -> bytes:
    return struct.pack(">hhih", key, version, correlation, 3) + b"raw"


FRAMES = {
    "a negative length": struct.pack(">i", -1) + b"x" * 100,
    "the smallest length": struct.pack(">i", -(2**31)),
    "a length of 2 GiB": struct.pack(">i", 2**31 - 1) + b"x" * 100,
    "a byte more than the limit": struct.pack(">i", 104_857_601),
    "an empty frame": struct.pack(">i", 0),
    "a frame too short for a header": framed(b"\0\3\0"),
    "a client id beyond the frame": framed(struct.pack(">hhih", 3, 1, 1, 32_767) + b"short"),
    "an unknown key": framed(header(9_999, 0)),
    "a negative key": framed(header(-1, 0)),
    "a key of brokers among themselves": framed(header(27, 1)),
    "a version not yet made": framed(header(3, 99)),
    "a negative version": framed(header(3, -1)),
    "Produce 2": framed(header(0, 2)),
    "a page request": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a TLS hello": bytes.fromhex("1603010200010001fc0303") + b"\x55" * 512,
    "two billion topics": framed(header(3, 1) + struct.pack(">i", 2**31 - 1)),
    "an array of length -2": framed(header(3, 1) + struct.pack(">i", -2)),
    "a topic name beyond the frame": framed(header(3, 1) + struct.pack(">ih", 1, 30_000) + b"x"),
    "Produce without a body": framed(header(0, 7)),
    "Fetch without a body": framed(header(1, 4)),
    "flexible Metadata of garbage": framed(header(3, 12) + b"\0" + b"\xff" * 60),
    "a varint that does not end": framed(header(18, 3) + b"\0" + b"\x80" * 40),
    "records longer than the frame": framed(
        header(0, 7)
        + rawkafka.string(None)
        + struct.pack(">hii", -1, 1000, 1)
        + rawkafka.string("topic-0")
        + struct.pack(">iii", 1, 0, 2**30)
    ),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_that_makes_no_sense_closes_its_connection(cluster, name):
    with cluster.connect() as connection:
        connection.send(FRAMES[name])

        assert connection.is_closed_by_peer()


@pytest.mark.parametrize("kept", [1, 3, 4, 8, 20, -1])
def test_a_frame_cut_short_by_its_sender_is_dropped(cluster, kept):
    topic = cluster.topic()
    with cluster.connect() as connection:
        frame = connection.encode_produce(topic, 0, batches.build([(None, b"v")]))
        connection.send(frame[:kept])
        connection.socket.shutdown(1)

        assert connection.is_closed_by_peer()
    with cluster.connect() as connection:
        assert connection.log_end(topic) == 0


def test_random_bytes_in_a_frame_never_end_the_broker(cluster):
    seed = random.randrange(1 << 31)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(300):
        with cluster.connect(timeout=10) as connection:
            key, version = chance.choice(
                [0, 1, 2, 3, 18, 19, 20, 22, 32, 37, 60, 75]
            ), chance.randrange(14)
            body = header(key, version) + chance.randbytes(chance.randrange(200))
            try:
                connection.send(framed(body))
                connection.socket.shutdown(1)
                while True:
                    connection.receive(1)
            except rawkafka.ConnectionClosed:
                pass


def test_an_unknown_version_of_api_versions_is_told_what_is_known(cluster):
    with cluster.connect() as connection:
        reader = connection.request(rawkafka.API_VERSIONS, 99, b"")
        assert reader.int16() == rawkafka.UNSUPPORTED_VERSION
        known = reader.array(lambda: (reader.int16(), reader.int16(), reader.int16()))
        reader.end()
        assert (18, 0, 4) in known
        connection.api_versions()


def test_a_request_that_comes_byte_by_byte_is_answered(cluster):
    with cluster.connect() as connection:
        for byte in connection.encode(rawkafka.METADATA, 1, struct.pack(">i", -1)):
            connection.send(bytes([byte]))
        connection.answer(connection.correlation)


def test_answers_come_in_the_order_of_the_requests(cluster):
    topic = cluster.topic()
    with cluster.connect() as connection:
        frames = []
        for number in range(60):
            if number % 3 == 0:
                frames.append(connection.encode_produce(topic, 0, batches.build([(None, b"v")])))
            elif number % 3 == 1:
                frames.append(connection.encode_fetch(topic, 0, 0, max_wait=50, min_bytes=1 << 20))
            else:
                frames.append(connection.encode(rawkafka.API_VERSIONS, 0, b""))
        connection.send(b"".join(frames))

        for correlation in range(1, 61):
            connection.answer(correlation)


def test_without_acknowledgement_nothing_is_answered(cluster):
    topic = cluster.topic()
    with cluster.connect() as connection:
        batch = batches.build([(None, b"v")])
        connection.send(connection.encode_produce(topic, 0, batch, acks=0))
        # The next answer is the next request's.
        connection.api_versions()
    with cluster.connect() as connection:
        while connection.log_end(topic) == 0:
            pass


def test_an_error_without_acknowledgement_closes_the_connection(cluster):
    topic = cluster.topic()
    with cluster.connect() as connection:
        bad = batches.build([(None, b"v")], spoil_crc=True)
        connection.send(connection.encode_produce(topic, 0, bad, acks=0))

        assert connection.is_closed_by_peer()


def test_other_numbers_of_acknowledgements_are_refused(cluster):
    topic = cluster.topic()
    with cluster.connect() as connection:
        for acks in (2, -2, 100):
            error, _ = connection.produce(topic, 0, batches.build([(None, b"v")]), acks=acks)
            assert error == rawkafka.INVALID_REQUIRED_ACKS
        assert connection.log_end(topic) == 0


ONE = [(b"k", b"v")]
GOOD = batches.build(ONE)
REFUSED = {
    "a wrong checksum": (batches.build(ONE, spoil_crc=True), {2}),
    "a flipped bit": (GOOD[:-1] + bytes([GOOD[-1] ^ 1]), {2}),
    "a count too high": (batches.build(ONE, count=2, last_delta=1), {87}),
    "a count too low": (batches.build(ONE * 3, count=2, last_delta=1), {87}),
    "a count of none": (batches.build(ONE, count=0), {87}),
    "a negative count": (batches.build(ONE, count=-5), {87, 2}),
    "a last delta that does not fit": (batches.build(ONE, last_delta=4), {87}),
    "bytes behind the records": (
        batches.build(ONE, payload=batches.record(0, b"k", b"v") + b"\0\0"),
        {87, 2},
    ),
    "a record longer than the batch": (
        batches.build(ONE, payload=batches.varint(1000) + b"\0" * 9),
        {87, 2},
    ),
    "a key longer than its record": (batches.build(ONE, payload=b"\x0e\0\0\0\x7e\0\0\0"), {87, 2}),
    "magic 1": (batches.build(ONE, magic=1), {87, 43, 2}),
    "magic 9": (batches.build(ONE, magic=9), {87, 43, 2}),
    "an unknown codec": (batches.build(ONE, attributes=7), {87, 76, 2}),
    "a control batch": (batches.build(ONE, attributes=0x20), {87}),
    "a transactional batch": (
        batches.build(ONE, attributes=0x10, producer=(1000, 0), sequence=0),
        {48},
    ),
    "two batches": (GOOD + GOOD, {87}),
    "half a batch": (GOOD[: len(GOOD) // 2], {87, 2}),
    "less than a header": (GOOD[:20], {87, 2}),
    "nothing": (b"", {87, 2}),
    "no records": (None, {87, 2, 42}),
}
for name in batches.CODECS[1:]:
    garbage = bytes(range(200))
    REFUSED[f"{name} that does not decompress"] = (
        batches.build(ONE, payload=garbage, attributes=batches.CODECS.index(name)),
        {87, 2},
    )
    whole = batches.compress(name, batches.record(0, b"k", b"value" * 100))
    REFUSED[f"{name} cut short"] = (
        batches.build(ONE, payload=whole[:-8], attributes=batches.CODECS.index(name)),
        {87, 2},
    )


@pytest.mark.parametrize("name", REFUSED)
def test_a_batch_that_is_wrong_is_refused_and_not_stored(cluster, name):
    batch, errors = REFUSED[name]
    topic = cluster.topic()
    with cluster.connect() as connection:
        error, _ = connection.produce(topic, 0, batch)

        assert error in errors
        assert connection.log_end(topic) == 0
        assert connection.produce(topic, 0, GOOD) == (rawkafka.NONE, 0)


def zeros(codec: str, size: int) -> bytes:
    """`size` zero bytes behind the start of a record that claims them, compressed."""
    block = bytes(1 << 20)
    body = b"\0\0\0\1" + batches.varint(size)
    start = batches.varint(len(body) + size + 1) + body
    if codec == "gzip":
        return gzip.compress(start + block * (size >> 20) + b"\0", 6)
    if codec == "lz4":
        import lz4.frame

        return lz4.frame.compress(start + block * (size >> 20) + b"\0")
    import zstandard

    worker = zstandard.ZstdCompressor().compressobj()
    parts = [worker.compress(start)]
    parts += [worker.compress(block) for _ in range(size >> 20)]
    return b"".join(parts) + worker.compress(b"\0") + worker.flush()


@pytest.mark.parametrize(
    "codec, size", [("gzip", 200 << 20), ("zstd", 1 << 30), ("lz4", 200 << 20)]
)
def test_a_batch_that_expands_beyond_the_limit_is_refused(cluster, codec, size):
    bomb = batches.build(ONE, payload=zeros(codec, size), attributes=batches.CODECS.index(codec))
    assert len(bomb) < 1_048_588
    topic = cluster.topic()
    with cluster.connect(timeout=60) as connection:
        error, _ = connection.produce(topic, 0, bomb)

        assert error in (
            rawkafka.MESSAGE_TOO_LARGE,
            rawkafka.INVALID_RECORD,
            rawkafka.CORRUPT_MESSAGE,
        )
        assert connection.log_end(topic) == 0
    assert cluster.memory_peak() < 600 << 20, "the broker held the whole expansion"


NAMES = ["../x", "..", ".", "", "a/b", "a" * 250, "a b", "ünlaut", "a\0b", "/etc/passwd", "x\n"]


@pytest.mark.parametrize("name", NAMES)
def test_an_illegal_topic_name_is_refused_and_leaves_no_trace(cluster, name):
    before = sorted(path.name for path in cluster.data.iterdir())
    outside = sorted(path.name for path in cluster.data.parent.iterdir())
    with cluster.connect() as connection:
        assert connection.create_topic(name) == rawkafka.INVALID_TOPIC
        assert connection.metadata([name])[name][0] == rawkafka.INVALID_TOPIC
        error, _ = connection.produce(name, 0, GOOD)
        assert error in (rawkafka.INVALID_TOPIC, rawkafka.UNKNOWN_TOPIC_OR_PARTITION)

    assert sorted(path.name for path in cluster.data.iterdir()) == before
    assert sorted(path.name for path in cluster.data.parent.iterdir()) == outside


def test_the_longest_legal_name_works(cluster):
    topic = cluster.topic(name="n" * 249)

    CONFLUENT.produce(cluster, topic, [(b"k", b"v")], partition=0)

    assert [record.pair for record in CONFLUENT.consume(cluster, topic)] == [(b"k", b"v")]


def test_a_bad_partition_does_not_fail_the_others(cluster):
    topic = cluster.topic(2)
    bad = batches.build(ONE, spoil_crc=True)
    parts = [rawkafka.int32(0) + rawkafka.blob(bad), rawkafka.int32(1) + rawkafka.blob(GOOD)]
    entry = rawkafka.string(topic) + rawkafka.array(parts)
    body = rawkafka.string(None) + struct.pack(">hi", -1, 30_000) + rawkafka.array([entry])
    with cluster.connect() as connection:
        reader = connection.request(rawkafka.PRODUCE, 7, body)
        answers = reader.array(
            lambda: (
                reader.string(),
                dict(reader.array(lambda: (reader.int32(), (reader.int16(), reader.take(24))[0]))),
            )
        )
        assert answers == [(topic, {0: rawkafka.CORRUPT_MESSAGE, 1: rawkafka.NONE})]
        assert connection.log_end(topic, 0) == 0
        assert connection.log_end(topic, 1) == 1


def test_many_idle_and_half_open_connections_starve_nobody(cluster):
    idle = [cluster.connect() for _ in range(200)]
    for connection in idle[::2]:
        connection.send(struct.pack(">i", 50_000_000) + b"\0\0")

    topic = cluster.topic()
    large = batches.of_size(1_000_000)
    with cluster.connect() as connection:
        for number in range(5):
            assert connection.produce(topic, 0, large) == (rawkafka.NONE, number)
    for connection in idle:
        connection.socket.close()


@pytest.fixture(scope="module")
def large_topic(cluster):
    """About 30 MB in one partition."""
    topic = cluster.topic()
    batch = batches.of_size(1_000_000)
    with cluster.connect() as connection:
        for number in range(30):
            assert connection.produce(topic, 0, batch) == (rawkafka.NONE, number)
    return topic


def test_a_client_that_asks_much_and_reads_nothing_holds_up_nobody(cluster, large_topic):
    deaf = [cluster.connect() for _ in range(5)]
    for connection in deaf:
        connection.socket.setblocking(False)
        try:
            for _ in range(200):
                ask = connection.encode_fetch(large_topic, 0, 0, max_bytes=50 << 20)
                connection.socket.send(ask)
        except BlockingIOError:
            pass

    with cluster.connect() as connection:
        error, _, data = connection.fetch(large_topic, 0, 0, max_bytes=50 << 20)
        assert (error, len(data)) == (rawkafka.NONE, 30_000_000)
    for connection in deaf:
        connection.socket.close()
    assert cluster.memory_peak() < 600 << 20


def test_a_client_that_leaves_in_the_middle_of_an_answer_harms_nobody(cluster, large_topic):
    for taken in (0, 4, 1_000, 3_000_000):
        with cluster.connect() as connection:
            connection.send(connection.encode_fetch(large_topic, 0, 0, max_bytes=50 << 20))
            connection.receive(taken)

    with cluster.connect() as connection:
        assert len(connection.fetch(large_topic, 0, 29, max_bytes=50 << 20)[2]) == 1_000_000
