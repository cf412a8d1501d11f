"""A real `make up` of its own, for tests: started, watched by what it prints, and ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.conftest import wait_until
from webapp.env import ROOT

OWN = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LAUNCHSCOPE_HOME", "DJANGO_SETTINGS_MODULE"}


def free_port() -> int:
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])


@dataclass
class Instance:
    home: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, home: Path, port: int, **environment: str) -> Instance:
        log = home.with_name(f"{home.name}-{port}.log")
        inherited = {name: value for name, value in os.environ.items() if name not in OWN}
        ours = {"LAUNCHSCOPE_HOME": str(home), "PORT": str(port), "WORKER_PROCESSES": "1", **environment}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "webapp.up"],
                cwd=ROOT,
                env={**inherited, **ours},
                stdout=output,
                stderr=subprocess.STDOUT,
                # As a terminal gives it: Python started in the background by a shell ignores Ctrl-C.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )
        return cls(home, port, process, log)

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str) -> None:
        def said() -> bool:
            assert text in self.output or self.process.poll() is None, self.output
            return text in self.output

        wait_until(said, f"{text!r} in {self.output}", patience=180.0)

    def wait_until_ready(self) -> None:
        self.wait_for("Ctrl-C stops everything")

    @property
    def credentials(self) -> dict[str, str]:
        return dict(json.loads((self.home / "credentials.json").read_text()))

    def get(self, path: str) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            headers={"Authorization": f"Bearer {self.credentials['read_token']}"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as response:
            return json.loads(response.read())

    def launches(self) -> list[dict[str, Any]]:
        return list(self.get("/api/v1/launches?service=launchscope")["items"])

    def children(self) -> dict[str, psutil.Process]:
        """By what they are: database, queue, web, worker, beat."""
        words = {"postgres": "database", "valkey-server": "queue", "granian": "web", "worker": "worker", "beat": "beat"}
        found = {}
        for child in psutil.Process(self.process.pid).children():
            arguments = {Path(argument.partition(" ")[0]).name for argument in child.cmdline()}
            found.update({name: child for word, name in words.items() if word in arguments})
        return found

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(120)


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
