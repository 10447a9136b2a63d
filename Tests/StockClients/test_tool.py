"""The command-line tool `millrace`, from the release build, on what brokers and clients wrote."""

import json
import os
import signal
import subprocess
import time

import pytest

from clients import CONFLUENT

pytestmark = pytest.mark.real


@pytest.fixture(scope="session")
def tool(pytestconfig):
    """Stands beside the broker in the folder of the build."""
    path = pytestconfig.executable.with_name("millrace")
    if not path.exists():
        pytest.skip(f"no {path}; build it with: swift build -c release --product millrace")
    return path


def run(tool, *arguments, patience=120):
    return subprocess.run(
        [tool, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience,
    )


@pytest.fixture
def written(new_broker, folder, flights):
    """A running broker with what a client produced, and the topic."""
    broker = new_broker(data=folder / "data", settings={"log.segment.bytes": 1 << 20}).start()
    topic = broker.topic(partitions=2)
    pairs = [(b"%d" % number, b"flight %d " % number * 10) for number in range(5_000)]
    for partition in range(2):
        CONFLUENT.produce(broker, topic, pairs, codec="lz4", partition=partition)
    return broker, topic, pairs


def test_a_folder_left_in_order_has_no_damage(tool, written):
    broker, topic, pairs = written
    assert broker.stop() == 0

    done = run(tool, "log", "verify", broker.data, "--output", "json")

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout
    assert lines[-1]["damage"] == 0 and lines[-1]["records"] >= 2 * len(pairs)
    assert not list(broker.data.glob("*.tmp"))


def test_a_folder_left_by_a_kill_has_no_damage(tool, written):
    broker, _, _ = written
    broker.kill()

    done = run(tool, "log", "verify", broker.data)

    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("no damage")


def test_a_changed_byte_is_named(tool, written):
    broker, topic, _ = written
    broker.stop()
    log = broker.log_files(topic)[0]
    with open(log, "r+b") as file:
        file.seek(100)
        byte = file.read(1)
        file.seek(100)
        file.write(bytes([byte[0] ^ 1]))

    done = run(tool, "log", "verify", broker.data)
    dump = run(tool, "log", "dump", log, "--no-records")

    assert done.returncode == 1 and dump.returncode == 1
    assert f"damage: {log} at byte 0: the batch's checksum" in done.stdout
    assert f"damage: {log} at byte 0: the batch's checksum" in dump.stdout
    assert "isvalid: false" in dump.stdout


def test_a_folder_in_use_is_left_to_its_broker(tool, written):
    broker, _, _ = written

    refused = run(tool, "log", "verify", broker.data)
    live = run(tool, "log", "verify", broker.data, "--live")

    assert refused.returncode == 2 and str(broker.pid) in refused.stderr
    assert live.returncode == 0, live.stdout
    assert broker.is_running() and broker.stop() == 0


def test_the_dump_holds_every_record(tool, written):
    broker, topic, pairs = written
    broker.stop()

    done = run(tool, "log", "dump", broker.folder(topic), "--output", "json")

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    records = [line for line in lines if line["type"] == "record"]
    assert done.returncode == 0
    assert [(r["key"].encode(), r["value"].encode()) for r in records] == pairs
    assert [r["offset"] for r in records] == list(range(len(pairs)))


def test_a_small_measurement_reports_and_cleans_up(tool, folder):
    done = run(
        *(tool, "bench", "store", folder, "--quick", "--bytes", "4M", "--output", "json"),
        *("--html", folder / "report.html"),
    )

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    kinds = {case["kind"] for case in report["cases"]}
    assert kinds >= {"append", "tail", "catchup", "mixed", "recovery", "compaction", "codecs"}
    for case in report["cases"]:
        assert all(len(series["rounds"]) == 3 for series in case["series"])
    page = (folder / "report.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and page.count("<svg ") > len(report["cases"])
    assert os.listdir(folder) == ["report.html"]


def test_a_measurement_that_is_stopped_cleans_up(tool, folder):
    process = subprocess.Popen(
        [tool, "bench", "store", folder, "--bytes", "64M", "--rounds", "1000"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 30
    while not os.listdir(folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=30)

    assert process.returncode == 130, complaint
    assert b"stopped; what was made is removed" in complaint
    assert os.listdir(folder) == []


@pytest.mark.parametrize(
    "arguments, status, words",
    [
        (["bench", "store", "/no/such/folder"], 2, "no such file or folder"),
        (["bench", "store", "--bytes", "3"], 64, "--bytes takes a size"),
        (["bench", "store", "--bytes", "9000G"], 2, "the measurement needs"),
        (["log", "dump", "/etc/hostname"], 2, "no name that the store or Kafka gives"),
        (["log", "verify", "/etc"], 2, "neither a data folder nor"),
        (["log", "dump", "x", "--from", "3", "--to", "3"], 64, "must lie below"),
    ],
)
def test_what_cannot_be_done_is_said(tool, arguments, status, words):
    done = run(tool, *arguments)

    assert done.returncode == status
    assert words in done.stderr
