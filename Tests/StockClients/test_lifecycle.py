"""Starting, stopping and configuring the broker as an operator does."""

import signal
import socket
import subprocess
import time

import pytest

import batches
import rawkafka
from broker import BrokerExited, free_port
from clients import CONFLUENT, KCAT, kcat

pytestmark = pytest.mark.real


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_quick_clean_and_marked(new_broker, number):
    broker = new_broker().start()
    topic = broker.topic()
    KCAT.produce(broker, topic, [(b"k", b"v")])

    begin = time.monotonic()
    broker.process.send_signal(number)
    status = broker.process.wait(30)

    # The five seconds are a promise to operators, not a measure of speed.
    assert time.monotonic() - begin < 5
    assert status == 0
    assert (broker.data / ".kafka_cleanshutdown").exists()
    broker.start()
    assert not (broker.data / ".kafka_cleanshutdown").exists(), "the mark outlived the start"
    assert [record.pair for record in CONFLUENT.consume(broker, topic)] == [(b"k", b"v")]


def test_a_stop_finishes_the_answers_that_wait(new_broker):
    broker = new_broker().start()
    topic = broker.topic()
    with broker.connect() as waiting, broker.connect() as idle:
        idle.api_versions()
        waiting.send(waiting.encode_fetch(topic, 0, 0, max_wait=600_000))
        idle.log_end(topic)

        broker.terminate()

        error, _, data = waiting.read_fetch(waiting.correlation)
        assert (error, data) == (rawkafka.NONE, b"")
    assert broker.process.wait(5) == 0


def test_a_stop_under_load_keeps_what_was_acknowledged(new_broker):
    broker = new_broker().start()
    topic = broker.topic()
    acknowledged = 0
    with broker.connect() as connection:
        try:
            while True:
                if acknowledged == 200:
                    broker.terminate()
                error, offset = connection.produce(topic, 0, batches.build([(None, b"v")]))
                if error:
                    break
                assert offset == acknowledged
                acknowledged += 1
        except OSError:
            pass
    assert broker.process.wait(5) == 0

    broker.start()

    assert len(CONFLUENT.consume(broker, topic)) >= acknowledged >= 200


def test_a_data_folder_in_use_is_refused_and_its_owner_named(new_broker):
    first = new_broker().start()
    second = new_broker(data=first.data)

    with pytest.raises(BrokerExited) as refusal:
        second.start()

    assert refusal.value.status != 0
    assert str(first.pid) in refusal.value.log
    with first.connect() as connection:
        connection.api_versions()


def test_a_port_in_use_is_refused_and_named(new_broker, folder):
    first = new_broker().start()
    second = new_broker(data=folder / "other", port=first.port)

    # The readiness probe would reach the first broker, so the second is run by hand.
    done = subprocess.run(second.command(), capture_output=True, text=True, timeout=30)

    assert done.returncode != 0
    assert str(first.port) in done.stderr


def test_a_killed_broker_leaves_no_lock_behind(new_broker):
    broker = new_broker().start()
    broker.kill()

    broker.start()

    assert broker.is_running()


def test_topics_configs_and_ids_outlive_a_stop_and_a_kill(new_broker):
    broker = new_broker().start()
    topic = broker.topic(4, retention_ms=-1, max_message_bytes=2_000)

    for ending in (broker.stop, broker.kill):
        ending()
        broker.start()
        with broker.connect() as connection:
            assert connection.metadata([topic]) == {topic: (rawkafka.NONE, [0, 1, 2, 3])}
            error, _ = connection.produce(topic, 0, batches.of_size(2_001))
            assert error == rawkafka.MESSAGE_TOO_LARGE


def test_flag_beats_environment_beats_file(new_broker, folder):
    file = folder / "broker.properties"
    file.write_text("# a comment\nnum.partitions=2\nmessage.max.bytes=5000\n")
    cases = [({}, {}, 2), ({}, {"MILLRACE_NUM_PARTITIONS": "3"}, 3)]
    cases.append(({"num.partitions": 4}, {"MILLRACE_NUM_PARTITIONS": "3"}, 4))
    for settings, environment, expected in cases:
        broker = new_broker(
            settings=settings, environment=environment, arguments=["--config", str(file)]
        ).start()
        with broker.connect() as connection:
            topic = f"auto-{expected}"
            connection.metadata([topic])
            # Auto-creation may finish after the first answer.
            for _ in range(100):
                error, partitions = connection.metadata([topic])[topic]
                if error == rawkafka.NONE:
                    break
                time.sleep(0.05)
            assert len(partitions) == expected
            error, _ = connection.produce(topic, 0, batches.of_size(5_001))
            assert error == rawkafka.MESSAGE_TOO_LARGE
        broker.stop()


def test_an_unknown_key_is_named(new_broker):
    broker = new_broker(settings={"no.such.key": 1})
    try:
        broker.start()
    except BrokerExited:
        pass

    assert "no.such.key" in broker.log


@pytest.mark.parametrize(
    "settings, named",
    [
        ({"num.partitions": "many"}, "num.partitions"),
        ({"num.partitions": 0}, "num.partitions"),
        ({"log.durability": "perhaps"}, "log.durability"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(new_broker, settings, named):
    broker = new_broker(settings=settings)

    with pytest.raises(BrokerExited) as refusal:
        broker.start()

    assert refusal.value.status != 0
    assert named in refusal.value.log


def test_a_config_file_that_is_missing_is_named(new_broker, folder):
    broker = new_broker(arguments=["--config", str(folder / "absent.properties")])

    with pytest.raises(BrokerExited) as refusal:
        broker.start()

    assert "absent.properties" in refusal.value.log


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_are_printed_without_a_start(pytestconfig, flag):
    done = subprocess.run(
        [str(pytestconfig.executable), flag], capture_output=True, text=True, timeout=30
    )

    assert done.returncode == 0
    assert done.stdout.strip()


def test_the_broker_says_what_it_listens_on(new_broker):
    broker = new_broker().start()

    assert f"127.0.0.1:{broker.port}" in broker.log


@pytest.mark.parametrize("durability", ["interval", "os"])
def test_with_less_durability_records_outlive_a_kill_of_the_process(new_broker, durability):
    broker = new_broker(settings={"log.durability": durability}).start()
    topic = broker.topic()
    sent = [(b"k", b"%d" % number) for number in range(10_000)]
    CONFLUENT.produce(broker, topic, sent, partition=0)

    broker.kill()
    broker.start()

    assert [record.pair for record in CONFLUENT.consume(broker, topic)] == sent


def test_the_advertised_listener_is_what_clients_are_told(new_broker):
    port = free_port()
    broker = new_broker(
        port=port, settings={"advertised.listeners": f"PLAINTEXT://localhost:{port}"}
    ).start()

    assert f"localhost:{port}".encode() in kcat("-L", "-b", broker.bootstrap)


def test_connections_beyond_the_limit_are_refused_and_the_others_stay(new_broker):
    broker = new_broker(settings={"max.connections": 10}).start()
    with broker.connect() as first:
        first.api_versions()
        more = []
        try:
            for _ in range(30):
                try:
                    more.append(socket.create_connection(("127.0.0.1", broker.port), 5))
                except OSError:
                    break
            first.api_versions()
        finally:
            for connection in more:
                connection.close()
    assert broker.is_running()
