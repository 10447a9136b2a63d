"""A Millrace broker as a child process, and librdkafka's mock cluster as its stand-in."""

import ctypes
import itertools
import os
import pathlib
import signal
import socket
import subprocess
import time

import rawkafka

# Every broker that this run has started and not yet forgotten: for logs on failure, for cleaning up.
started: list["Broker"] = []


class BrokerExited(Exception):
    """The broker ended by itself; carries its exit status and its log."""

    def __init__(self, status: int, log: str):
        super().__init__(f"the broker exited with status {status}:\n{log}")
        self.status = status
        self.log = log


_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """In the child: the kernel ends the broker when the tests end, however they do."""
    PR_SET_PDEATHSIG = 1
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """One broker on a loopback port of its own. Killing and starting it again keeps port and data."""

    names = itertools.count()

    def __init__(self, executable, data, settings=None, arguments=(), environment=None, port=None):
        self.executable = str(executable)
        self.data = pathlib.Path(data)
        self.settings = dict(settings or {})
        self.arguments = list(arguments)
        self.environment = {**os.environ, **(environment or {})}
        self.port = port or free_port()
        self.log_path = self.data.parent / f"broker-{next(self.names)}.log"
        self.process: subprocess.Popen | None = None
        self._topics = itertools.count()

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def command(self) -> list[str]:
        command = [self.executable, "--port", str(self.port), "--data", str(self.data)]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        return command + self.arguments

    def start(self, patience: float = 60) -> "Broker":
        """Returns once the broker answers; raises BrokerExited when it ends instead."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        if self not in started:
            started.append(self)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            status = self.process.poll()
            if status is not None:
                raise BrokerExited(status, self.log)
            try:
                with rawkafka.Connection(self.port, timeout=5) as connection:
                    connection.api_versions()
                return self
            except OSError:
                time.sleep(0.01)
        raise AssertionError(f"no answer from the broker within {patience} s:\n{self.log}")

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def stop(self, patience: float = 30) -> int:
        """Asks the broker to stop and returns its exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.terminate()
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the broker did not stop within {patience} s:\n{self.log}")

    def kill(self) -> None:
        """kill -9: no code of the broker's runs after this."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def restart(self) -> "Broker":
        self.stop()
        return self.start()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def memory_peak(self) -> int:
        """Bytes of resident memory at the highest."""
        for line in open(f"/proc/{self.pid}/status"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the kernel does not tell VmHWM")

    def connect(self, timeout: float = 30) -> rawkafka.Connection:
        return rawkafka.Connection(self.port, timeout=timeout)

    def topic(self, partitions: int = 1, name: str | None = None, **configs) -> str:
        """Creates a topic; its configs are given with underscores for dots."""
        name = name or f"topic-{next(self._topics)}"
        named = {key.replace("_", "."): str(value) for key, value in configs.items()}
        with self.connect() as connection:
            error = connection.create_topic(name, partitions, named)
        assert error == 0, f"creating {name} gave error {error}"
        return name

    def folder(self, topic: str, partition: int = 0) -> pathlib.Path:
        return self.data / f"{topic}-{partition}"

    def log_files(self, topic: str, partition: int = 0) -> list[pathlib.Path]:
        return sorted(self.folder(topic, partition).glob("*.log"))

    def forget(self) -> None:
        self.kill()
        if self in started:
            started.remove(self)


class MockCluster:
    """librdkafka's mock cluster: records stay in memory, topics appear when they are named."""

    data = None

    def __init__(self):
        import confluent_kafka

        self._producer = confluent_kafka.Producer({"test.mock.num.brokers": 1})
        brokers = self._producer.list_topics(timeout=10).brokers
        node = next(iter(brokers.values()))
        self.port = node.port
        self._topics = itertools.count()

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def connect(self, timeout: float = 30) -> rawkafka.Connection:
        return rawkafka.Connection(self.port, timeout=timeout)

    def topic(self, partitions: int = 1, name: str | None = None, **configs) -> str:
        name = name or f"topic-{next(self._topics)}"
        self._producer.list_topics(name, timeout=10)
        return name

    def log_files(self, topic: str, partition: int = 0) -> list[pathlib.Path]:
        return []
