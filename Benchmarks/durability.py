#!/usr/bin/env python3
"""What durable acknowledgements cost: a broker's default policy against `log.durability=os`.

    durability.py BROKER FOLDER [--partitions 1,256,2048] [--in-flight 32] [--rounds 3] ...

For each number of partitions, brokers of both policies take turns on empty folders below FOLDER,
loaded by `spread` (see spread.c; compiled when needed): one connection, batches of one record, so
many requests in flight, acks=all. Throughput and the broker's processor time are medians of the
rounds, and so is their ratio, taken round against round. Then one request is in flight at a time,
in one partition: the median wait is compared with that of a bare write and fdatasync of as many
bytes in the same folder, right before and after. Prints a table with each bar met or missed; the
exit status is 0 when all are met. Needs nothing but a C compiler; FOLDER must be on a real disk.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Tests" / "StockClients"))

import rawkafka  # noqa: E402

TOPIC = "spread"
LEAST_THROUGHPUT = 0.7  # of that with `os`
MOST_CPU = 1.5  # times that with `os`
MOST_ADDED_US = 100  # to a bare write and fdatasync


def compiled_spread():
    source = pathlib.Path(__file__).with_name("spread.c")
    default = pathlib.Path.home() / ".cache" / "millrace-bench"
    program = pathlib.Path(os.environ.get("BENCH_HOME", default)) / "spread"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-O2", "-o", program, source], check=True)
    return program


class Broker:
    """A broker on an empty folder, with the topic; stopped and its folder removed at the end."""

    def __init__(self, options, settings, partitions):
        self.folder = pathlib.Path(options.folder) / "data"
        shutil.rmtree(self.folder, ignore_errors=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [options.broker, "--data", self.folder, "--port", str(self.port)]
        for setting in list(settings) + options.set:
            command += ["--set", setting]
        log = open(f"{options.folder}/broker.log", "ab")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        end = time.monotonic() + 30
        while True:
            try:
                with rawkafka.Connection(self.port, timeout=60) as connection:
                    error = connection.create_topic(TOPIC, partitions)
                    assert error == 0, f"CreateTopics gave error {error}"
                    return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise SystemExit(f"no broker; see {log.name}")
                time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.folder)

    def cpu_seconds(self):
        """User and system time, that of the kernel's workers for the process included."""
        words = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def load(options, broker, partitions, in_flight, seconds):
    """One run of `spread`, with the broker's processor seconds for a GB of batches."""
    before = broker.cpu_seconds()
    words = [compiled_spread(), "127.0.0.1", broker.port, TOPIC, partitions, seconds, options.size]
    done = subprocess.run(
        [str(word) for word in words + [in_flight, -1]], check=True, capture_output=True
    )
    found = json.loads(done.stdout)
    found["cpu_s_gb"] = (broker.cpu_seconds() - before) / (found["all_bytes"] / 1e9)
    return found


def measured(options, settings, partitions, in_flight):
    with Broker(options, settings, partitions) as broker:
        # Files are opened, and the journal's are made, before what counts.
        load(options, broker, partitions, in_flight, 1)
        return load(options, broker, partitions, in_flight, options.seconds)


def raw_write_p50(options, count=2000):
    """Microseconds of a write and fdatasync of one batch's bytes at a file's end."""
    path = pathlib.Path(options.folder) / "raw"
    data = os.urandom(options.size + 70)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    waits = []
    for _ in range(count):
        begin = time.monotonic()
        os.write(file, data)
        os.fdatasync(file)
        waits.append(time.monotonic() - begin)
    os.close(file)
    os.unlink(path)
    return statistics.median(waits) * 1e6


def compare(options, partitions, in_flight):
    """Rounds of both policies in turn; whether the bars are met."""
    rounds = []
    for number in range(options.rounds):
        found = {}
        # Who goes first changes: what one leaves to the disk is not always the other's to bear.
        for policy in ["os", "sync"] if number % 2 == 0 else ["sync", "os"]:
            found[policy] = measured(
                options, [f"log.durability={policy}"], partitions, in_flight
            )
        rounds.append(found)
    middle = {
        policy: {
            figure: statistics.median(found[policy][figure] for found in rounds)
            for figure in ["mb_s", "cpu_s_gb", "p50_us", "p99_us"]
        }
        for policy in ["os", "sync"]
    }

    def ratio(figure):
        return statistics.median(found["sync"][figure] / found["os"][figure] for found in rounds)

    throughput, cpu = ratio("mb_s"), ratio("cpu_s_gb")
    is_met = throughput >= LEAST_THROUGHPUT, cpu <= MOST_CPU
    cells = [str(partitions), str(in_flight), str(options.size)]
    for policy in ["os", "sync"]:
        each = "/".join(f"{found[policy]['mb_s']:.0f}" for found in rounds)
        cells.append(f"{middle[policy]['mb_s']:.1f} ({each})")
    cells += [
        f"{throughput:.2f} {verdict(is_met[0])}",
        f"{middle['os']['cpu_s_gb']:.1f}",
        f"{middle['sync']['cpu_s_gb']:.1f}",
        f"{cpu:.2f} {verdict(is_met[1])}",
        f"{middle['sync']['p50_us']:.0f}, {middle['sync']['p99_us']:.0f}",
    ]
    print("| " + " | ".join(cells) + " |", flush=True)
    return all(is_met)


def single(options):
    raws, waits = [raw_write_p50(options)], []
    for _ in range(options.rounds):
        waits.append(measured(options, ["log.durability=sync"], 1, 1)["p50_us"])
        raws.append(raw_write_p50(options))
    raw, wait = statistics.median(raws), statistics.median(waits)
    is_met = wait <= raw + MOST_ADDED_US
    print(
        f"\nOne record in flight, p50: {wait:.0f} µs "
        f"({', '.join(f'{each:.0f}' for each in waits)}); bare write and fdatasync {raw:.0f} µs "
        f"({', '.join(f'{each:.0f}' for each in raws)}); "
        f"{wait - raw:+.0f} µs, bar +{MOST_ADDED_US}: {verdict(is_met)}"
    )
    return is_met


def verdict(is_met):
    return "pass" if is_met else "**miss**"


def numbers(text):
    return [int(word) for word in text.split(",")] if text else []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("broker")
    parser.add_argument("folder")
    parser.add_argument("--partitions", type=numbers, default=[1, 256, 2048])
    parser.add_argument("--in-flight", type=numbers, default=[32])
    parser.add_argument("--size", type=int, default=1024, help="bytes of a record")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--set", action="append", default=[], help="a setting of both brokers")
    parser.add_argument("--no-single", action="store_true", help="leave out the single record")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    if options.partitions:
        print(
            "| partitions | in flight | record | `os`, MB/s | `sync`, MB/s "
            f"| of it (bar {LEAST_THROUGHPUT}) | `os`, CPU s/GB | `sync`, CPU s/GB "
            f"| times (bar {MOST_CPU}) | `sync`, p50 and p99 µs |\n|" + "---|" * 10
        )
    met = [
        compare(options, partitions, in_flight)
        for partitions in options.partitions
        for in_flight in options.in_flight
    ]
    if not options.no_single:
        met.append(single(options))
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
