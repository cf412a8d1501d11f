"""Requests to real servers: pinned addresses, redirects, limits and what is told when something is wrong."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from diagnostics.outbound import Limits, OutboundError, Reason, check, request
from tests.agent.probing.listening import free_port, listening, saying, silent
from tests.outbound.serving import Heard, Reply, Site, certificate, in_days, site

PUBLIC = "93.184.216.34"


@pytest.fixture(autouse=True)
def _loopback_is_listed(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]


@pytest.fixture
def healthy() -> Iterator[Site]:
    with site(lambda heard: Reply(body=b"all OK")) as one:
        yield one


def refused(url: str, **options: Any) -> OutboundError:
    with pytest.raises(OutboundError) as caught:
        request("GET", url, **options)
    return caught.value


def test_an_answer(healthy: Site) -> None:
    answer = request("get", healthy.url("/health?deep=1"), headers={"X-Key": "secret"})
    assert (answer.status, answer.body, answer.cut, answer.valid_until) == (200, b"all OK", False, None)
    [heard] = healthy.heard
    assert (heard.method, heard.path, heard.headers["X-Key"]) == ("GET", "/health?deep=1", "secret")
    assert heard.headers["Host"] == f"127.0.0.1:{healthy.port}"
    parts = answer.timing.dns_ns, answer.timing.connect_ns, answer.timing.first_byte_ns
    assert min(parts) > 0
    assert sum(parts) + answer.timing.tls_ns <= answer.timing.total_ns


def test_a_body_is_sent(healthy: Site) -> None:
    request("POST", healthy.url(), content=b'{"a": 1}', headers={"Content-Type": "application/json"})
    request("POST", healthy.url())
    assert [one.body for one in healthy.heard] == [b'{"a": 1}', b""]
    assert healthy.heard[1].headers["Content-Length"] == "0"


def test_nothing_private_unless_listed(settings: Any, healthy: Site) -> None:
    settings.OUTBOUND_ALLOW = []
    for host in (
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "[::]",
    ):
        assert refused(healthy.url(host=host)).reason in (Reason.FORBIDDEN, Reason.URL), host
    assert healthy.heard == []
    assert "OUTBOUND_ALLOW" in refused(healthy.url()).message


def test_metadata_is_refused_before_anything_is_sent() -> None:
    for host in ("169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]"):
        error = refused(f"http://{host}/latest/meta-data/")
        assert error.reason is Reason.FORBIDDEN
        assert "cloud metadata" in error.message


def test_a_name_is_resolved_once_and_what_was_checked_is_asked(healthy: Site) -> None:
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers.pop(0)

    answer = request("GET", healthy.url(host="rebind.example"), resolve=rebinding)
    assert (answer.status, asked) == (200, ["rebind.example"])
    assert healthy.heard[0].headers["Host"] == f"rebind.example:{healthy.port}"
    # the next request resolves anew and is refused
    assert refused(healthy.url(host="rebind.example"), resolve=rebinding).reason is Reason.FORBIDDEN
    assert len(healthy.heard) == 1


def test_mixed_answers_are_refused(settings: Any, healthy: Site) -> None:
    settings.OUTBOUND_ALLOW = []
    error = refused(healthy.url(host="mixed.example"), resolve=lambda host, port: [PUBLIC, "127.0.0.1"])
    assert error.reason is Reason.FORBIDDEN
    assert healthy.heard == []


def test_a_second_address_is_tried(healthy: Site, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    answer = request("GET", healthy.url(host="two.example"), resolve=lambda host, port: ["127.0.0.99", "127.0.0.1"])
    assert answer.status == 200


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/", "http://10.0.0.1/", "//192.168.1.1/x", "http://0x7f000002/"]
)
def test_a_redirect_to_a_forbidden_address(location: str) -> None:
    with site(lambda heard: Reply(302, headers={"Location": location})) as one:
        error = refused(one.url(), limits=Limits(redirects=3))
    assert error.reason is Reason.FORBIDDEN
    assert "After a redirect to http://" in error.message


def test_a_name_that_rebinds_between_redirects(healthy: Site) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    with site(lambda heard: Reply(302, headers={"Location": "/again"})) as one:
        error = refused(
            one.url(host="a.example"), resolve=lambda host, port: answers.pop(0), limits=Limits(redirects=3)
        )
    assert error.reason is Reason.FORBIDDEN
    assert len(one.heard) == 1


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://", "http://[x"])
def test_a_redirect_to_no_address(location: str) -> None:
    with site(lambda heard: Reply(302, headers={"Location": location})) as one:
        assert refused(one.url(), limits=Limits(redirects=3)).reason in (Reason.URL, Reason.REDIRECT)


def test_redirects_are_followed_only_if_asked_for(healthy: Site) -> None:
    with site(lambda heard: Reply(307, headers={"Location": healthy.url("/there")})) as one:
        assert request("POST", one.url(), content=b"x").status == 307
        answer = request("POST", one.url(), content=b"x", headers={"X-Key": "s"}, limits=Limits(redirects=1))
    assert (answer.url, answer.body) == (healthy.url("/there"), b"all OK")
    [there] = healthy.heard
    assert (there.method, there.body) == ("POST", b"x")
    assert "X-Key" not in there.headers, "a secret header went to another host"


def test_redirects_end() -> None:
    def answering(heard: Heard) -> Reply:
        return Reply(302, headers={"Location": heard.path + "x"})

    with site(answering) as one:
        error = refused(one.url(), limits=Limits(redirects=3), headers={"X-Key": "s"})
    assert (error.reason, len(one.heard)) == (Reason.REDIRECT, 4)
    assert one.heard[-1].headers["X-Key"] == "s"


def test_a_huge_body_is_cut() -> None:
    with site(lambda heard: Reply(body=b"x" * 5_000_000)) as one:
        answer = request("GET", one.url(), limits=Limits(size=1000))
    assert (len(answer.body), answer.cut) == (1000, True)


def test_a_body_that_never_ends_in_time() -> None:
    def dripping(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        # Each byte comes in time for a limit per read; the limit is over all of them.
        connection.settimeout(0.01)
        while True:
            connection.sendall(b"x")
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    with listening(dripping) as port:
        error = refused(f"http://127.0.0.1:{port}/", limits=Limits(seconds=0.3))
    assert (error.reason, error.message) == (Reason.TIME, "There was no complete answer within 0.3 s.")
    assert error.took_ns


def test_no_answer_in_time() -> None:
    with listening(silent) as port:
        assert refused(f"http://127.0.0.1:{port}/", limits=Limits(seconds=0.2)).reason is Reason.TIME
        assert refused(f"https://127.0.0.1:{port}/", limits=Limits(seconds=0.2)).reason is Reason.TIME


def test_a_resolver_that_does_not_answer_in_time() -> None:
    never = threading.Event()

    def stuck(host: str, port: int) -> list[str]:
        never.wait(30)
        return []

    assert refused("http://slow.example/", resolve=stuck, limits=Limits(seconds=0.2)).reason is Reason.TIME
    never.set()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", Reason.PROTOCOL),
        (b"", Reason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", Reason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000, Reason.PROTOCOL),
    ],
)
def test_what_is_no_http(answer: bytes, reason: Reason) -> None:
    with listening(saying(answer)) as port:
        assert refused(f"http://127.0.0.1:{port}/").reason is reason


def test_no_connection_and_no_name() -> None:
    port = free_port()
    error = refused(f"http://127.0.0.1:{port}/")
    assert (error.reason, error.message) == (
        Reason.CONNECT,
        f"No connection to 127.0.0.1:{port}: Connection refused.",
    )

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    error = refused("http://nowhere.example/", resolve=unknown)
    assert error.message == "The name nowhere.example does not resolve: Name or service not known."


@pytest.mark.parametrize(
    "url", ["", "example.com", "ftp://example.com/", "http://", "http://a b/", "http://u:p@example.com/", "http://a:0/"]
)
def test_what_is_no_url(url: str) -> None:
    assert refused(url).reason is Reason.URL


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"X\n": "a"}, {"X": "键"}, {"": "a"}])
def test_headers_that_cannot_be_sent(healthy: Site, headers: dict[str, str]) -> None:
    assert refused(healthy.url(), headers=headers).reason is Reason.URL
    assert healthy.heard == []


def test_tls_keeps_the_name(tmp_path: Path) -> None:
    server, client = certificate(tmp_path, until := in_days(40), "pinned.example")
    told: list[str | None] = []
    server.sni_callback = lambda sock, name, context: told.append(name)
    with site(lambda heard: Reply(), server) as one:
        url = one.url(host="pinned.example", scheme="https")
        answer = request("GET", url, tls=client, resolve=lambda host, port: ["127.0.0.1"])
        assert answer.status == 200
        assert answer.valid_until == until
        assert answer.timing.tls_ns > 0
        wrong = refused(one.url(host="other.example", scheme="https"), tls=client, resolve=lambda h, p: ["127.0.0.1"])
    assert told == ["pinned.example", "other.example"]
    assert wrong.reason is Reason.TLS
    assert "certificate of other.example is not trusted" in wrong.message


def test_an_expired_certificate(tmp_path: Path) -> None:
    server, client = certificate(tmp_path, in_days(-2))
    with site(lambda heard: Reply(), server) as one:
        error = refused(one.url(host="localhost", scheme="https"), tls=client)
        assert error.message == "The certificate of localhost is not trusted: certificate has expired."
        unknown = refused(one.url(host="localhost", scheme="https"))
        assert unknown.reason is Reason.TLS
        lenient = request("GET", one.url(host="localhost", scheme="https"), tls=False)
    assert lenient.valid_until is not None
    assert lenient.valid_until < in_days(0)


def test_a_server_without_tls() -> None:
    with site(lambda heard: Reply()) as one:
        error = refused(one.url(scheme="https"))
    assert error.reason is Reason.TLS


def test_looking_early() -> None:
    with pytest.raises(OutboundError, match="OUTBOUND_ALLOW"):
        check("http://intern.example/", resolve=lambda host, port: ["10.0.0.1"])
    with pytest.raises(OutboundError, match="OUTBOUND_ALLOW"):
        check("https://[::1]/")
    check("http://127.0.0.1:9/")
    check("http://extern.example/", resolve=lambda host, port: [PUBLIC])
