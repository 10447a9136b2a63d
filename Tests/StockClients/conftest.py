"""Starts the brokers, shows their logs when a test fails, and says how many tests passed."""

import pathlib
import shutil
import tempfile

import pytest

import broker as brokers
import events

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def pytest_addoption(parser):
    parser.addoption("--broker", default=str(ROOT / ".build/release/millrace-broker"))
    parser.addoption("--mock", action="store_true", help="librdkafka's mock cluster instead")


def pytest_configure(config):
    executable = pathlib.Path(config.getoption("--broker")).resolve()
    config.executable = executable
    if not config.getoption("--mock") and not executable.exists():
        raise pytest.UsageError(f"no broker at {executable}; build it or name one with --broker")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--mock"):
        for item in items:
            if item.get_closest_marker("real"):
                item.add_marker(pytest.mark.skip(reason="needs the broker itself"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for broker in brokers.started:
            report.sections.append((f"log of the broker on {broker.port}", broker.log[-8000:]))


def pytest_unconfigure(config):
    for broker in list(brokers.started):
        broker.forget()
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    count = {name: len(reporter.stats.get(name, ())) for name in ("passed", "failed", "error")}
    skipped = len(reporter.stats.get("skipped", ()))
    print(f"{count['passed']} passed, {count['failed'] + count['error']} failed, {skipped} skipped")


@pytest.fixture(scope="session")
def workspace():
    """A folder on disk (not in memory: /tmp may be a tmpfs) that goes away with the run."""
    base = ROOT / ".build"
    base.mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stock-clients-", dir=base))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(pytestconfig, workspace):
    """The broker that all tests share which do no harm to it."""
    if pytestconfig.getoption("--mock"):
        yield brokers.MockCluster()
        return
    (workspace / "shared").mkdir()
    broker = brokers.Broker(pytestconfig.executable, workspace / "shared" / "data").start()
    yield broker
    status = broker.stop()
    broker.forget()
    assert status == 0, f"the shared broker ended with status {status}"


@pytest.fixture
def folder(workspace):
    """An empty folder for one test."""
    path = pathlib.Path(tempfile.mkdtemp(dir=workspace))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def new_broker(pytestconfig, folder):
    """Makes brokers of the test's own; they are gone when it ends."""
    made = []

    def make(data=None, **options) -> brokers.Broker:
        broker = brokers.Broker(pytestconfig.executable, data or folder / "data", **options)
        made.append(broker)
        return broker

    yield make
    for broker in made:
        broker.forget()


@pytest.fixture(scope="session")
def flights(pytestconfig):
    """All of them; the mock cluster keeps but a few megabytes of a partition."""
    return events.flights()[: 10_000 if pytestconfig.getoption("--mock") else None]
