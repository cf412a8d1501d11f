"""The embedded servers where a Unix socket is no choice, and what a killed one leaves behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.conftest import wait_until
from webapp.embedded import PostgreSQL, Valkey, check_runnable, publish_addresses, servers, sockets_work
from webapp.env import address
from webapp.home import CannotStart, Home
from webapp.process import signal_group, spawn

Running = tuple[PostgreSQL, Valkey]


@pytest.fixture(scope="module")
def far_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Deeper than the 107 bytes a Unix socket's path may have."""
    deep = tmp_path_factory.mktemp("far") / ("deep-" * 12) / ("down-" * 12)
    deep.parent.mkdir(parents=True)
    return Home.open(deep)


@pytest.fixture(scope="module")
def on_loopback(far_home: Home) -> Iterator[Running]:
    check_runnable(far_home)
    database, queue = servers(far_home)
    queue.create()
    database.create()
    processes = [run(database), run(queue)]
    for server, process in zip((database, queue), processes, strict=True):
        wait_until(lambda server=server, process=process: server.ready(process.pid), server.name)  # type: ignore[misc]
    yield database, queue
    for process in processes:
        signal_group(process, signal.SIGINT)
        process.wait(30)


def run(server: PostgreSQL | Valkey) -> subprocess.Popen[bytes]:
    command = server.command(fsync="off") if isinstance(server, PostgreSQL) else server.command()
    log = server.home.logs / f"{server.name}.log"
    return spawn(command, log=log, cwd=server.directory, account=server.home.account)


def test_a_socket_is_used_where_its_path_fits(far_home: Home, tmp_path: Path) -> None:
    assert not sockets_work(far_home.run)
    near = Home.open(tmp_path / "h")
    assert sockets_work(near.run)
    assert [server.port for server in servers(near)] == [None, None]
    assert list(near.run.iterdir()) == []


def test_on_loopback_the_database_wants_its_password(on_loopback: Running) -> None:
    database, _ = on_loopback
    database.create_database()
    database.create_database()
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT current_database(), current_user").fetchone() == (
            "launchscope",
            "launchscope",
        )
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(database.url.replace(database.password, "wrong"))


def test_on_loopback_the_queue_wants_its_password(on_loopback: Running) -> None:
    _, queue = on_loopback
    assert redis.Redis.from_url(queue.url).ping()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(host="127.0.0.1", port=queue.port or 0).ping()


def test_no_password_is_in_the_process_list(on_loopback: Running) -> None:
    for server in on_loopback:
        assert server.password not in " ".join(server.command())


def test_the_database_sorts_the_same_everywhere_and_checks_its_pages(on_loopback: Running) -> None:
    with psycopg.connect(on_loopback[0].url_of("postgres")) as connection:
        asked = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'postgres'"
        assert connection.execute(asked).fetchone() == ("b", "C.UTF-8")
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)


def test_the_embedded_servers_write_through_to_the_disk(tmp_path: Path) -> None:
    database, queue = servers(Home.open(tmp_path / "h"))
    assert not [part for part in database.command() if part.startswith(("fsync", "synchronous", "full_page"))]
    queue.create()
    assert "appendonly yes" in (queue.directory / "valkey.conf").read_text()


def test_a_pid_file_that_names_somebody_else_is_removed(tmp_path: Path) -> None:
    database, _ = servers(Home.open(tmp_path / "h"))
    database.directory.mkdir()
    pid_file = database.directory / "postmaster.pid"
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as other:
        pid_file.write_text(f"{other.pid}\n{database.directory}\n")
        database.clear_leftovers()
        assert other.poll() is None
        other.kill()
    assert not pid_file.exists()
    database.clear_leftovers()


def test_the_server_of_a_killed_instance_is_waited_for_then_ended(tmp_path: Path) -> None:
    database, _ = servers(Home.open(tmp_path / "h"))
    database.create()
    process = run(database)
    wait_until(lambda: database.ready(process.pid), "the database")
    database.clear_leftovers(patience=0.0)
    assert process.wait(30) == 0 or process.returncode == 2
    assert not (database.directory / "postmaster.pid").exists()


def test_an_interrupted_initdb_is_done_anew(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "h")
    database, _ = servers(home)
    (home.path / "database.new").mkdir()
    (home.path / "database.new" / "half").write_text("made")
    database.create()
    assert (database.directory / "PG_VERSION").exists()
    assert not (database.directory / "half").exists()
    assert not (home.path / "database.password").exists()


def test_an_initdb_that_fails_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database, _ = servers(Home.open(tmp_path / "h"))
    monkeypatch.setattr("webapp.embedded.DATABASE_NAME", "pg_not_allowed")
    with pytest.raises(CannotStart, match=r"PostgreSQL's initdb failed: initdb: error: superuser name .*pg_"):
        database.create()


def test_commands_by_hand_find_the_running_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home.open(tmp_path / "h")
    database, queue = servers(home)
    publish_addresses(home, database.url, queue.url)
    assert (home.run / "addresses.json").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("LAUNCHSCOPE_HOME", str(home.path))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    assert (address("DATABASE_URL", "database"), address("REDIS_URL", "queue")) == (database.url, queue.url)
