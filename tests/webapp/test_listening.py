"""Where the web server listens."""

from __future__ import annotations

import socket

import pytest

from webapp.home import CannotStart
from webapp.listening import Listening


@pytest.mark.parametrize(
    ("bind", "url", "loopback"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", True),
        ("localhost", "http://localhost:8000", True),
        ("::1", "http://[::1]:8000", True),
        ("0.0.0.0", "http://127.0.0.1:8000", False),
        ("::", "http://[::1]:8000", False),
        ("192.0.2.7", "http://192.0.2.7:8000", False),
        ("gpu-07.example", "http://gpu-07.example:8000", False),
    ],
)
def test_addresses(bind: str, url: str, loopback: bool) -> None:
    listening = Listening(bind, 8000)
    assert (listening.url, listening.is_loopback) == (url, loopback)


def test_an_exposed_server_answers_to_this_machines_names() -> None:
    names = Listening("0.0.0.0", 8000).host_names()
    assert socket.gethostname() in names
    assert "0.0.0.0" not in names
    assert Listening("127.0.0.1", 8000).host_names() == ["127.0.0.1", "[::1]", "localhost"]


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        listening = Listening("127.0.0.1", port)
        with pytest.raises(CannotStart, match=f"Port {port} on 127.0.0.1 is taken"):
            listening.check_free()
    listening.check_free()


@pytest.mark.parametrize(
    ("bind", "port", "sentence"),
    [
        ("127.0.0.1", 70000, "PORT is 70000: give a number from 1 to 65535."),
        ("no.such.name.invalid", 8000, "BIND is 'no.such.name.invalid': give an address of this machine"),
        ("192.0.2.7", 8000, "Port 8000 on 192.0.2.7 cannot be used"),
    ],
)
def test_what_cannot_be_bound_is_one_sentence(bind: str, port: int, sentence: str) -> None:
    with pytest.raises(CannotStart, match=sentence):
        Listening(bind, port).check_free()


def test_nobody_answers_on_a_closed_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        assert not Listening("127.0.0.1", other.getsockname()[1]).answers()
