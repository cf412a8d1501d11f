"""Web and worker as `make up` runs them, as real processes on a test's database and queue."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil

from tests.conftest import wait_until
from tests.data.snapshots import encoded
from webapp.children import Children
from webapp.home import Home
from webapp.listening import Listening
from webapp.process import signal_group
from webapp.supervisor import Child

PORTS = range(8350, 8400)


class Instance:
    """One web server and one worker; ``token`` is what ``request`` sends along."""

    def __init__(self, home: Home, environment: dict[str, str]) -> None:
        self.port, self._port_lock = _own_port()
        environment = {**environment, "LAUNCHSCOPE_HOME": str(home.path), "ALLOWED_HOSTS": "127.0.0.1,localhost"}
        self.children = Children(home, Listening("127.0.0.1", self.port), environment)
        self.running: list[Child] = []
        self.token = ""

    def start_web(self) -> Child:
        web = self.run(self.children.web())
        wait_until(self.children.listening.answers, "the web server")
        return web

    def start_worker(self) -> Child:
        worker = self.run(self.children.worker())
        wait_until(self.children.worker_ready_file.exists, f"the worker: {worker.last_words()}")
        return worker

    def run(self, child: Child) -> Child:
        child.start()
        self.running.append(child)
        return child

    def stop(self) -> None:
        for child in self.running:
            assert child.process is not None
            signal_group(child.process, signal.SIGTERM)
        for child in self.running:
            assert child.process is not None
            try:
                child.process.wait(10)
            finally:
                signal_group(child.process, signal.SIGKILL)
        self.running.clear()
        self._port_lock.close()

    def connection(self, timeout: float = 30.0) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
        """Status, JSON and headers of one call of the API on a connection of its own."""
        connection = self.connection()
        try:
            content = body if body is None or isinstance(body, bytes) else encoded(body)
            connection.request(method, f"/api/v1{path}", content, {"Authorization": f"Bearer {self.token}", **headers})
            response = connection.getresponse()
            return response.status, json.loads(response.read() or b"null"), dict(response.getheaders())
        finally:
            connection.close()

    def send(self, document: Any, **headers: str) -> tuple[int, Any]:
        return self.request("POST", "/launches", document, **headers)[:2]


def kill(child: Child) -> None:
    """SIGKILL to the process and all its descendants at once; nobody gets to say goodbye."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(child.pid)
        for process in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


@contextlib.contextmanager
def instance(environment: dict[str, str]) -> Iterator[Instance]:
    """An instance with nothing started yet; whatever is started in it is stopped."""
    home = Home.open(Path(tempfile.mkdtemp(prefix="tests-instance-")))
    started = Instance(home, environment)
    try:
        yield started
    finally:
        started.stop()
        shutil.rmtree(home.path, ignore_errors=True)


def _own_port() -> tuple[int, IO[str]]:
    """A port, and the lock that keeps other test runs off it: granian shares a port with whoever else listens."""
    for port in PORTS:
        lock = (Path(tempfile.gettempdir()) / f"launchscope-tests-{port}.lock").open("a")
        with contextlib.suppress(OSError), socket.socket() as candidate:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            candidate.bind(("127.0.0.1", port))
            return port, lock
        lock.close()
    raise AssertionError("every port for tests is taken")
