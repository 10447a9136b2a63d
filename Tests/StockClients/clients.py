"""One way to produce and one to consume for each stock client, all with explicit offsets."""

import dataclasses
import subprocess

import confluent_kafka
import kafka
import pytest

LARGEST = 64 << 20


@dataclasses.dataclass(frozen=True)
class Record:
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple = ()

    @property
    def pair(self):
        return self.key, self.value


def kcat(*arguments: str, input: bytes | None = None, patience: float = 120) -> bytes:
    done = subprocess.run(
        ["kcat", *arguments],
        input=input,
        stdin=subprocess.DEVNULL if input is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=patience,
    )
    complaint = done.stderr.decode(errors="replace")
    assert done.returncode == 0, f"kcat {' '.join(arguments)}: {complaint}"
    return done.stdout


class Kcat:
    name = "kcat"

    def produce(self, cluster, topic, pairs, codec="none", partition=None, **settings):
        """Keys and values must be free of tabs and line ends."""
        arguments = ["-P", "-b", cluster.bootstrap, "-t", topic, "-K", "\t", "-z", codec]
        if partition is not None:
            arguments += ["-p", str(partition)]
        for key, value in settings.items():
            arguments += ["-X", f"{key.replace('_', '.')}={value}"]
        kcat(*arguments, input=b"".join(b"%b\t%b\n" % pair for pair in pairs))

    def consume(self, cluster, topic, partition=0, offset="beginning") -> list[Record]:
        text = kcat(
            *("-C", "-b", cluster.bootstrap, "-t", topic, "-p", str(partition)),
            *("-o", str(offset), "-e", "-q", "-X", "check.crcs=true"),
            *("-X", "fetch.wait.max.ms=100", "-f", "%o\t%T\t%K\t%S\t%k%s"),
        )
        return list(self._parse(text))

    @staticmethod
    def _parse(text: bytes):
        position = 0
        while position < len(text):
            *numbers, _ = text[position : position + 80].split(b"\t", 4)
            position += sum(map(len, numbers)) + 4
            offset, timestamp, key_length, value_length = map(int, numbers)
            key = None if key_length < 0 else text[position : position + key_length]
            position += max(key_length, 0)
            value = None if value_length < 0 else text[position : position + value_length]
            position += max(value_length, 0)
            yield Record(offset, timestamp, key, value)


class Confluent:
    name = "confluent-kafka"

    @staticmethod
    def producer(cluster, **settings) -> confluent_kafka.Producer:
        base = {
            "bootstrap.servers": cluster.bootstrap,
            "linger.ms": 5,
            "queue.buffering.max.messages": 1_000_000,
            "message.timeout.ms": 60_000,
        }
        base.update({key.replace("_", "."): value for key, value in settings.items()})
        return confluent_kafka.Producer(base)

    def produce(self, cluster, topic, pairs, codec="none", partition=None, **settings):
        producer = self.producer(cluster, compression_codec=codec, **settings)
        failures = []

        def report(error, message):
            if error:
                failures.append(error)

        place = {} if partition is None else {"partition": partition}
        for key, value in pairs:
            while True:
                try:
                    producer.produce(topic, value, key, on_delivery=report, **place)
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        left = producer.flush(120)
        assert not failures, f"{len(failures)} records failed, the first: {failures[0]}"
        assert left == 0, f"{left} records were never acknowledged"

    @staticmethod
    def consumer(cluster, **settings) -> confluent_kafka.Consumer:
        base = {
            "bootstrap.servers": cluster.bootstrap,
            "group.id": "unused",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "check.crcs": True,
            "fetch.wait.max.ms": 100,
            "auto.offset.reset": "error",
            "isolation.level": "read_uncommitted",
        }
        base.update({key.replace("_", "."): value for key, value in settings.items()})
        return confluent_kafka.Consumer(base)

    def consume(self, cluster, topic, partition=0, offset="beginning") -> list[Record]:
        start = confluent_kafka.OFFSET_BEGINNING if offset == "beginning" else offset
        consumer = self.consumer(cluster)
        found = []
        try:
            consumer.assign([confluent_kafka.TopicPartition(topic, partition, start)])
            while True:
                messages = consumer.consume(10_000, timeout=1)
                for message in messages:
                    error = message.error()
                    if error and error.code() == confluent_kafka.KafkaError._PARTITION_EOF:
                        return found
                    assert not error, error
                    found.append(
                        Record(
                            message.offset(),
                            message.timestamp()[1],
                            message.key(),
                            message.value(),
                            tuple(message.headers() or ()),
                        )
                    )
        finally:
            consumer.close()


def needs_real(cluster):
    if cluster.data is None:
        pytest.skip("kafka-python does not speak with the mock cluster")


class KafkaPython:
    """It cannot make sense of the mock cluster's ApiVersions, so it needs the broker itself."""

    name = "kafka-python"

    def produce(self, cluster, topic, pairs, codec="none", partition=None, **settings):
        needs_real(cluster)
        producer = kafka.KafkaProducer(
            bootstrap_servers=cluster.bootstrap,
            compression_type=None if codec == "none" else codec,
            linger_ms=5,
            max_request_size=LARGEST,
            **settings,
        )
        try:
            futures = [
                producer.send(topic, value, key, partition=partition) for key, value in pairs
            ]
            producer.flush(120)
            for future in futures:
                future.get(60)
        finally:
            producer.close()

    def consume(self, cluster, topic, partition=0, offset="beginning") -> list[Record]:
        needs_real(cluster)
        consumer = kafka.KafkaConsumer(
            bootstrap_servers=cluster.bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=100,
        )
        found = []
        try:
            place = kafka.TopicPartition(topic, partition)
            consumer.assign([place])
            if offset == "beginning":
                consumer.seek_to_beginning(place)
            else:
                consumer.seek(place, offset)
            end = consumer.end_offsets([place])[place]
            while consumer.position(place) < end:
                for message in consumer.poll(1000).get(place, []):
                    found.append(
                        Record(
                            message.offset,
                            message.timestamp,
                            message.key,
                            message.value,
                            tuple(message.headers or ()),
                        )
                    )
            return found
        finally:
            consumer.close()


KCAT, CONFLUENT, KAFKA_PYTHON = Kcat(), Confluent(), KafkaPython()
