#!/usr/bin/env python3
"""Start and stop with many logs, or with one large one, as clients see it.

    many_logs.py many BROKER FOLDER [--logs 10000] [--segments 10]
    many_logs.py large BROKER FOLDER [--gigabytes 3]

`many` writes a data folder as Kafka would leave it after a clean stop, then starts and stops the
broker on it: the first start looks into each log, those after it read the manifest. In the end it
changes a few logs and kills the broker. `large` fills one partition, kills the broker and starts it
again. What was in FOLDER is kept: remove it by hand. One line of JSON for each step.
"""

import argparse
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Tests" / "StockClients"))

import batches  # noqa: E402
import rawkafka  # noqa: E402

TOPIC = "many"
TOPIC_ID = "AQIDBAUGBwgJCgsMDQ4PEA"


def say(step, **figures):
    print(json.dumps({"step": step, **figures}), flush=True)


class Broker:
    def __init__(self, executable, folder, settings=()):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.command = [executable, "--data", str(folder), "--port", str(self.port)]
        for setting in settings:
            self.command += ["--set", setting]
        self.log = open(f"{folder}.log", "ab")

    def start(self):
        """Seconds to the first answer that names all partitions."""
        begin = time.monotonic()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        while time.monotonic() - begin < 300:
            try:
                with rawkafka.Connection(self.port) as connection:
                    found = connection.metadata(None)
                    return time.monotonic() - begin, sum(len(p) for _, p in found.values())
            except OSError:
                pass
            if self.process.poll() is not None:
                raise SystemExit(f"the broker ended with status {self.process.returncode}")
            time.sleep(0.002)
        raise SystemExit("no answer in 300 s")

    def stop(self, number=signal.SIGTERM):
        begin = time.monotonic()
        self.process.send_signal(number)
        self.process.wait()
        return time.monotonic() - begin

    def memory(self):
        """Megabytes resident, and descriptors open."""
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        files = len(os.listdir(f"/proc/{self.process.pid}/fd"))
        return {"rss_mb": round(pages * 4096 / 1e6, 1), "descriptors": files}

    def read_bytes(self):
        """Bytes that the process asked the kernel to read."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/io").read_text().splitlines():
            if line.startswith("rchar"):
                return int(line.split()[1])


def make_many(folder, logs, segments):
    """Logs as Kafka leaves them: in each segment one batch of ten records."""
    folder.mkdir(parents=True)
    records = 10
    files = {}
    now = int(time.time() * 1000)
    for number in range(segments):
        batch = bytearray(
            batches.build(
                [(b"key", b"value-%06d" % index) for index in range(records)], timestamp=now
            )
        )
        base = number * records
        struct.pack_into(">q", batch, 0, base)
        struct.pack_into(">i", batch, 12, 0)
        files[f"{base:020}.log"] = bytes(batch)
        files[f"{base:020}.index"] = b""
        files[f"{base:020}.timeindex"] = struct.pack(">qi", now, records - 1)
    # No producers: version, CRC-32C of what follows, number of entries.
    entries = struct.pack(">i", 0)
    files[f"{segments * records:020}.snapshot"] = (
        struct.pack(">hI", 1, batches.crc32c(entries)) + entries
    )
    files["leader-epoch-checkpoint"] = b"0\n1\n0 0\n"
    files["partition.metadata"] = f"version: 0\ntopic_id: {TOPIC_ID}".encode()
    for partition in range(logs):
        path = folder / f"{TOPIC}-{partition}"
        path.mkdir()
        for name, data in files.items():
            (path / name).write_bytes(data)
    end = segments * records
    points = "".join(f"{TOPIC} {partition} {end}\n" for partition in range(logs))
    for name in ["recovery-point-offset-checkpoint", "replication-offset-checkpoint"]:
        (folder / name).write_text(f"0\n{logs}\n{points}")
    (folder / ".kafka_cleanshutdown").write_text('{"version":0,"brokerEpoch":1}')
    return end


def many(options):
    folder = pathlib.Path(options.folder)
    end = options.segments * 10
    if not folder.exists():
        begin = time.monotonic()
        make_many(folder, options.logs, options.segments)
        subprocess.run(["sync"], check=True)
        say("folder made", seconds=round(time.monotonic() - begin, 1))
    broker = Broker(options.broker, folder)
    for step in ["start, no manifest", "clean start", "clean start again"]:
        seconds, partitions = broker.start()
        say(step, metadata_s=round(seconds, 3), partitions=partitions, **broker.memory())
        if step != "start, no manifest":
            with rawkafka.Connection(broker.port) as connection:
                times = []
                for partition in range(0, options.logs, max(1, options.logs // 200)):
                    begin = time.monotonic()
                    error, high, data = connection.fetch(TOPIC, partition, end - 1)
                    times.append(time.monotonic() - begin)
                    assert error == 0 and high >= end and data, (partition, error, high)
                times.sort()
                say(
                    "tails of logs never touched",
                    count=len(times),
                    p50_ms=round(times[len(times) // 2] * 1e3, 3),
                    max_ms=round(times[-1] * 1e3, 3),
                )
                if step == "clean start again":
                    begin = time.monotonic()
                    for partition in range(options.logs):
                        error, high, data = connection.fetch(TOPIC, partition, end - 1)
                        assert error == 0 and data
                    say(
                        "all tails, one after the other",
                        seconds=round(time.monotonic() - begin, 2),
                        **broker.memory(),
                    )
        say("clean stop", seconds=round(broker.stop(), 3))
    broker.start()
    with rawkafka.Connection(broker.port) as connection:
        batch = batches.build([(b"key", b"value")])
        ends = {}
        for partition in range(0, options.logs, max(1, options.logs // 20)):
            error, offset = connection.produce(TOPIC, partition, batch)
            assert error == 0, error
            ends[partition] = offset + 1
    broker.stop(signal.SIGKILL)
    seconds, partitions = broker.start()
    say(
        "start after kill -9", metadata_s=round(seconds, 3), changed=len(ends),
        read_mb=round(broker.read_bytes() / 1e6, 1), **broker.memory(),
    )
    with rawkafka.Connection(broker.port) as connection:
        for partition, expected in ends.items():
            error, high, data = connection.fetch(TOPIC, partition, expected - 1)
            assert error == 0 and high == expected and data, (partition, error, high, expected)
    say("clean stop", seconds=round(broker.stop(), 3))


def large(options):
    folder = pathlib.Path(options.folder)
    broker = Broker(options.broker, folder)
    broker.start()
    value = os.urandom(1 << 10)
    sent = 0

    def next_batch():
        """Timestamps rise as they do for most producers, every 250 batches: making one takes a while here."""
        nonlocal batch, sent
        if sent % 250 == 0 and not (options.still and sent):
            batch = batches.build([(None, value)] * 60)
        sent += 1
        return batch

    batch = b""
    with rawkafka.Connection(broker.port) as connection:
        connection.create_topic("large", 1)
        wanted = int(options.gigabytes * 1e9)
        written = 0
        begin = time.monotonic()
        ahead = 32
        waiting = 0
        while written < wanted or waiting:
            while written < wanted and waiting < ahead:
                connection.send(connection.encode_produce("large", 0, next_batch()))
                written += len(batch)
                waiting += 1
            connection.frame()
            waiting -= 1
        say("filled", bytes=written, seconds=round(time.monotonic() - begin, 1))
        end = connection.log_end("large")
    for _ in range(3):
        broker.stop(signal.SIGKILL)
        begin = time.monotonic()
        seconds, _ = broker.start()
        with rawkafka.Connection(broker.port) as connection:
            error, high, data = connection.fetch("large", 0, end - 1)
            assert error == 0 and high == end and data, (error, high, end)
            served = time.monotonic() - begin
            error, offset = connection.produce("large", 0, batch)
            assert error == 0 and offset == end, (error, offset)
            end = offset + 60
            acknowledged = time.monotonic() - begin
        say(
            "start after kill -9", metadata_s=round(seconds, 3), read_s=round(served, 3),
            acknowledged_s=round(acknowledged, 3), read_mb=round(broker.read_bytes() / 1e6, 1),
        )
    say("clean stop", seconds=round(broker.stop(), 3))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("case", choices=["many", "large"])
    parser.add_argument("broker")
    parser.add_argument("folder")
    parser.add_argument("--logs", type=int, default=10_000)
    parser.add_argument("--segments", type=int, default=10)
    parser.add_argument("--gigabytes", type=float, default=3)
    parser.add_argument("--still", action="store_true", help="large: all records of one timestamp")
    options = parser.parse_args()
    {"many": many, "large": large}[options.case](options)


if __name__ == "__main__":
    main()
