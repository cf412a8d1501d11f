"""The uploader against a real HTTP server that misbehaves on purpose."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from diagnostics.agent.upload import UploadError, upload

Answer = tuple[int, dict[str, str], bytes]
ACCEPTED: Answer = (202, {}, b'{"id": "1", "artifact": "2", "state": "received", "url": "/launches/1/"}')
BUSY: Answer = (503, {"Retry-After": "7"}, b"")
SNAPSHOT = {"schema": 1, "service": "s", "phases": []}


class Server:
    """Gives its answers in turn, and keeps what it was sent."""

    def __init__(self, answers: list[Answer]) -> None:
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self._answers = iter(answers)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805 (the handler has a self of its own)
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.received.append((self.path, dict(self.headers), body))
                status, headers, content = next(server._answers)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def serve() -> Iterator[Any]:
    running: list[Server] = []

    def start(*answers: Answer) -> Server:
        running.append(Server(list(answers)))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def waits() -> list[float]:
    return []


def test_it_sends_gzip_and_the_token(serve: Any) -> None:
    server = serve(ACCEPTED)
    assert upload(SNAPSHOT, server.url + "/", "lsi_secret")["id"] == "1"
    path, headers, body = server.received[0]
    assert path == "/api/v1/launches"
    assert headers["Authorization"] == "Bearer lsi_secret"
    assert headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(body)) == SNAPSHOT


def test_it_tries_again_after_as_long_as_the_server_asks(serve: Any, waits: list[float]) -> None:
    server = serve(BUSY, ACCEPTED)
    upload(SNAPSHOT, server.url, "t", wait=waits.append)
    assert waits == [7.0]
    assert server.received[0][2] == server.received[1][2]


def test_a_date_to_wait_for_is_understood(serve: Any, waits: list[float]) -> None:
    server = serve((429, {"Retry-After": formatdate(4_000_000_000, usegmt=True)}, b""), ACCEPTED)
    upload(SNAPSHOT, server.url, "t", patience=float("inf"), wait=waits.append)
    assert waits[0] > 10**8


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_the_pause_grows_and_is_jittered(serve: Any, waits: list[float], status: int) -> None:
    server = serve((status, {}, b""), (status, {"Retry-After": "soon"}, b"<html>"), (status, {}, b""), ACCEPTED)
    upload(SNAPSHOT, server.url, "t", wait=waits.append)
    assert [0.25 <= waits[0] <= 0.5, 0.5 <= waits[1] <= 1.0, 1.0 <= waits[2] <= 2.0] == [True] * 3


REFUSED = json.dumps(
    {"error": {"code": "conflict", "message": "Other bytes have this id", "where": "launch_id"}}
).encode()


@pytest.mark.parametrize("status", [400, 401, 403, 409, 413, 415, 422])
def test_what_the_server_refuses_is_not_sent_again(serve: Any, waits: list[float], status: int) -> None:
    server = serve((status, {}, REFUSED))
    with pytest.raises(UploadError, match=rf"answered {status}: Other bytes have this id \(launch_id\)") as caught:
        upload(SNAPSHOT, server.url, "t", wait=waits.append)
    assert (caught.value.permanent, caught.value.code, waits) == (True, "conflict", [])


def test_a_redirect_does_not_carry_the_token_away(serve: Any) -> None:
    other = serve(ACCEPTED)
    server = serve((308, {"Location": other.url}, b""), (302, {"Location": other.url}, b""))
    for _ in range(2):
        with pytest.raises(UploadError, match=f"redirects to {other.url}: use that server's address"):
            upload(SNAPSHOT, server.url, "t")
    assert other.received == []


def test_a_server_that_is_away_is_one_sentence(serve: Any, waits: list[float]) -> None:
    server = serve()
    server.stop()
    with pytest.raises(UploadError, match=r"does not answer: .*refused") as caught:
        upload(SNAPSHOT, server.url, "t", patience=0.0, wait=waits.append)
    assert (caught.value.permanent, waits) == (False, [])


def test_it_comes_back_when_the_server_does(serve: Any, waits: list[float]) -> None:
    server = serve((500, {}, b""))
    server.stop()
    back: list[Server] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if not back:
            back.append(serve_at(server.url))

    assert upload(SNAPSHOT, server.url, "t", wait=wait)["id"] == "1"
    back[0].stop()


def serve_at(url: str) -> Server:
    server = Server.__new__(Server)
    server.received, server._answers, server.url = [], iter([ACCEPTED]), url
    server._http = ThreadingHTTPServer(("127.0.0.1", int(url.rpartition(":")[2])), server._handler())
    threading.Thread(target=server._http.serve_forever, daemon=True).start()
    return server


def test_something_else_that_answers_is_told_apart(serve: Any) -> None:
    server = serve((200, {}, b"<html>Welcome to nginx"))
    with pytest.raises(UploadError, match="did not answer as a Launchscope server does"):
        upload(SNAPSHOT, server.url, "t", patience=0.0)


def test_a_proxy_for_the_outer_world_is_not_used_for_this_machine(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert upload(SNAPSHOT, serve(ACCEPTED).url, "t", patience=0.0)["state"] == "received"
