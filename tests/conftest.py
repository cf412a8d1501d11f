"""One real PostgreSQL and one real Valkey for the whole run; every xdist worker has its own database on them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.core.management.commands import flush
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from webapp.embedded import PostgreSQL, Valkey, check_runnable, servers
from webapp.home import Home
from webapp.process import signal_group, spawn

# A run in the background (CI, nohup) begins with Ctrl-C or hang-up ignored; what it starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# How long an example takes to draw tells of the machine, not of the code: nothing here is timed.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")

_FLUSHES = 5


class PatientFlush(flush.Command):
    """Between tests, all tables are emptied. A request that a live server is still answering, its asker long gone, may
    hold one of them and wait for another: PostgreSQL then ends one of the two, and it may be us."""

    def handle(self, **options: Any) -> None:
        for attempt in range(_FLUSHES):
            try:
                super().handle(**options)
            except CommandError as error:
                if "deadlock detected" not in str(error.__cause__) or attempt == _FLUSHES - 1:
                    raise
            else:
                return


flush.Command = PatientFlush  # type: ignore[misc]

_running: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []

# What makes a database slow and safe against a power cut; a killed process loses nothing without it.
_NO_FSYNC = {"fsync": "off", "full_page_writes": "off", "max_connections": "60"}


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ or config.option.collectonly or config.option.help:
        return
    home = Home.open(settings.LAUNCHSCOPE_HOME)
    database, queue = servers_of(home)
    check_runnable(home)
    queue.create()
    start(queue, queue.command())
    database.create()
    start(database, database.command(**_NO_FSYNC))
    wait_until(partial(_is_up, queue, _running[0][0]), "the queue")
    wait_until(partial(_is_up, database, _running[1][0]), "the database")


def pytest_unconfigure(config: pytest.Config) -> None:
    for process, stop_signal in _running:
        signal_group(process, stop_signal)
    for process, _ in _running:
        process.wait(30)


def servers_of(home: Home) -> tuple[PostgreSQL, Valkey]:
    database, queue = servers(home)
    # On loopback the ports were chosen when the settings were read.
    assert database.port is None, "tests need a temporary directory with a path short enough for Unix sockets"
    return database, queue


def start(server: PostgreSQL | Valkey, command: list[str]) -> None:
    log = server.home.logs / f"{server.name}.log"
    process = spawn(
        command, log=log, cwd=server.directory, account=server.home.account, death_signal=server.stop_signal
    )
    _running.append((process, server.stop_signal))


def _is_up(server: PostgreSQL | Valkey, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, (server.home.logs / f"{server.name}.log").read_text()
    return server.ready(process.pid)


def wait_until(condition: Callable[[], bool], what: str | Callable[[], str], patience: float = 60.0) -> None:
    """For tests of real processes: they are ready when they are ready."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"gave up waiting for {what if isinstance(what, str) else what()}"
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def language_of_each_test_is_its_own() -> Iterator[None]:
    """A request in Chinese leaves its language to the thread, and the next test's sentences would be Chinese."""
    yield
    translation.deactivate()


@pytest.fixture
def queue_is_empty() -> None:
    """Messages that other tests left in this worker's queue are thrown away."""
    import redis

    redis.Redis.from_url(settings.REDIS_URL).flushdb()


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """For real child processes (web, worker, commands): this test's own database and queue, with real commits."""
    name = settings.DATABASES["default"]["NAME"]
    url = os.environ["DATABASE_URL"].replace("/launchscope?", f"/{name}?")
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "webapp.settings"}


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--save-picture", action="store_true", help="Make the README's picture anew")
