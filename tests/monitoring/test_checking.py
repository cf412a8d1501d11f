"""Checks against real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.models import Check
from diagnostics.monitoring import look, run_due
from tests.agent.probing.listening import free_port, listening, silent
from tests.monitoring.conftest import MakeMonitor, at
from tests.outbound.serving import Reply, Site, certificate, in_days, site

PAGES = {
    "/ok": Reply(body="状态 OK\n".encode()),
    "/bad": Reply(503, b"worker is loading"),
    "/long": Reply(body=b"a" * 60 + b"!"),
    "/moved": Reply(302, headers={"Location": "/ok"}),
    "/away": Reply(302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
    "/huge": Reply(body=b"OK" + b"x" * 3_000_000),
    "/late": Reply(body=b"x" * 3_000_000 + b"OK"),
}


@pytest.fixture
def served() -> Iterator[Site]:
    with site(lambda heard: PAGES[heard.path]) as one:
        yield one


@pytest.mark.parametrize(
    ("path", "fields", "reason", "words"),
    [
        ("/ok", {}, "", ""),
        ("/ok", {"expected_body": "OK"}, "", ""),
        ("/ok", {"expected_body": "状态"}, "", ""),
        ("/ok", {"expected_body": r"^状态\s+O[KL]$", "body_is_regex": True}, "", ""),
        ("/ok", {"method": "POST", "expected_status": "2xx"}, "", ""),
        ("/ok", {"method": "HEAD"}, "", ""),
        ("/ok", {"expected_status": "204, 301-308"}, "status", "The status is 200, expected is 204, 301-308."),
        ("/bad", {}, "status", "The status is 503, expected is 200-299."),
        ("/bad", {"expected_status": "503"}, "", ""),
        ("/ok", {"expected_body": "READY"}, "body", "In the answer there is no “READY”; it begins “状态 OK”."),
        ("/ok", {"expected_body": "^R", "body_is_regex": True}, "body", "Nothing in the answer matches “^R”"),
        ("/long", {"expected_body": "^(a+)+$", "body_is_regex": True}, "body", "The pattern takes more than 2 s"),
        ("/moved", {"expected_body": "OK"}, "", ""),
        ("/moved", {"follow_redirects": False}, "status", "The status is 302"),
        ("/moved", {"follow_redirects": False, "expected_status": "302"}, "", ""),
        ("/away", {}, "forbidden", "After a redirect to http://169.254.169.254/latest/meta-data/"),
        ("/huge", {"expected_body": "OK"}, "", ""),
        ("/late", {"expected_body": "OK"}, "body", "In the first 262144 bytes of the answer there is no “OK”"),
    ],
)
def test_expectations(
    served: Site, monitor: MakeMonitor, path: str, fields: dict[str, object], reason: str, words: str
) -> None:
    seen = look(monitor(url=served.url(path), **fields))
    assert (seen.reason, seen.ok) == (reason, not reason)
    assert seen.error.startswith(words)
    assert seen.total_ns > 0


def test_headers_are_sent_and_stored_sealed(served: Site, monitor: MakeMonitor) -> None:
    one = monitor(url=served.url("/ok"), headers={"X-Api-Key": "s3cret-value"})
    assert look(one).ok
    assert served.heard[0].headers["X-Api-Key"] == "s3cret-value"
    assert "s3cret" not in one.sealed_headers


def test_another_secret_key_is_told_of(monitor: MakeMonitor, settings: object) -> None:
    one = monitor(headers={"X-Api-Key": "s3cret-value"})
    settings.SECRET_KEY = "another-" * 8  # type: ignore[attr-defined]
    assert look(one).error.startswith("SECRET_KEY was changed")


def test_a_server_that_does_not_answer(monitor: MakeMonitor) -> None:
    with listening(silent) as port:
        seen = look(monitor(url=f"http://127.0.0.1:{port}/", max_time=0.2))
    assert (seen.reason, seen.error) == ("time", "There was no complete answer within 0.2 s.")
    seen = look(monitor("other", url=f"http://127.0.0.1:{free_port()}/"))
    assert seen.reason == "connect"


def test_a_name_that_came_to_lead_inside(monitor: MakeMonitor) -> None:
    one = monitor(url="http://localhost:9/")
    seen = look(one, resolve=lambda host, port: ["10.0.0.5"])
    assert seen.reason == "forbidden"
    assert "OUTBOUND_ALLOW" in seen.error


def test_certificates(tmp_path: Path, monitor: MakeMonitor) -> None:
    server, client = certificate(tmp_path, until := in_days(9))
    with site(lambda heard: Reply(), server) as one:
        asked = monitor(url=one.url(host="localhost", scheme="https"))
        seen = look(asked, tls=client)
        assert (seen.ok, seen.certificate_until) == (True, until)
        assert look(asked).reason == "tls"
        asked.tls_verify = False
        assert look(asked).ok
    expired, client = certificate(tmp_path, in_days(-1))
    with site(lambda heard: Reply(), expired) as one:
        seen = look(monitor("b", url=one.url(host="localhost", scheme="https")), tls=client)
    assert seen.error == "The certificate of localhost is not trusted: certificate has expired."


def test_from_beat_to_row(served: Site, monitor: MakeMonitor) -> None:
    fine, broken = monitor("a", served.url("/ok")), monitor("b", served.url("/bad"))
    run_due(at(0))
    rows = {check.monitor_id: check for check in Check.objects.all()}
    assert (rows[fine.pk].ok, rows[fine.pk].status, rows[fine.pk].due) == (True, 200, at(0))
    parts = [rows[fine.pk].dns_ns, rows[fine.pk].connect_ns, rows[fine.pk].tls_ns, rows[fine.pk].first_byte_ns]
    assert sum(part or 0 for part in parts) <= rows[fine.pk].total_ns
    assert (rows[broken.pk].reason, rows[broken.pk].error) == ("status", "The status is 503, expected is 200-299.")
    fine.refresh_from_db()
    broken.refresh_from_db()
    assert (fine.state, broken.state, broken.failures) == ("up", "down", 1)
