"""Reading from a real server, and from what only looks like one."""

from __future__ import annotations

import socket
import threading

import pytest

from diagnostics.agent.failure import IMPOSSIBLE, NOTHING_FOUND, Failure
from diagnostics.agent.server import Server
from tests.agent.launches import series, url_of
from tests.agent.probing.listening import Talk, free_port, listening, saying, silent
from tests.durability.instance import Instance


def test_lists_are_read_to_their_end(served: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = series(served, 200, 300, 400)
    monkeypatch.setattr("diagnostics.agent.server._PAGE", 2)
    listed = [item["id"] for item in Server(url_of(served), served.token).items("launches")]
    assert listed == sent[::-1]


def test_what_is_not_there(served: Instance) -> None:
    with pytest.raises(Failure) as failure:
        Server(url_of(served), served.token).get("launches/00000000-0000-0000-0000-000000000000")
    assert failure.value.code == NOTHING_FOUND


def test_a_wrong_token_is_told_in_the_server_s_words(served: Instance) -> None:
    with pytest.raises(Failure, match="not known here") as failure:
        Server(url_of(served), "lsr_wrong").get("launches")
    assert failure.value.code == IMPOSSIBLE


def refused_by(talk: Talk, timeout: float = 20.0) -> str:
    with listening(talk) as port, pytest.raises(Failure) as failure:
        Server(f"http://127.0.0.1:{port}", "t", timeout).get("launches")
    assert failure.value.code == IMPOSSIBLE
    return failure.value.message


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "check the address"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "check the address"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "answered 502"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n", "answered 302"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", "does not answer"),
    ],
)
def test_other_answers_become_a_sentence(answer: bytes, word: str) -> None:
    assert word in refused_by(saying(answer))


def test_silence_ends() -> None:
    assert "does not answer" in refused_by(silent, 0.1)


def test_a_trickle_ends() -> None:
    stop = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not stop.wait(0.02):
            connection.sendall(b" ")

    assert "did not answer in time" in refused_by(talk, 0.2)
    stop.set()


def test_nobody_listens() -> None:
    with pytest.raises(Failure, match="does not answer"):
        Server(f"http://127.0.0.1:{free_port()}", "").get("launches")


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x", "http://"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(Failure, match="not the address"):
        Server(url, "")


def test_a_proxy_for_the_outer_world_is_not_asked_for_loopback(
    served: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    assert Server(url_of(served), served.token).get("launches")["items"] == []
