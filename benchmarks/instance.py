"""A Launchscope of its own for the benchmarks, started and stopped as `make up` does it, in a throw-away home."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.http_client import Client

ROOT = Path(__file__).resolve().parent.parent
STATES = """
SELECT l.state, a.state, a.error FROM diagnostics_launch l JOIN diagnostics_artifact a ON a.launch_id = l.id
WHERE l.id = %s
"""


@dataclass
class Instance:
    """A running product, with the keys to it."""

    home: Path
    port: int
    supervisor: psutil.Process

    @cached_property
    def credentials(self) -> dict[str, str]:
        return dict(json.loads((self.home / "credentials.json").read_text()))

    @cached_property
    def database_url(self) -> str:
        return str(json.loads((self.home / "run" / "addresses.json").read_text())["database"])

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        """The instance's own database, past the product."""
        return psycopg.connect(self.database_url, autocommit=True, **options)

    def sender(self) -> Client:
        return Client(self.port, {"Authorization": f"Bearer {self.credentials['ingest_token']}"})

    def browser(self) -> Client:
        """A signed-in session without a browser around it."""
        return Client(self.port, {"Cookie": f"sessionid={self.session}"})

    @cached_property
    def session(self) -> str:
        self.use_django()
        from django.contrib.auth.models import User
        from django.test import Client as DjangoClient

        visitor = DjangoClient()
        visitor.force_login(User.objects.get(username=self.credentials["user"]))
        return visitor.cookies["sessionid"].value

    def use_django(self) -> None:
        """Lets this process use the product's own code on the instance's database."""
        import django
        from django.apps import apps

        if not apps.ready:
            os.environ |= {"LAUNCHSCOPE_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
            django.setup()

    def task_processes(self) -> list[psutil.Process]:
        """The worker's children: those that do the work."""
        found = [
            p for p in self.supervisor.children(recursive=True) if "celery" in p.cmdline() and "worker" in p.cmdline()
        ]
        parents = {process.pid for process in found}
        return [process for process in found if process.ppid() in parents]

    def send(self, body: bytes) -> str:
        """Upload a snapshot, wait until a worker has parsed and judged it, and return the launch's id."""
        answer = self.sender().post("/api/v1/launches", body)
        if answer.status != 202:
            raise SystemExit(f"The upload was answered {answer.status}: {answer.body.decode()[:500]}")
        launch = str(json.loads(answer.body)["id"])
        with self.connect() as connection:
            wait_until(lambda: _judged(connection.execute(STATES, [launch]).fetchone()), "the launch to be judged", 300)
        return launch


def _judged(row: tuple[Any, ...] | None) -> bool:
    assert row is not None, "an accepted launch is stored"
    if row[1] == "rejected":
        raise SystemExit(f"The snapshot was rejected: {row[2]}")
    return bool(row[0] == "judged")


def wait_until(condition: Callable[[], bool], what: str, patience: float, pause: float = 0.05) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"Gave up after {patience:.0f} s of waiting for {what}")
        time.sleep(pause)


@contextmanager
def running() -> Iterator[Instance]:
    """`make up` in a new home on a free port; both are gone afterwards, also after an error."""
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    port = _free_port()
    environment = {**os.environ, "LAUNCHSCOPE_HOME": str(home), "PORT": str(port), "BIND": "127.0.0.1", "DEMO": "0"}
    for name in ("DATABASE_URL", "REDIS_URL", "SITE_URL", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    log = home / "up.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "webapp.up"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_for_start(process, log)
        yield Instance(home, port, psutil.Process(process.pid))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)
        shutil.rmtree(home, ignore_errors=True)


def _wait_for_start(process: subprocess.Popen[bytes], log: Path) -> None:
    def ready() -> bool:
        if process.poll() is not None:
            raise SystemExit(f"The instance did not start:\n{log.read_text()}")
        return "Launchscope is ready" in log.read_text()

    wait_until(ready, "the instance to start", 300)


def _free_port() -> int:
    """BENCH_PORT, for machines on which only some may be used; else any."""
    if chosen := os.environ.get("BENCH_PORT"):
        return int(chosen)
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])
