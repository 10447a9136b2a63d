"""A broker started on folders that Apache Kafka 3.8 wrote serves them as its own."""

import re
import shutil
import subprocess

import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient

import events
from clients import CONFLUENT, KAFKA_PYTHON, KCAT

pytestmark = pytest.mark.real

TOPICS = {"codecs": 10_000, "compacted": 2_400, "shapes": 4, "transactions": 606}
RECORD = re.compile(
    r"\| offset: (\d+) CreateTime: (-?\d+) keySize: (-?\d+) valueSize: (-?\d+) (.*)"
)


@pytest.fixture(scope="module")
def kafka_data(workspace):
    folder = workspace / "kafka"
    folder.mkdir()
    archive = events.DATA / "kafka-3.8-partitions.tar.zst"
    subprocess.run(["tar", "--zstd", "-xf", archive, "-C", folder], check=True)
    return folder


@pytest.fixture
def adopted(new_broker, kafka_data, folder):
    shutil.copytree(kafka_data / "clean", folder / "data")
    settings = {"log.retention.ms": -1, "log.retention.bytes": -1}
    return new_broker(data=folder / "data", settings=settings).start()


def dumped(kafka_data, topic):
    """Offset, time and sizes of every record that clients get to see, as Kafka's own tool says."""
    found = []
    text = (kafka_data / "dump" / f"{topic}-0.txt").read_text()
    for offset, time, key, value, rest in map(re.Match.groups, RECORD.finditer(text)):
        if "endTxnMarker" not in rest:
            found.append((int(offset), int(time), int(key), int(value)))
    return sorted(set(found))


def size(data):
    return -1 if data is None else len(data)


def outline(records):
    return [(r.offset, r.timestamp, size(r.key), size(r.value)) for r in records]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_record_reads_as_kafkas_dump_says(adopted, kafka_data, topic):
    expected = dumped(kafka_data, topic)
    assert expected, "the dump holds no record of this topic"

    for client in (KCAT, CONFLUENT, KAFKA_PYTHON):
        assert outline(client.consume(adopted, topic)) == expected, client.name


def test_the_clients_read_the_same_bytes(adopted):
    for topic in TOPICS:
        one = CONFLUENT.consume(adopted, topic)
        other = KAFKA_PYTHON.consume(adopted, topic)
        assert [record.pair for record in one] == [record.pair for record in other]


def test_names_ids_and_ends_are_kafkas(adopted, kafka_data):
    admin = AdminClient({"bootstrap.servers": adopted.bootstrap})
    cluster = admin.describe_cluster().result(30)
    topics = admin.describe_topics(confluent_kafka.TopicCollection(list(TOPICS)))

    assert cluster.cluster_id == "MkU3OEVBNTcwNTJENDM2Qg"
    assert [node.id for node in cluster.nodes] == [1]
    for topic, future in topics.items():
        metadata = (kafka_data / "clean" / f"{topic}-0" / "partition.metadata").read_text()
        # The client prints ids in the other alphabet of base 64.
        found = str(future.result(30).topic_id).replace("+", "-").replace("/", "_")
        assert found == re.search(r"topic_id: (\S+)", metadata).group(1)
    with adopted.connect() as connection:
        assert {topic: connection.log_end(topic) for topic in TOPICS} == TOPICS


def test_an_adopted_log_goes_on_and_stays_adopted(adopted):
    adopted.restart()
    for topic, end in TOPICS.items():
        CONFLUENT.produce(adopted, topic, [(b"k", b"ours")], partition=0)
        last = CONFLUENT.consume(adopted, topic, offset=end)
        assert [(record.offset, record.pair) for record in last] == [(end, (b"k", b"ours"))]


def test_an_adopted_folder_outlives_a_kill(adopted, kafka_data):
    adopted.kill()

    adopted.start()

    for topic in TOPICS:
        assert outline(CONFLUENT.consume(adopted, topic)) == dumped(kafka_data, topic)


def test_a_folder_copied_from_a_running_kafka_recovers(new_broker, kafka_data, folder):
    shutil.copytree(kafka_data / "unclean", folder / "data")

    broker = new_broker(data=folder / "data", settings={"log.retention.ms": -1}).start()

    expected = dumped(kafka_data, "transactions")
    assert outline(CONFLUENT.consume(broker, "transactions")) == expected
