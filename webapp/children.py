"""What runs in an instance: the command of each process, in one place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from webapp import env
from webapp.embedded import PostgreSQL, Valkey
from webapp.home import CannotStart, Home
from webapp.listening import Listening
from webapp.process import spawn
from webapp.supervisor import Child

# What is being worked on gets this many seconds to finish; what is cut short is done again after the next start.
WORKER_PATIENCE = 25.0


@dataclass(frozen=True)
class Children:
    """Builds the children of one instance; starts none but the short-lived commands."""

    home: Home
    listening: Listening
    environment: dict[str, str]

    def database(self, server: PostgreSQL) -> Child:
        return Child(
            "database",
            server.command(),
            self.log("database"),
            server.directory,
            self.home.account,
            stop_signal=server.stop_signal,
            death_signal=server.stop_signal,
            before_restart=server.clear_leftovers,
        )

    def queue(self, server: Valkey) -> Child:
        return Child("queue", server.command(), self.log("queue"), server.directory, self.home.account)

    def web(self) -> Child:
        return self._web("web", self.listening)

    def otlp(self, listening: Listening) -> Child:
        """The same web server where senders of spans look for one by default, 4318."""
        return self._web("otlp", listening)

    def _web(self, name: str, listening: Listening) -> Child:
        processes, threads = env.integer("WEB_PROCESSES", 1, least=1), env.integer("WEB_THREADS", 4, least=1)
        options = ["--interface", "wsgi", "--no-ws", "--host", listening.bind, "--port", str(listening.port)]
        options += ["--workers", str(processes), "--blocking-threads", str(threads), "--respawn-failed-workers"]
        # A worker that is told to stop while it still imports would never hear it.
        options += ["--workers-kill-timeout", "10"]
        return self._ours(name, ["-m", "granian", *options, "webapp.wsgi:application"])

    def worker(self) -> Child:
        processes = env.integer("WORKER_PROCESSES", min(os.cpu_count() or 1, 4), least=1)
        # Alone on its queue, a worker has nobody to gossip with; greeting the others costs a second of every start.
        options = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
        options += ["--queues", "parse,judge,monitor", "--concurrency", str(processes), "--hostname", "launchscope@%h"]
        self.worker_ready_file.unlink(missing_ok=True)
        child = self._ours(
            "worker", ["-m", "celery", "-A", "webapp.celery", "worker", *options], self.worker_ready_file
        )
        child.patience = WORKER_PATIENCE
        # Its orderly end needs the queue, which ends at the same moment when the supervisor is killed; nothing is lost.
        child.death_signal = signal.SIGKILL
        return child

    def beat(self) -> Child:
        options = ["--schedule", str(self.home.path / "beat-schedule"), "--pidfile=", "--loglevel", "INFO"]
        return self._ours("beat", ["-m", "celery", "-A", "webapp.celery", "beat", *options])

    @property
    def worker_ready_file(self) -> Path:
        return self.home.path / "worker-ready"

    def log(self, name: str) -> Path:
        return self.home.logs / f"{name.replace(' ', '-')}.log"

    def _ours(self, name: str, arguments: list[str], ready_file: Path | None = None) -> Child:
        extra = {"LAUNCHSCOPE_READY_FILE": str(ready_file)} if ready_file else {}
        return Child(name, [sys.executable, *arguments], self.log(name), env.ROOT, env={**self.environment, **extra})

    def begin(self, name: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """Starts a `manage.py` command; `finish` waits for it."""
        self.log(name).unlink(missing_ok=True)
        command = [sys.executable, str(env.ROOT / "manage.py"), *arguments]
        return spawn(command, log=self.log(name), cwd=env.ROOT, env=self.environment, death_signal=signal.SIGTERM)

    def finish(self, name: str, process: subprocess.Popen[bytes]) -> None:
        if process.wait():
            lines = self.log(name).read_text(errors="replace").strip().splitlines() or ["it said nothing"]
            raise CannotStart(f"The step “{name}” failed: {lines[-1]} (see {self.log(name)})")
