"""A disk that is full, and files among the data that are not the broker's."""

import os
import shutil
import subprocess

import pytest

import batches
import rawkafka
from broker import BrokerExited
from clients import CONFLUENT

pytestmark = pytest.mark.real


@pytest.fixture
def small_disk(folder):
    """A file system of 256 MB of its own; without the right to mount one the test is skipped. The
    broker leaves 64 MB of it free for checkpoints and deletions."""
    image, mounted = folder / "image", folder / "mounted"
    mounted.mkdir()
    with open(image, "wb") as file:
        file.truncate(256 << 20)
    mkfs = shutil.which("mkfs.ext4") or "/sbin/mkfs.ext4"
    if not os.path.exists(mkfs):
        pytest.skip("no mkfs.ext4 here")
    subprocess.run([mkfs, "-q", "-m", "0", image], check=True)
    mount = subprocess.run(["mount", "-o", "loop", image, mounted], capture_output=True, text=True)
    if mount.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mount.stderr.strip()}")
    yield mounted
    subprocess.run(["umount", mounted], check=True)


def fill(connection, topic, already=0):
    """Produces until the broker refuses; returns the offsets that are acknowledged."""
    batch = batches.build([(b"k", os.urandom(900_000))])
    acknowledged = already
    for _ in range(200):
        error, offset = connection.produce(topic, 0, batch)
        if error != rawkafka.NONE:
            return acknowledged, error
        assert offset == acknowledged
        acknowledged += 1
    raise AssertionError("the disk did not fill up")


def test_a_full_disk_refuses_records_and_loses_none(small_disk, new_broker):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(100 << 20))
    broker = new_broker(data=small_disk / "data").start()
    topic, other = broker.topic(segment_bytes=4 << 20), broker.topic()

    with broker.connect() as connection:
        assert connection.produce(other, 0, batches.build([(None, b"v")])) == (rawkafka.NONE, 0)
        acknowledged, error = fill(connection, topic)
        assert error == rawkafka.KAFKA_STORAGE_ERROR
        assert acknowledged > 5
        # It stays up and serves what it has.
        assert connection.log_end(topic) == acknowledged
        assert connection.metadata([topic])[topic] == (rawkafka.NONE, [0])
    assert len(CONFLUENT.consume(broker, topic)) == acknowledged
    assert len(CONFLUENT.consume(broker, other)) == 1

    ballast.unlink()
    with broker.connect() as connection:
        again, error = connection.produce(topic, 0, batches.build([(None, b"after")]))
        assert (again, error) == (rawkafka.NONE, acknowledged), "space is back, writing is not"
    assert broker.stop() == 0
    broker.start()

    assert len(CONFLUENT.consume(broker, topic)) == acknowledged + 1
    assert len(CONFLUENT.consume(broker, other)) == 1


def test_a_broker_killed_on_a_full_disk_starts_again(small_disk, new_broker):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(100 << 20))
    broker = new_broker(data=small_disk / "data").start()
    topic = broker.topic(segment_bytes=4 << 20)
    with broker.connect() as connection:
        acknowledged, _ = fill(connection, topic)

    broker.kill()
    broker.start()
    assert len(CONFLUENT.consume(broker, topic)) == acknowledged
    broker.restart()
    ballast.unlink()

    assert len(CONFLUENT.consume(broker, topic)) == acknowledged
    CONFLUENT.produce(broker, topic, [(b"k", b"after")], partition=0)
    assert len(CONFLUENT.consume(broker, topic)) == acknowledged + 1


def test_a_journal_on_a_full_disk_loses_no_acknowledged_record(small_disk, new_broker):
    """Small batches of many logs, whose acknowledgement is the journal's: their segments are not synced
    yet when the disk is full and the broker killed."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(100 << 20))
    broker = new_broker(
        data=small_disk / "data", settings={"log.journal.bytes": 16 << 20}
    ).start()
    partitions = 8
    topic = broker.topic(partitions, segment_bytes=4 << 20)
    batch = batches.build([(b"k", os.urandom(20_000))])
    acknowledged, full = [0] * partitions, set()
    with broker.connect() as connection:
        while len(full) < partitions:
            asked = [partition for partition in range(partitions) if partition not in full]
            calls = []
            for partition in asked:
                connection.send(connection.encode_produce(topic, partition, batch))
                calls.append((partition, connection.correlation))
            for partition, correlation in calls:
                error, offset = connection.read_produce(correlation)
                if error == rawkafka.NONE:
                    assert offset == acknowledged[partition]
                    acknowledged[partition] += 1
                else:
                    assert error == rawkafka.KAFKA_STORAGE_ERROR
                    full.add(partition)
    assert min(acknowledged) > 50
    assert list(broker.data.glob("journal-*")), "there is no journal"

    broker.kill()
    broker.start()
    with broker.connect() as connection:
        ends = [connection.log_end(topic, partition) for partition in range(partitions)]
        assert all(end >= kept for end, kept in zip(ends, acknowledged))
        ballast.unlink()
        for partition in range(partitions):
            assert connection.produce(topic, partition, batch) == (rawkafka.NONE, ends[partition])


def test_foreign_files_among_the_data_are_left_alone(new_broker, folder):
    data = folder / "data"
    (data / "lost+found").mkdir(parents=True)
    (data / "notes.txt").write_text("mine")
    (data / "not-a-partition").mkdir()
    (data / "file-0").write_text("a file where a folder might be")
    (data / "dangling-0").symlink_to(folder / "nowhere")
    broker = new_broker(data=data).start()
    topic = broker.topic()
    (broker.folder(topic) / "readme").write_text("mine too")
    CONFLUENT.produce(broker, topic, [(b"k", b"v")])

    broker.restart()
    broker.kill()
    broker.start()

    assert len(CONFLUENT.consume(broker, topic)) == 1
    assert (data / "notes.txt").read_text() == "mine"
    assert (broker.folder(topic) / "readme").read_text() == "mine too"
    assert (data / "not-a-partition").is_dir()


@pytest.mark.parametrize("file", ["partition.metadata", "leader-epoch-checkpoint", "segment"])
def test_a_file_that_cannot_be_read_is_named_and_harms_no_other_topic(new_broker, file):
    broker = new_broker().start()
    broken, sound = broker.topic(), broker.topic()
    for topic in (broken, sound):
        CONFLUENT.produce(broker, topic, [(b"k", b"v")], partition=0)
    broker.stop()
    path = broker.log_files(broken)[0] if file == "segment" else broker.folder(broken) / file
    path.unlink(missing_ok=True)
    path.mkdir()

    try:
        broker.start()
    except BrokerExited as refusal:
        # Refusing to start is an answer too, as long as it says why.
        assert path.name in refusal.log or path.parent.name in refusal.log
        path.rmdir()
        return

    # A log is opened when it is first needed.
    with broker.connect() as connection:
        error, _ = connection.produce(broken, 0, batches.build([(b"k", b"v")]))
    assert error == rawkafka.KAFKA_STORAGE_ERROR
    assert path.name in broker.log or path.parent.name in broker.log
    assert len(CONFLUENT.consume(broker, sound)) == 1


@pytest.mark.parametrize(
    "name", ["recovery-point-offset-checkpoint", "log-start-offset-checkpoint"]
)
def test_a_garbled_checkpoint_is_named_and_costs_no_record(new_broker, name):
    broker = new_broker().start()
    topic = broker.topic()
    CONFLUENT.produce(broker, topic, [(b"k", b"v")] * 100, partition=0)
    broker.stop()
    (broker.data / name).write_bytes(b"\xff\0garbage\n")

    with pytest.raises(BrokerExited) as refusal:
        broker.start()

    assert f"{name}, line 1" in refusal.value.log
    assert "delete the file" in refusal.value.log
    (broker.data / name).unlink()
    broker.start()
    assert len(CONFLUENT.consume(broker, topic)) == 100


def test_a_data_folder_of_a_newer_format_is_refused(new_broker):
    broker = new_broker().start()
    broker.stop()
    properties = broker.data / "meta.properties"
    properties.write_text(properties.read_text().replace("version=1", "version=99"))

    with pytest.raises(BrokerExited) as refusal:
        broker.start()

    assert "meta.properties" in refusal.value.log


def test_a_data_folder_that_cannot_be_made_is_named(new_broker, folder):
    (folder / "file").write_text("in the way")
    broker = new_broker(data=folder / "file" / "data")
    broker.log_path = folder / "broker.log"

    with pytest.raises(BrokerExited) as refusal:
        broker.start()

    assert str(broker.data) in refusal.value.log
