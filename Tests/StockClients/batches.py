"""Record batches of version 2, built and read independently of the broker.

The 61 bytes of the header:

     0 base offset      8 batch length   12 leader epoch   16 magic        17 CRC-32C
    21 attributes      23 last delta     27 base time      35 max time     43 producer id
    51 producer epoch  53 base sequence  57 record count
"""

import dataclasses
import gzip
import pathlib
import struct
import time

HEADER = struct.Struct(">qiibIhiqqqhii")
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _crc_table()


def crc32c(data: bytes) -> int:
    crc, table = 0xFFFFFFFF, _TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def varint(value: int) -> bytes:
    """Zigzag, seven bits a byte, lowest first."""
    value = value << 1 ^ value >> 63
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _sized(data: bytes | None) -> bytes:
    return varint(-1) if data is None else varint(len(data)) + data


def record(delta: int, key: bytes | None, value: bytes | None, time_delta: int = 0) -> bytes:
    body = b"\0" + varint(time_delta) + varint(delta) + _sized(key) + _sized(value) + varint(0)
    return varint(len(body)) + body


def compress(codec: str, payload: bytes) -> bytes:
    if codec == "gzip":
        return gzip.compress(payload)
    if codec == "snappy":
        import snappy

        return snappy.compress(payload)
    if codec == "lz4":
        import lz4.frame

        return lz4.frame.compress(payload)
    if codec == "zstd":
        import zstandard

        return zstandard.compress(payload)
    return payload


def build(
    records,
    codec: str = "none",
    producer=(-1, -1),
    sequence: int = -1,
    timestamp: int | None = None,
    attributes: int = 0,
    count: int | None = None,
    last_delta: int | None = None,
    magic: int = 2,
    payload: bytes | None = None,
    spoil_crc: bool = False,
) -> bytes:
    """One batch of `(key, value)` or `(key, value, timestamp)` records. The later arguments make
    it wrong on purpose: another count, other payload bytes, a CRC that does not fit."""
    timestamp = int(time.time() * 1000) if timestamp is None else timestamp
    times = [entry[2] if len(entry) > 2 else timestamp for entry in records]
    base_time = times[0] if times else timestamp
    if payload is None:
        payload = compress(
            codec,
            b"".join(
                record(index, entry[0], entry[1], at - base_time)
                for index, (entry, at) in enumerate(zip(records, times))
            ),
        )
    covered = (
        struct.pack(
            ">hiqqqhii",
            attributes | CODECS.index(codec),
            len(records) - 1 if last_delta is None else last_delta,
            base_time,
            max(times, default=timestamp),
            *producer,
            sequence,
            len(records) if count is None else count,
        )
        + payload
    )
    crc = crc32c(covered) ^ spoil_crc
    return struct.pack(">qiibI", 0, len(covered) + 9, -1, magic, crc) + covered


def of_size(size: int) -> bytes:
    """A batch of one uncompressed record that is exactly `size` bytes long."""
    value = size - 80
    while True:
        batch = build([(None, b"x" * value)])
        if len(batch) == size:
            return batch
        value += size - len(batch)


@dataclasses.dataclass(frozen=True)
class Header:
    position: int
    base_offset: int
    byte_count: int
    leader_epoch: int
    codec: str
    last_offset: int
    producer_id: int
    record_count: int


def headers(data: bytes) -> list[Header]:
    """The batches that lie in `data` one after the other; a short last one is left out."""
    found = []
    position = 0
    while position + HEADER.size <= len(data):
        fields = HEADER.unpack_from(data, position)
        length = fields[1] + 12
        if fields[3] != 2 or length < HEADER.size or position + length > len(data):
            break
        found.append(
            Header(
                position=position,
                base_offset=fields[0],
                byte_count=length,
                leader_epoch=fields[2],
                codec=CODECS[fields[5] & 7],
                last_offset=fields[0] + fields[6],
                producer_id=fields[9],
                record_count=fields[12],
            )
        )
        position += length
    return found


def stored(files: list[pathlib.Path]) -> list[Header]:
    """The headers of all batches in the segments of one partition."""
    return [header for file in files for header in headers(file.read_bytes())]


def crc_is_right(data: bytes, header: Header) -> bool:
    batch = data[header.position : header.position + header.byte_count]
    return struct.unpack_from(">I", batch, 17)[0] == crc32c(batch[21:])
