#!/usr/bin/env python3
"""What a reader of cold records does to a producer beside it, and to what is in memory.

Starts a broker of its own in a folder of its own, writes --gigabytes of records to the topic
`cold`, drops them from the page cache and proves it with cachestat(2). Then, alternately:

  alone   a producer sends --rate records of 1 KiB a second to the topic `hot`, one request each, and
          measures the time to each acknowledgement; beside it a consumer reads the tail of `hot`
  beside  the same, while a backfill reads `cold` from the beginning

and prints medians of the percentiles with their ratio, the backfill's MB/s, the broker's CPU, and how
much of `hot` and `cold` is in memory afterwards. Speaks the protocol itself, without a client library:
what the clients do is a constant and small share of it. Removes what it wrote. Needs the space twice.

    Benchmarks/cold_reader.py .build/release/millrace-broker --folder /some/disk/cold
"""
import argparse
import ctypes
import multiprocessing
import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import time


def crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


def crc32c(data, table=crc32c_table()):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(value):
    value = value << 1 ^ value >> 63
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def batch(count, size):
    """A batch of `count` records of `size` bytes each, format 2, without compression."""
    records = b""
    for delta in range(count):
        value = os.urandom(size)
        body = b"\0" + varint(0) + varint(delta) + varint(-1) + varint(size) + value + varint(0)
        records += varint(len(body)) + body
    now = int(time.time() * 1000)
    rest = struct.pack(">hiqqqhii", 0, count - 1, now, now, -1, -1, -1, count) + records
    return struct.pack(">qiibI", 0, 9 + len(rest), -1, 2, crc32c(rest)) + rest


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(16 << 20)

    def ask(self, api, version, body):
        head = struct.pack(">hhi", api, version, 1) + text("bench")
        self.socket.sendall(struct.pack(">i", len(head) + len(body)) + head + body)
        return self.take()

    def take(self):
        length = struct.unpack(">i", self.exactly(4))[0]
        return self.exactly(length)[4:]

    def exactly(self, count):
        if len(self.buffer) < count:
            self.buffer = bytearray(count)
        view = memoryview(self.buffer)[:count]
        done = 0
        while done < count:
            found = self.socket.recv_into(view[done:])
            if not found:
                raise EOFError("the broker closed the connection")
            done += found
        return view

    def create(self, topic, configs):
        """CreateTopics 2: one partition."""
        settings = b"".join(text(key) + text(value) for key, value in configs.items())
        body = struct.pack(">i", 1) + text(topic) + struct.pack(">ihi", 1, 1, 0)
        body += struct.pack(">i", len(configs)) + settings + struct.pack(">ib", 30000, 0)
        self.ask(19, 2, body)

    def produce(self, topic, records, acks=1):
        """Produce 3; gives the base offset."""
        body = struct.pack(">hhii", -1, acks, 30000, 1) + text(topic)
        body += struct.pack(">iii", 1, 0, len(records)) + records
        answer = self.ask(0, 3, body)
        position = 4 + 2 + len(topic) + 4 + 4
        code, offset = struct.unpack_from(">hq", answer, position)
        if code:
            raise RuntimeError(f"produce failed with code {code}")
        return offset

    def fetch(self, topic, offset, wait=500, limit=1 << 20):
        """Fetch 4; gives the number of bytes, the next offset and the high watermark."""
        body = struct.pack(">iiiib", -1, wait, 1, 52428800, 0)
        body += struct.pack(">i", 1) + text(topic) + struct.pack(">iiqi", 1, 0, offset, limit)
        answer = self.ask(1, 4, body)
        position = 4 + 4 + 2 + len(topic) + 4
        _, code, high, _, aborted = struct.unpack_from(">ihqqi", answer, position)
        if code:
            raise RuntimeError(f"fetch failed with code {code}")
        position += 26 + max(0, aborted) * 16
        size = struct.unpack_from(">i", answer, position)[0]
        position += 4
        end = position + size
        while position + 27 <= end:
            base, length = struct.unpack_from(">qi", answer, position)
            if position + 12 + length > end:
                break
            offset = base + struct.unpack_from(">i", answer, position + 23)[0] + 1
            position += 12 + length
        return size, offset, high


def cached_share(folder):
    """The share of a folder's log files that is in the page cache, cachestat(2), and their bytes."""
    libc = ctypes.CDLL(None, use_errno=True)
    cached = total = 0
    for name in os.listdir(folder):
        if not name.endswith(".log"):
            continue
        descriptor = os.open(os.path.join(folder, name), os.O_RDONLY)
        size = os.fstat(descriptor).st_size
        found = (ctypes.c_uint64 * 5)()
        if libc.syscall(451, descriptor, (ctypes.c_uint64 * 2)(0, size), found, 0) != 0:
            raise OSError(ctypes.get_errno(), "cachestat")
        cached += found[0] * 4096
        total += size
        os.close(descriptor)
    return cached, total


def forget(folder):
    for name in os.listdir(folder):
        descriptor = os.open(os.path.join(folder, name), os.O_RDONLY)
        os.fdatasync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def backfill(port, start, stop, results):
    connection = Connection(port)
    offset, count, began = start, 0, time.monotonic()
    while not stop.is_set():
        size, offset, high = connection.fetch("cold", offset)
        count += size
        if offset >= high:
            break
    results.put((offset, count, time.monotonic() - began))


def tail(port, start, stop, results):
    connection = Connection(port)
    offset = start
    while not stop.is_set():
        _, offset, _ = connection.fetch("hot", offset, wait=100)
    results.put(offset)


def paced_producer(port, seconds, rate):
    connection = Connection(port)
    record = batch(1, 1024)
    latencies = []
    began = time.monotonic()
    number = 0
    while (due := began + number / rate) < began + seconds:
        delay = due - time.monotonic()
        if delay > 0:
            time.sleep(delay)
        sent = time.perf_counter()
        connection.produce("hot", record)
        # From when it was due: a producer that is held up sends late, and that counts.
        latencies.append(time.perf_counter() - sent + max(0, -delay))
        number += 1
    latencies.sort()
    return [latencies[min(len(latencies) - 1, int(len(latencies) * part))] * 1e6
            for part in (0.5, 0.9, 0.99, 0.999)]


def measure(port, pid, seconds, rate, cold_offset):
    """One run; with a backfill from `cold_offset` on unless that is None."""
    stop, results, tails = multiprocessing.Event(), multiprocessing.Queue(), multiprocessing.Queue()
    high = Connection(port).fetch("hot", 0, wait=0, limit=1)[2]
    processes = [multiprocessing.Process(target=tail, args=(port, high, stop, tails))]
    if cold_offset is not None:
        processes.append(
            multiprocessing.Process(target=backfill, args=(port, cold_offset, stop, results)))
    for process in processes:
        process.start()
    time.sleep(0.3)
    cpu = cpu_seconds(pid)
    percentiles = paced_producer(port, seconds, rate)
    cpu = cpu_seconds(pid) - cpu
    stop.set()
    found = results.get() if cold_offset is not None else (None, 0, 1)
    tails.get()
    for process in processes:
        process.join()
    return percentiles, cpu, found


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("broker")
    options.add_argument("--folder", required=True, help="made, and removed at the end")
    options.add_argument("--gigabytes", type=int, default=8)
    options.add_argument("--seconds", type=float, default=12)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--rate", type=int, default=1000, help="records a second")
    options.add_argument("--set", action="append", default=[], help="a key of the broker")
    options.add_argument("--keep", action="store_true", help="leave the folder for another run")
    options = options.parse_args()

    is_new = not os.path.exists(options.folder)
    parent = os.path.dirname(os.path.abspath(options.folder))
    if is_new and shutil.disk_usage(parent).free < 2 * options.gigabytes << 30:
        sys.exit("not enough space: twice the gigabytes must be free")
    os.makedirs(options.folder, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [f"listeners=PLAINTEXT://127.0.0.1:{port}", "log.level=warning"] + options.set
    broker = subprocess.Popen(
        [options.broker, "--data", options.folder]
        + [word for setting in arguments for word in ("--set", setting)])
    try:
        for _ in range(200):
            try:
                connection = Connection(port)
                break
            except OSError:
                time.sleep(0.05)
        if is_new:
            # As fast as it goes, and synced by the drop below.
            connection.create("cold", {"durability": "os"})
            connection.create("hot", {})
            records = batch(15, 65536)
            for _ in range(-(-(options.gigabytes << 30) // len(records))):
                connection.produce("cold", records)
            for _ in range(2000):
                connection.produce("hot", records)
        cold, hot = f"{options.folder}/cold-0", f"{options.folder}/hot-0"
        offset, runs = 0, {"alone": [], "beside": []}
        speeds, costs = [], []
        forget(cold)
        cached, total = cached_share(cold)
        print(f"cold: {total / 1e9:.2f} GB, {cached / 1e6:.1f} MB of it in memory")
        cached, total = cached_share(hot)
        print(f"hot: {total / 1e6:.0f} MB, {cached / total:.1%} of it in memory")
        measure(port, broker.pid, 3, options.rate, None)
        for _ in range(options.rounds):
            alone, cpu_alone, _ = measure(port, broker.pid, options.seconds, options.rate, None)
            beside, cpu, found = measure(
                port, broker.pid, options.seconds, options.rate, offset)
            offset, count, seconds = found
            runs["alone"].append(alone)
            runs["beside"].append(beside)
            speeds.append(count / seconds / 1e6)
            costs.append((cpu - cpu_alone) / (count / 1e9))
            print(f"alone {[round(value) for value in alone]} beside "
                  f"{[round(value) for value in beside]} us, "
                  f"{speeds[-1]:.0f} MB/s, {costs[-1]:.2f} CPU s/GB", flush=True)
        middle = {name: [statistics.median(column) for column in zip(*rows)]
                  for name, rows in runs.items()}
        for name, value in zip(("p50", "p90", "p99", "p99.9"), range(4)):
            alone, beside = middle["alone"][value], middle["beside"][value]
            print(f"{name}: {alone:.0f} us alone, {beside:.0f} us beside, {beside / alone:.2f} x")
        print(f"backfill: {statistics.median(speeds):.0f} MB/s, "
              f"{statistics.median(costs):.2f} broker CPU s/GB")
        cached, total = cached_share(hot)
        print(f"hot: {total / 1e6:.0f} MB, {cached / total:.1%} of it in memory")
        time.sleep(2)
        cached, total = cached_share(cold)
        print(f"cold: {cached / 1e6:.1f} MB of {total / 1e9:.2f} GB in memory 2 s later")
    finally:
        broker.terminate()
        broker.wait()
        if not options.keep:
            shutil.rmtree(options.folder)


if __name__ == "__main__":
    main()
