"""An instance with a PostgreSQL and a Valkey of its own, which a test may kill."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg

from tests.conftest import wait_until
from tests.durability.instance import Instance, instance, kill
from webapp import env
from webapp.embedded import PostgreSQL, Valkey, check_runnable, servers
from webapp.supervisor import Child, Supervisor

TOKEN = "lsa_only-for-tests"
# The sweep looks each second for what is older than two, so that a test need not wait for a minute.
QUICK = {
    "SECRET_KEY": "only-for-tests" * 3,
    "SWEEP_INTERVAL": "1",
    "SWEEP_AGE": "2",
    "PARSE_ATTEMPTS": "3",
    "WORKER_PROCESSES": "2",
}


class Cluster:
    """Web, worker and beat under the real supervisor; database and queue stay down until the test starts them again."""

    def __init__(self, app: Instance, database: PostgreSQL, queue: Valkey) -> None:
        self.app = app
        self.database, self.queue = database, queue
        self.supervisor = Supervisor(print)
        self.running: dict[str, Child] = {}
        app.token = TOKEN

    def kill(self, name: str) -> None:
        child = self.running[name]
        kill(child)
        if child not in self.supervisor.children:
            assert child.process is not None
            child.process.wait(30)

    def start(self, name: str) -> None:
        """Database or queue, until it answers."""
        if name == "database":
            self.database.clear_leftovers()
            server: PostgreSQL | Valkey = self.database
            child = self.app.children.database(self.database)
        else:
            server, child = self.queue, self.app.children.queue(self.queue)
        child.start()
        self.running[name] = child
        wait_until(partial(server.ready, child.pid), f"the {name}")

    def start_supervised(self) -> None:
        for child in (self.app.children.web(), self.app.children.worker(), self.app.children.beat()):
            self.running[child.name] = self.supervisor.add(child)
        wait_until(self.app.children.listening.answers, "the web server")
        wait_until(self.app.children.worker_ready_file.exists, "the worker")

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database.url) as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def states(self) -> dict[str, int]:
        """How many artifacts are in each state."""
        return dict(self.ask("SELECT state, count(*) FROM diagnostics_artifact GROUP BY state"))

    def prepare(self) -> None:
        """The tables, and a token whose clear text the test knows."""
        command = [sys.executable, str(env.ROOT / "manage.py"), "migrate", "--verbosity=0"]
        subprocess.run(command, check=True, env=self.app.children.environment)
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        with psycopg.connect(self.database.url) as connection:
            connection.execute(
                "INSERT INTO diagnostics_apitoken (name, scope, start, digest, services) "
                "VALUES ('test', 'admin', 'lsa_only', %s, '{}')",
                [digest],
            )


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """All of it, started; all of it gone afterwards."""
    with instance({**os.environ, **QUICK, "DJANGO_SETTINGS_MODULE": "webapp.settings"}) as app:
        home = app.children.home
        database, queue = servers(home)
        check_runnable(home)
        database.create()
        queue.create()
        app.children.environment.update(DATABASE_URL=database.url, REDIS_URL=queue.url)
        whole = Cluster(app, database, queue)
        watching = threading.Thread(target=whole.supervisor.run)
        try:
            for name in ("database", "queue"):
                whole.start(name)
            database.create_database()
            whole.prepare()
            whole.start_supervised()
            watching.start()
            yield whole
        finally:
            whole.supervisor.stopping.set()
            if watching.ident:
                watching.join()
            for child in whole.running.values():
                kill(child)
