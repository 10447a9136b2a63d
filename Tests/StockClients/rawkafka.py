"""A few requests of Kafka's protocol over a bare socket, written from the message definitions.

It shares no code with the broker or with any client, so it can send what no client would and
judge what comes back. All integers are big-endian.
"""

import socket
import struct

PRODUCE, FETCH, LIST_OFFSETS, METADATA = 0, 1, 2, 3
API_VERSIONS, CREATE_TOPICS, DELETE_TOPICS, INIT_PRODUCER_ID = 18, 19, 20, 22

# Kafka's error codes that the tests name.
NONE = 0
OFFSET_OUT_OF_RANGE = 1
CORRUPT_MESSAGE = 2
UNKNOWN_TOPIC_OR_PARTITION = 3
MESSAGE_TOO_LARGE = 10
INVALID_TOPIC = 17
INVALID_REQUIRED_ACKS = 21
UNSUPPORTED_VERSION = 35
TOPIC_ALREADY_EXISTS = 36
INVALID_PARTITIONS = 37
UNSUPPORTED_FOR_MESSAGE_FORMAT = 43
OUT_OF_ORDER_SEQUENCE = 45
DUPLICATE_SEQUENCE = 46
INVALID_PRODUCER_EPOCH = 47
INVALID_TXN_STATE = 48
KAFKA_STORAGE_ERROR = 56
UNSUPPORTED_COMPRESSION_TYPE = 76
INVALID_RECORD = 87


class ConnectionClosed(OSError):
    """The broker closed the connection instead of answering."""


def int8(value):
    return struct.pack(">b", value)


def int16(value):
    return struct.pack(">h", value)


def int32(value):
    return struct.pack(">i", value)


def int64(value):
    return struct.pack(">q", value)


def string(value: str | None) -> bytes:
    if value is None:
        return int16(-1)
    data = value.encode()
    return int16(len(data)) + data


def array(items: list[bytes] | None) -> bytes:
    if items is None:
        return int32(-1)
    return int32(len(items)) + b"".join(items)


def blob(data: bytes | None) -> bytes:
    return int32(-1) if data is None else int32(len(data)) + data


class Reader:
    """Takes values off the front of an answer."""

    def __init__(self, data: bytes):
        self.data = data
        self.position = 0

    def take(self, count: int) -> bytes:
        if count < 0 or self.position + count > len(self.data):
            raise ValueError(f"{count} bytes wanted at {self.position} of {len(self.data)}")
        self.position += count
        return self.data[self.position - count : self.position]

    def number(self, format: str) -> int:
        return struct.unpack(">" + format, self.take(struct.calcsize(format)))[0]

    def int8(self):
        return self.number("b")

    def int16(self):
        return self.number("h")

    def int32(self):
        return self.number("i")

    def int64(self):
        return self.number("q")

    def string(self) -> str | None:
        length = self.int16()
        return None if length < 0 else self.take(length).decode()

    def blob(self) -> bytes | None:
        length = self.int32()
        return None if length < 0 else self.take(length)

    def array(self, element) -> list | None:
        length = self.int32()
        return None if length < 0 else [element() for _ in range(length)]

    def end(self) -> None:
        assert self.position == len(self.data), "bytes after the end of the answer"


class Connection:
    """One TCP connection. Requests may be sent ahead of their answers."""

    def __init__(self, port: int, timeout: float = 30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self, count: int) -> bytes:
        parts = []
        while count:
            try:
                part = self.socket.recv(min(count, 1 << 20))
            except (ConnectionResetError, BrokenPipeError) as reset:
                raise ConnectionClosed(str(reset)) from reset
            if not part:
                raise ConnectionClosed("end of stream")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def frame(self) -> bytes:
        """The next answer, without its length."""
        return self.receive(struct.unpack(">i", self.receive(4))[0])

    def is_closed_by_peer(self) -> bool:
        """Waits for the end of the stream; an answer counts as not closed."""
        try:
            self.receive(1)
        except ConnectionClosed:
            return True
        return False

    def encode(self, key: int, version: int, body: bytes, client: str | None = "raw") -> bytes:
        """A framed request with header version 1. Flexible versions are not spoken here."""
        self.correlation += 1
        request = struct.pack(">hhi", key, version, self.correlation) + string(client) + body
        return int32(len(request)) + request

    def answer(self, correlation: int) -> Reader:
        reader = Reader(self.frame())
        found = reader.int32()
        assert found == correlation, f"answer {found} came where {correlation} was due"
        return reader

    def request(self, key: int, version: int, body: bytes) -> Reader:
        self.send(self.encode(key, version, body))
        return self.answer(self.correlation)

    def api_versions(self) -> dict[int, tuple[int, int]]:
        reader = self.request(API_VERSIONS, 0, b"")
        assert reader.int16() == NONE
        found = reader.array(lambda: (reader.int16(), reader.int16(), reader.int16()))
        reader.end()
        return {key: (low, high) for key, low, high in found}

    def metadata(self, topics: list[str] | None) -> dict[str, tuple[int, list[int]]]:
        """For each topic its error and its partitions (Metadata 1)."""
        names = None if topics is None else [string(topic) for topic in topics]
        reader = self.request(METADATA, 1, array(names))
        reader.array(lambda: (reader.int32(), reader.string(), reader.int32(), reader.string()))
        reader.int32()

        def partition():
            reader.int16()
            index = reader.int32()
            reader.int32()
            reader.array(reader.int32)
            reader.array(reader.int32)
            return index

        def topic():
            error, name = reader.int16(), reader.string()
            reader.int8()
            return name, (error, sorted(reader.array(partition)))

        found = dict(reader.array(topic))
        reader.end()
        return found

    def encode_produce(self, topic, partition, batch, acks=-1, timeout=30_000) -> bytes:
        """Produce 7, one partition."""
        entry = string(topic) + array([int32(partition) + blob(batch)])
        body = string(None) + int16(acks) + int32(timeout) + array([entry])
        return self.encode(PRODUCE, 7, body)

    def read_produce(self, correlation: int) -> tuple[int, int]:
        reader = self.answer(correlation)

        def partition():
            reader.int32()
            error, offset = reader.int16(), reader.int64()
            reader.int64()
            reader.int64()
            return error, offset

        def topic():
            reader.string()
            return reader.array(partition)

        found = reader.array(topic)
        reader.int32()
        reader.end()
        return found[0][0]

    def produce(self, topic, partition, batch, acks=-1, timeout=30_000) -> tuple[int, int]:
        """The error code and the offset of the first record."""
        self.send(self.encode_produce(topic, partition, batch, acks, timeout))
        return self.read_produce(self.correlation)

    def encode_fetch(
        self, topic, partition, offset, max_wait=0, min_bytes=1, max_bytes=1 << 20
    ) -> bytes:
        """Fetch 4, one partition."""
        entry = string(topic) + array([int32(partition) + int64(offset) + int32(max_bytes)])
        body = int32(-1) + int32(max_wait) + int32(min_bytes) + int32(max_bytes) + int8(0)
        return self.encode(FETCH, 4, body + array([entry]))

    def read_fetch(self, correlation: int) -> tuple[int, int, bytes]:
        reader = self.answer(correlation)
        reader.int32()

        def partition():
            reader.int32()
            error, high_watermark = reader.int16(), reader.int64()
            reader.int64()
            reader.array(lambda: (reader.int64(), reader.int64()))
            return error, high_watermark, reader.blob() or b""

        def topic():
            reader.string()
            return reader.array(partition)

        found = reader.array(topic)
        reader.end()
        return found[0][0]

    def fetch(self, topic, partition, offset, **limits) -> tuple[int, int, bytes]:
        """The error code, the high watermark and the batches."""
        self.send(self.encode_fetch(topic, partition, offset, **limits))
        return self.read_fetch(self.correlation)

    def list_offset(self, topic, partition, timestamp=-1) -> tuple[int, int, int]:
        """The error code, the timestamp found and its offset (ListOffsets 1)."""
        entry = string(topic) + array([int32(partition) + int64(timestamp)])
        reader = self.request(LIST_OFFSETS, 1, int32(-1) + array([entry]))

        def partition_answer():
            reader.int32()
            return reader.int16(), reader.int64(), reader.int64()

        def topic_answer():
            reader.string()
            return reader.array(partition_answer)

        found = reader.array(topic_answer)
        reader.end()
        return found[0][0]

    def log_end(self, topic, partition=0) -> int:
        error, _, offset = self.list_offset(topic, partition)
        assert error == NONE, f"ListOffsets gave error {error}"
        return offset

    def create_topic(self, name, partitions=1, configs=None, timeout=30_000) -> int:
        """The error code (CreateTopics 2)."""
        settings = [string(key) + string(value) for key, value in (configs or {}).items()]
        entry = string(name) + int32(partitions) + int16(1) + array([]) + array(settings)
        reader = self.request(CREATE_TOPICS, 2, array([entry]) + int32(timeout) + int8(0))
        reader.int32()
        found = reader.array(lambda: (reader.string(), reader.int16(), reader.string()))
        reader.end()
        return found[0][1]

    def delete_topic(self, name, timeout=30_000) -> int:
        """The error code (DeleteTopics 1)."""
        reader = self.request(DELETE_TOPICS, 1, array([string(name)]) + int32(timeout))
        reader.int32()
        found = reader.array(lambda: (reader.string(), reader.int16()))
        reader.end()
        return found[0][1]

    def init_producer_id(self) -> tuple[int, int]:
        """A producer id with its epoch (InitProducerId 0)."""
        reader = self.request(INIT_PRODUCER_ID, 0, string(None) + int32(60_000))
        reader.int32()
        error = reader.int16()
        assert error == NONE, f"InitProducerId gave error {error}"
        found = reader.int64(), reader.int16()
        reader.end()
        return found
