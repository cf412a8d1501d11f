"""Every protocol against what really speaks it here, and against what a sick one says."""

from __future__ import annotations

import http.server
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from diagnostics.agent.probing import Outcome, parse, probe
from diagnostics.agent.probing.kafka import request
from tests.agent.probing.listening import Talk, free_port, listening, name_server, saying, silent

TLS = Path(__file__).resolve().parents[2] / "data" / "tls"
PATIENT = 20.0  # for what must succeed on a loaded machine
SHORT = 0.1  # for what never answers


def asked(url: str, talk: Talk) -> Outcome:
    with listening(talk) as port:
        return probe(parse(url.format(port=port)), PATIENT)


@pytest.fixture
def database_url() -> str:
    database = settings.DATABASES["default"]
    host = database["HOST"] or database["OPTIONS"].get("host", "")
    return f"postgres://{database['USER']}@/postgres?host={host}"


def test_a_real_postgresql_accepts_connections(database_url: str) -> None:
    outcome = probe(parse(database_url), PATIENT)
    assert (outcome.ok, outcome.message, outcome.facts["authentication"]) == (True, "", 0)
    assert set(outcome.stages) == {"resolve", "connect", "handshake"}


def test_a_database_that_is_missing_still_shows_a_server_that_is_up(database_url: str) -> None:
    outcome = probe(parse(database_url.replace("/postgres?", "/no-such-database?")), PATIENT)
    assert (outcome.ok, outcome.facts["sqlstate"]) == (True, "3D000")


def test_a_real_valkey_answers_ping() -> None:
    path = settings.REDIS_URL.removeprefix("unix://").partition("?")[0]
    outcome = probe(parse(f"redis://{path}"), PATIENT)
    assert (outcome.ok, outcome.facts) == (True, {"answer": "PONG"})


def error(state: str, message: str) -> bytes:
    body = f"SFATAL\0C{state}\0M{message}\0\0".encode()
    return b"E" + struct.pack("!i", len(body) + 4) + body


HTTP = "http://127.0.0.1:{port}/"
POSTGRES = "postgres://127.0.0.1:{port}/x?sslmode=disable"
REDIS = "redis://127.0.0.1:{port}"
KAFKA = "kafka://127.0.0.1:{port}"
VERSIONS = b"\0\0\0\x10\0\0ls\0\0\0\0\0\1\0\x12\0\0\0\3"
UNSUPPORTED = VERSIONS.replace(b"ls\0\0", b"ls\0\x23")


@pytest.mark.parametrize(
    ("url", "answer", "reason"),
    [
        (HTTP, b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (HTTP, b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", ""),
        (HTTP, b"HTTP/1.1 503 Busy\r\n\r\n", "not_ready"),
        (HTTP, b"HTTP/1.1 404 Not Found\r\n\r\n", "unexpected"),
        (HTTP, b"SSH-2.0-OpenSSH_9.2\r\n", "protocol"),
        (HTTP, b"HTTP/1.1 200", "closed"),
        (POSTGRES, b"R\0\0\0\x08\0\0\0\x0a", ""),
        (POSTGRES, error("57P03", "the database system is starting up"), "not_ready"),
        (POSTGRES, b"R\0\0\0\x08\0\0\0\0" + error("53300", "sorry, too many clients already"), "not_ready"),
        (POSTGRES, error("28P01", "password authentication failed"), ""),
        (POSTGRES, b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol"),
        (REDIS, b"+PONG\r\n", ""),
        (REDIS, b"-NOAUTH Authentication required.\r\n", ""),
        (REDIS, b"-LOADING Redis is loading the dataset in memory\r\n", "not_ready"),
        (REDIS, b"-DENIED Redis is running in protected mode\r\n", "unexpected"),
        (REDIS, b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol"),
        (KAFKA, VERSIONS, ""),
        (KAFKA, UNSUPPORTED, "unexpected"),
        (KAFKA, b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol"),
        ("tcp://127.0.0.1:{port}", b"", ""),
    ],
)
def test_what_answers_mean(url: str, answer: bytes, reason: str) -> None:
    outcome = asked(url, saying(answer))
    assert (outcome.reason, outcome.ok) == (reason, not reason), outcome.message


def test_a_name_that_takes_forever_to_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait() and [])
    outcome = probe(parse("tcp://slow.test:80"), SHORT)
    over.set()
    assert (outcome.reason, set(outcome.stages)) == ("timeout", {"resolve"})


def encrypting(connection: socket.socket) -> None:
    """PostgreSQL that agrees to TLS, then asks for a password."""
    connection.recv(8)
    connection.sendall(b"S")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    with context.wrap_socket(connection, server_side=True) as inner:
        inner.recv(4096)
        inner.sendall(b"R\0\0\0\x08\0\0\0\x0a")
        inner.recv(4096)


@pytest.mark.parametrize(
    ("mode", "reason"), [("prefer", ""), ("require", ""), ("verify-full", "tls_invalid"), ("disable", "closed")]
)
def test_postgresql_over_tls(mode: str, reason: str) -> None:
    outcome = asked("postgres://localhost:{port}/x?sslmode=" + mode, encrypting)
    assert outcome.reason == reason, outcome.message
    assert ("tls" in outcome.stages) is (mode != "disable")


@pytest.mark.parametrize(("mode", "reason"), [("prefer", ""), ("require", "tls_invalid")])
def test_postgresql_without_tls(mode: str, reason: str) -> None:
    url = "postgres://127.0.0.1:{port}/x?sslmode=" + mode
    assert asked(url, saying(b"N", b"R\0\0\0\x08\0\0\0\x0a")).reason == reason


def test_wrong_password_of_redis_is_told_apart() -> None:
    outcome = asked("redis://:secret@127.0.0.1:{port}", saying(b"-WRONGPASS invalid username-password pair\r\n"))
    assert outcome.reason == "denied"
    assert "secret" not in outcome.message


def test_kafka_is_asked_what_every_broker_must_answer() -> None:
    heard: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        heard.append(connection.recv(65536))
        connection.sendall(VERSIONS)

    assert asked(KAFKA, talk).facts == {"apis": 1}
    size, key, version = struct.unpack("!ihh", heard[0][:8])
    assert (size, key, version) == (len(request()) - 4, 18, 0)


@pytest.mark.parametrize("url", [HTTP, POSTGRES, REDIS, KAFKA, "tls://127.0.0.1:{port}"])
def test_silence_is_a_timeout_in_the_stage_it_happened(url: str) -> None:
    with listening(silent) as port:
        outcome = probe(parse(url.format(port=port)), SHORT)
    assert outcome.reason == "timeout"
    assert outcome.duration >= SHORT * 1e9
    assert sum(outcome.stages.values()) <= outcome.duration


def test_a_server_that_trickles_cannot_stretch_the_deadline() -> None:
    stop = threading.Event()

    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not stop.wait(SHORT / 5):
            connection.sendall(b"x")

    with listening(trickle) as port:
        outcome = probe(parse(f"http://127.0.0.1:{port}/"), SHORT)
    stop.set()
    assert outcome.reason == "timeout"


def test_nothing_listens() -> None:
    outcome = probe(parse(f"tcp://127.0.0.1:{free_port()}"), PATIENT)
    assert (outcome.reason, set(outcome.stages)) == ("refused", {"resolve", "connect"})


def test_a_name_that_does_not_exist() -> None:
    outcome = probe(parse("tcp://no-such-host.invalid:80"), PATIENT)
    assert (outcome.reason, set(outcome.stages)) == ("name_not_found", {"resolve"})


@pytest.fixture
def tls_port() -> Iterator[int]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"all is well")

        def log_message(self, *_: object) -> None: ...

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_an_untrusted_certificate_fails_in_tls(tls_port: int) -> None:
    outcome = probe(parse(f"https://localhost:{tls_port}/"), PATIENT)
    assert (outcome.reason, list(outcome.stages)[-1]) == ("tls_invalid", "tls")


@pytest.mark.parametrize(("body", "reason"), [("", ""), ("is well", ""), ("OK", "unexpected")])
def test_https_and_the_body_that_is_expected(tls_port: int, body: str, reason: str) -> None:
    target = parse(f"https://localhost:{tls_port}/")._replace(tls_verify=False, expect_body=body)
    outcome = probe(target, PATIENT)
    assert outcome.reason == reason
    assert set(outcome.stages) == {"resolve", "connect", "tls", "handshake"}


def reply(question: bytes, code: int = 0, answers: int = 1, flags: int = 0x8180) -> bytes:
    return question[:2] + struct.pack("!HHHHH", flags | code, 1, answers, 0, 0) + question[12:]


@pytest.mark.parametrize(
    ("code", "answers", "reason"),
    [(0, 1, ""), (0, 0, "name_not_found"), (3, 0, "name_not_found"), (2, 0, "not_ready"), (5, 0, "unexpected")],
)
def test_what_a_name_server_answers(code: int, answers: int, reason: str) -> None:
    with name_server(lambda question: reply(question, code, answers)) as port:
        outcome = probe(parse(f"dns://127.0.0.1:{port}/weights.test"), PATIENT)
    assert outcome.reason == reason


def test_an_answer_to_another_question_is_not_taken() -> None:
    with name_server(lambda question: reply(b"\0\0" + question[2:])) as port:
        outcome = probe(parse(f"dns://127.0.0.1:{port}/weights.test"), SHORT)
    # One chance in 65,536 that the number drawn was zero.
    assert outcome.reason == "timeout"


def test_an_answer_too_long_for_udp_is_fetched_over_tcp() -> None:
    def talk(connection: socket.socket) -> None:
        question = connection.recv(4096)[2:]
        answer = reply(question, answers=40)
        connection.sendall(struct.pack("!H", len(answer)) + answer)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, listening(talk) as port:
        udp.bind(("127.0.0.1", port))
        thread = threading.Thread(target=_truncated, args=(udp,), daemon=True)
        thread.start()
        outcome = probe(parse(f"dns://127.0.0.1:{port}/weights.test?type=TXT"), PATIENT)
        thread.join()
    assert outcome.facts == {"name": "weights.test", "type": "TXT", "answers": 40}


def _truncated(udp: socket.socket) -> None:
    question, sender = udp.recvfrom(4096)
    udp.sendto(reply(question, answers=0, flags=0x8380), sender)


@pytest.mark.parametrize("name", ["a" * 64 + ".test", "a..b"])
def test_a_name_that_dns_cannot_carry(name: str) -> None:
    outcome = probe(parse(f"dns://127.0.0.1:{free_port()}/{name}"), PATIENT)
    assert outcome.reason == "unexpected"


def test_stages_sum_to_no_more_than_the_whole(tls_port: int) -> None:
    outcome = probe(parse(f"tls://localhost:{tls_port}")._replace(tls_verify=False), PATIENT)
    assert 0 < sum(outcome.stages.values()) <= outcome.duration
    assert outcome.facts["tls"].startswith("TLSv1")
