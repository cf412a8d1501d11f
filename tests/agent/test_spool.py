"""The spool and the real uploader against servers that misbehave, and against the real one: nothing is ever lost."""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from diagnostics.agent import spool
from diagnostics.agent.failure import Failure
from tests.agent import way
from tests.agent.commands import PATIENCE, Agent
from tests.agent.launches import url_of
from tests.conftest import wait_until
from tests.durability.instance import Instance

PROGRAM = "import sys\nprint('Loading model')\nprint('Model loaded successfully', flush=True)\nsys.exit(3)\n"
SNAPSHOT = json.dumps({"service": "s", "phases": [{"phase": "p", "start_time": 1795400000000000000, "duration_ns": 5,
                                                   "status": "success"}]}).encode()  # fmt: skip


class Server:
    """Answers with the statuses it is given, then 202; keeps the paths and bodies that it accepted."""

    def __init__(self, *statuses: int) -> None:
        self.accepted: list[tuple[str, bytes]] = []
        self.asked = 0
        self.hold = threading.Event()
        self.hold.set()
        self._statuses = list(statuses)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805 (the handler has a self of its own)
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked += 1
                server.hold.wait(PATIENCE)
                status = server._statuses.pop(0) if server._statuses else 202
                if status == 202:
                    server.accepted.append((self.path, body))
                self.send_response(status)
                self.send_header("Retry-After", "0")
                self.end_headers()
                self.wfile.write(b'{"id": "1"}' if status == 202 else b"{}")

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def stop(self) -> None:
        self.hold.set()
        self._http.shutdown()
        self._http.server_close()


@contextlib.contextmanager
def serving(*statuses: int) -> Iterator[Server]:
    server = Server(*statuses)
    try:
        yield server
    finally:
        server.stop()


def send(folder: Path, server: Server, patience: float = 60.0) -> tuple[tuple[int, int, int], list[str]]:
    notes: list[str] = []
    return spool.send_all(folder, server.url, "lsi_x", patience, notes.append, wait=lambda _: None), notes


def test_everything_goes_to_its_place_in_order(tmp_path: Path) -> None:
    spool.put(tmp_path, "snapshot", SNAPSHOT, {"service": "a b"})
    spool.put(tmp_path, "host-samples", b"{}", {"host": "h", "launch": "l"})
    spool.put(tmp_path, "kernel-log", b"<6>[1.0] x", {"boot_time": "5"})
    with serving() as server:
        assert send(tmp_path, server) == ((3, 0, 0), [])
    assert server.accepted == [
        ("/api/v1/launches?service=a+b", SNAPSHOT),
        ("/api/v1/artifacts?kind=host-samples&host=h&launch=l", b"{}"),
        ("/api/v1/artifacts?kind=kernel-log&boot_time=5", b"<6>[1.0] x"),
    ]
    assert [path.name for path in tmp_path.iterdir()] == [".sending"]


def test_a_busy_server_gets_it_in_the_end(tmp_path: Path) -> None:
    spool.put(tmp_path, "snapshot", SNAPSHOT, {})
    with serving(503, 429, 500) as server:
        (sent, left, refused), notes = send(tmp_path, server)
    assert (sent, left, refused, len(notes)) == (1, 0, 0, 3)


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_what_the_server_never_takes_is_put_aside_with_the_reason(tmp_path: Path, status: int) -> None:
    first = spool.put(tmp_path, "snapshot", SNAPSHOT, {})
    spool.put(tmp_path, "snapshot", SNAPSHOT, {"service": "second"})
    with serving(status) as server:
        assert send(tmp_path, server)[0] == (1, 0, 1)
    assert first.with_suffix(".refused").exists()
    assert f"answered {status}" in first.with_suffix(".reason").read_text()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_token_or_address_loses_nothing(tmp_path: Path, status: int) -> None:
    for name in ("a", "b"):
        spool.put(tmp_path, "snapshot", SNAPSHOT, {"service": name})
    with serving(status, status) as server:
        (sent, left, refused), notes = send(tmp_path, server)
    assert (sent, left, refused, len(notes)) == (0, 2, 0, 2)


def test_a_server_that_is_away_is_waited_for_and_then_left(tmp_path: Path) -> None:
    spool.put(tmp_path, "snapshot", SNAPSHOT, {})
    with serving() as server:
        pass
    (sent, left, refused), notes = send(tmp_path, server, patience=0.0)
    assert (sent, left, refused) == (0, 1, 0)
    assert "does not answer" in notes[0]


def test_a_damaged_item_does_not_stop_the_others(tmp_path: Path) -> None:
    spool.put(tmp_path, "snapshot", SNAPSHOT, {}).write_bytes(b"not a spooled item")
    spool.put(tmp_path, "snapshot", SNAPSHOT, {"service": "second"})
    with serving() as server:
        assert send(tmp_path, server)[0] == (1, 0, 1)


def test_only_the_user_can_read_what_waits(tmp_path: Path) -> None:
    item = spool.put(tmp_path / "deep" / "spool", "snapshot", SNAPSHOT, {})
    assert item.stat().st_mode & 0o777 == 0o600
    assert item.parent.stat().st_mode & 0o777 == 0o700


def test_a_disk_that_takes_nothing_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Failure, match="cannot be written"):
        spool.put(tmp_path / "file" / "spool", "snapshot", SNAPSHOT, {})


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LAUNCHSCOPE_SPOOL": "/a/spool"}, "/a/spool"),
        ({"XDG_STATE_HOME": "{tmp}"}, "{tmp}/launchscope/spool"),
        ({"HOME": "{tmp}"}, "{tmp}/.local/state/launchscope/spool"),
    ],
)
def test_where_it_is(
    environment: dict[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LAUNCHSCOPE_SPOOL", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value.format(tmp=tmp_path))
    assert str(spool.directory()) == expected.format(tmp=tmp_path)
    assert str(spool.directory("/given")) == "/given"


def launch(agent: Agent, url: str, token: str = "lsi_x") -> int:
    agent.extra.update({"LAUNCHSCOPE_URL": url, "LAUNCHSCOPE_TOKEN": token})
    done = agent.dump("--upload", "--service", "agent-test", "--no-samples", program=PROGRAM)
    assert done.stdout == b"Loading model\nModel loaded successfully\n"
    return done.returncode


def nothing_left(agent: Agent) -> bool:
    return "snapshot" not in agent.spooled()


def snapshots_of(server: Server) -> list[bytes]:
    return [body for path, body in server.accepted if path.startswith("/api/v1/launches")]


def test_a_launch_is_not_disturbed_by_a_server_that_is_away_and_is_sent_later(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    with serving() as gone:
        pass
    assert launch(agent, gone.url) == 3
    assert agent.spooled()[0] == "snapshot"
    agent.end_senders()
    with serving() as server:
        done = agent.run("upload", "--server", server.url, "--token", "lsi_x")
        assert done.returncode == 0, done.stderr
    assert len(snapshots_of(server)) == 1
    assert agent.spooled() == []


def test_a_slow_server_holds_up_nobody(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    with serving() as server:
        server.hold.clear()
        assert launch(agent, server.url) == 3
        assert snapshots_of(server) == []
        server.hold.set()
        wait_until(lambda: nothing_left(agent), "the upload")
        wait_until(lambda: len(snapshots_of(server)) == 1, "the snapshot")


def test_a_server_that_is_busy_gets_it_in_the_background(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    with serving(503, 503) as server:
        assert launch(agent, server.url) == 3
        wait_until(lambda: len(snapshots_of(server)) == 1, "the snapshot")
        wait_until(lambda: nothing_left(agent), "the spool to empty")


def test_a_sender_killed_in_the_middle_leaves_it_to_the_next(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    with serving() as server:
        server.hold.clear()
        spool.put(tmp_path / "spool", "snapshot", SNAPSHOT, {})
        first = spool.send_in_background(tmp_path / "spool", server.url, "lsi_x")
        assert first is not None
        wait_until(lambda: server.asked == 1, "the first attempt")
        first.kill()
        first.wait(PATIENCE)
        assert agent.spooled() == ["snapshot"]
        server.hold.set()
        second = spool.send_in_background(tmp_path / "spool", server.url, "lsi_x")
        assert second is not None
        assert second.wait(PATIENCE) == 0
    assert agent.spooled() == []
    assert set(snapshots_of(server)) == {SNAPSHOT}


def test_two_senders_do_not_send_everything_twice(tmp_path: Path) -> None:
    for number in range(20):
        spool.put(tmp_path, "snapshot", SNAPSHOT, {"service": str(number)})
    with serving() as server:
        senders = [spool.send_in_background(tmp_path, server.url, "lsi_x") for _ in range(3)]
        assert [sender.wait(PATIENCE) for sender in senders if sender] == [0, 0, 0]
    assert len(server.accepted) == 20


def listed(served: Instance) -> list[str]:
    items = served.request("GET", "/launches?service=agent-test&limit=100")[1]["items"]
    return sorted(item["id"] for item in items)


def test_a_recorded_launch_is_read_by_the_real_server(tmp_path: Path, served: Instance) -> None:
    agent = Agent(tmp_path)
    assert launch(agent, url_of(served), served.token) == 3
    launch_id = agent.snapshot()["launch_id"]
    wait_until(lambda: agent.spooled() == [], "the upload")

    def told() -> Any:
        return served.request("GET", f"/launches/{launch_id}")[1]

    wait_until(lambda: told().get("state") == "judged", "the launch to be judged")
    assert (told()["service"], told()["status"], told()["phases"]) == ("agent-test", "success", 1)


@pytest.mark.parametrize("state", [way.CLOSED, way.CUT_UPLOAD, way.CUT_ANSWER])
def test_whatever_happens_on_the_way_every_launch_arrives_once(state: str, tmp_path: Path, served: Instance) -> None:
    agent = Agent(tmp_path)
    sent = []
    with way.way_to(served.port) as path:
        for number in range(3):
            path.state = state if number == 1 else way.OPEN
            assert launch(agent, path.url, served.token) == 3
            sent.append(agent.snapshot()["launch_id"])
            if number == 1:
                wait_until(lambda: path.cuts > 0, "the way to be cut")
        wait_until(lambda: agent.spooled() == [], "the uploads")
    assert listed(served) == sorted(sent)
