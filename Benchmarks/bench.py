#!/usr/bin/env python3
"""Loads a Kafka-protocol broker with stock clients and reports medians, the broker's CPU first.

    bench.py --name millrace --pid $(pidof millrace-broker)
             [--broker 127.0.0.1:9092] [--sets prod,cons,comp,e2e] [--partitions 1,8]
             [--runs 3] [--scale 1.0]
    bench.py --summary results/*.jsonl

Run ./setup.sh once before. Each run adds a line of JSON to $BENCH_HOME/results/NAME.jsonl: seconds,
messages and megabytes a second, CPU seconds of client and broker (user and system, children
included), the broker's CPU seconds for a GB of payload, its resident memory, and the load that
others put on the machine meanwhile. One run of each case comes first and is not counted: memory
pages that are fresh cost far more than resident ones.
"""

import argparse
import collections
import glob
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time

HOME = os.environ.get("BENCH_HOME", os.path.expanduser("~/.cache/millrace-bench"))
TICKS = os.sysconf("SC_CLK_TCK")
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--summary", nargs="*", metavar="FILE")
    parser.add_argument("--name", help="what the results are filed under")
    parser.add_argument("--pid", type=int, help="the broker's process")
    parser.add_argument("--broker", default="127.0.0.1:9092")
    parser.add_argument("--sets", default="prod,cons,e2e")
    parser.add_argument("--partitions", default="1,8")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of messages")
    parser.add_argument(
        "--quiet-wait", type=float, default=12, help="seconds to wait for an idle machine"
    )
    given = parser.parse_args()
    if given.summary is None and not (given.pid and given.name):
        parser.error("--name and --pid are needed")
    return given


# What the machine and the broker have used.


def process_tree(pid):
    found = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            children = open(f"/proc/{pid}/task/{task}/children").read().split()
        except OSError:
            continue
        for child in children:
            found += process_tree(int(child))
    return found


def broker_seconds(pid):
    total = 0
    for process in process_tree(pid):
        fields = open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def machine_seconds():
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:]]
    idle = fields[3] + fields[4]
    return (sum(fields[:8]) - idle) / TICKS


def client_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory(pid):
    """Megabytes resident now and at the highest."""
    lines = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if ":" in line)
    return tuple(int(lines[key].split()[0]) // 1024 for key in ("VmRSS", "VmHWM"))


def await_quiet(pid, patience):
    """Waits for a second in which others use less than a fifth of a core."""
    begin = time.monotonic()
    while time.monotonic() - begin < patience:
        machine, broker = machine_seconds(), broker_seconds(pid)
        time.sleep(1)
        if machine_seconds() - machine - (broker_seconds(pid) - broker) < 0.2:
            return


# What the load programs print.


def produced(text):
    pattern = (
        r"(\d+) messages produced \((\d+) bytes\), (\d+) delivered \(offset -?\d+, (\d+) failed\)"
        r" in (\d+)ms: (\d+) msgs/s and ([\d.]+) MB/s"
    )
    _, size, delivered, failed, wall, rate, megabytes = re.findall(pattern, text)[-1]
    return dict(
        msgs=int(delivered),
        bytes=int(size),
        failed=int(failed),
        wall=int(wall) / 1e3,
        msgs_s=int(rate),
        mb_s=float(megabytes),
    )


def consumed(text):
    pattern = r"(\d+) messages \((\d+) bytes\) consumed in (\d+)ms: (\d+) msgs/s \(([\d.]+) MB/s\)"
    count, size, wall, rate, megabytes = re.findall(pattern, text)[-1]
    return dict(
        msgs=int(count),
        bytes=int(size),
        wall=int(wall) / 1e3,
        msgs_s=int(rate),
        mb_s=float(megabytes),
    )


def told(text):
    return json.loads([line for line in text.splitlines() if line.startswith("{")][-1])


class Bench:
    def __init__(self, given):
        sys.path.insert(0, glob.glob(f"{HOME}/venv/lib/python3*/site-packages")[0])
        from confluent_kafka import admin

        self.given = given
        self.new_topic = admin.NewTopic
        self.admin = admin.AdminClient({"bootstrap.servers": given.broker, "log_level": 3})
        self.serial = int(time.time()) % 100_000
        os.makedirs(f"{HOME}/results", exist_ok=True)
        self.path = f"{HOME}/results/{given.name}.jsonl"

    def create(self, prefix, partitions):
        self.serial += 1
        name = f"{prefix}{self.serial}"
        for future in self.admin.create_topics([self.new_topic(name, partitions, 1)]).values():
            future.result(30)
        for _ in range(200):
            topic = self.admin.list_topics(name, timeout=5).topics.get(name)
            if topic and topic.error is None and len(topic.partitions) == partitions:
                if all(partition.leader >= 0 for partition in topic.partitions.values()):
                    return name
            time.sleep(0.05)
        raise SystemExit(f"{name} has no leaders")

    def delete(self, name):
        for future in self.admin.delete_topics([name], operation_timeout=30).values():
            future.result(30)

    def measure(self, command, parse, run, **case):
        pid = self.given.pid
        await_quiet(pid, self.given.quiet_wait)
        load = os.getloadavg()[0]
        before = broker_seconds(pid), machine_seconds(), client_seconds()
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=580
        )
        broker = broker_seconds(pid) - before[0]
        machine = machine_seconds() - before[1]
        client = client_seconds() - before[2]
        resident, peak = memory(pid)
        result = dict(
            case,
            run=run,
            name=self.given.name,
            rc=done.returncode,
            client_cpu=round(client, 2),
            broker_cpu=round(broker, 2),
            other_cpu=round(machine - client - broker, 2),
            rss_mb=resident,
            peak_mb=peak,
            load1=round(load, 2),
        )
        try:
            result.update(parse(done.stdout))
        except (IndexError, ValueError) as trouble:
            result["error"] = f"{trouble}: {done.stdout[-600:]}"
        if result.get("bytes"):
            result["broker_cpu_s_per_gb"] = round(broker / (result["bytes"] / 1e9), 3)
        if run >= 0 or "error" in result or result["rc"]:
            with open(self.path, "a") as results:
                results.write(json.dumps(result) + "\n")

    def throughput(self, size, count, partitions, acks, run, consume):
        broker, given_partition = self.given.broker, ["-p", "0"] if partitions == 1 else []
        case = dict(size=size, parts=partitions, codec="none", run=run)
        topic = self.create("bench", partitions)
        self.measure(
            [
                f"{HOME}/rdkafka_performance",
                "-P",
                "-t",
                topic,
                "-b",
                broker,
                "-s",
                str(size),
                "-c",
                str(count),
                "-a",
                acks.replace("all", "-1"),
                "-q",
                "-X",
                "linger.ms=5",
                *given_partition,
            ],
            produced,
            set="prod",
            acks=acks,
            **case,
        )
        if consume:
            # One partition is assigned; several need a consumer group.
            way = ["-C", "-p", "0"] if partitions == 1 else ["-G", f"group-{topic}"]
            self.measure(
                [
                    f"{HOME}/rdkafka_performance",
                    *way,
                    "-t",
                    topic,
                    "-b",
                    broker,
                    "-o",
                    "beginning",
                    "-c",
                    str(count),
                    "-q",
                ],
                consumed,
                set="cons",
                acks="-",
                **case,
            )
        self.delete(topic)

    def compressed(self, size, count, codec, run):
        case = dict(size=size, parts=1, codec=codec, run=run)
        topic = self.create("comp", 1)
        self.measure(
            [
                f"{HOME}/load",
                "produce",
                self.given.broker,
                topic,
                str(count),
                str(size),
                "1",
                codec,
            ],
            told,
            set="comp",
            acks="1",
            **case,
        )
        self.measure(
            [
                f"{HOME}/rdkafka_performance",
                "-C",
                "-p",
                "0",
                "-t",
                topic,
                "-b",
                self.given.broker,
                "-o",
                "beginning",
                "-c",
                str(count),
                "-q",
            ],
            consumed,
            set="ccons",
            acks="-",
            **case,
        )
        self.delete(topic)

    def round_trip(self, acks, count, run):
        topic = self.create("e2e", 1)
        self.measure(
            [f"{HOME}/load", "round-trip", self.given.broker, topic, str(count), "100", acks],
            told,
            set="e2e",
            size=100,
            parts=1,
            acks=acks,
            codec="none",
            run=run,
        )
        self.delete(topic)

    def all(self):
        sets = self.given.sets.split(",")
        runs = range(-1, self.given.runs)

        def scaled(count):
            return max(1_000, int(count * self.given.scale))

        for size, count in ((100, scaled(5_000_000)), (1024, scaled(1_000_000))):
            for partitions in map(int, self.given.partitions.split(",")):
                for acks in ("1", "all"):
                    consume = "cons" in sets and acks == "1"
                    if "prod" in sets or consume:
                        for run in runs:
                            self.throughput(size, count, partitions, acks, run, consume)
            if "comp" in sets:
                for codec in CODECS:
                    for run in runs:
                        self.compressed(size, count, codec, run)
        if "e2e" in sets:
            for acks in ("1", "all"):
                for run in runs:
                    self.round_trip(acks, scaled(10_000), run)


def summarize(path):
    groups = collections.OrderedDict()
    for line in open(path):
        result = json.loads(line)
        if result.get("error") or result.get("rc"):
            print("FAILED", result.get("set"), result.get("size"), str(result.get("error"))[:200])
            continue
        key = tuple(result[field] for field in ("name", "set", "size", "parts", "acks", "codec"))
        groups.setdefault(key, []).append(result)
    for key, results in groups.items():

        def median(field):
            return statistics.median(result[field] for result in results)

        head = "%-10s %-5s %5s B %2sp acks=%-3s %-6s" % key
        if "e2e_us" in results[0]:
            for way in ("e2e_us", "ack_us"):
                values = {
                    name: statistics.median(result[way][name] for result in results)
                    for name in results[0][way]
                }
                print(head, way, values, f"load {median('load1'):.1f}")
            continue
        slowest = min(result["mb_s"] for result in results)
        fastest = max(result["mb_s"] for result in results)
        print(
            head,
            f"| {median('msgs_s'):9.0f} msg/s {median('mb_s'):7.1f} MB/s ({slowest:.0f}..{fastest:.0f})"
            f" | broker {median('broker_cpu_s_per_gb'):5.2f} s/GB, {median('broker_cpu'):5.2f} s"
            f" (client {median('client_cpu'):5.2f} s) | RSS {median('rss_mb'):4.0f} MB"
            f" | load {median('load1'):.1f}, others {median('other_cpu'):.1f} s | n={len(results)}",
        )


def main():
    given = arguments()
    if given.summary is not None:
        for path in given.summary:
            summarize(path)
        return
    bench = Bench(given)
    bench.all()
    summarize(bench.path)


if __name__ == "__main__":
    main()
