from __future__ import annotations

import pytest

from diagnostics.agent.failure import USAGE, Failure
from diagnostics.agent.probing.target import parse


@pytest.mark.parametrize(
    ("url", "protocol", "address", "tls"),
    [
        ("http://example.test", "http", "example.test:80", False),
        ("https://example.test/x", "http", "example.test:443", True),
        ("tcp://[::1]:29500", "tcp", "[::1]:29500", False),
        ("postgresql://u:p@db/x", "postgres", "db:5432", False),
        ("postgres:///x?host=/run/postgresql", "postgres", "/run/postgresql/.s.PGSQL.5432", False),
        ("rediss://cache", "redis", "cache:6380", True),
        ("redis:///run/valkey.sock", "redis", "/run/valkey.sock", False),
        ("kafka://k:9192", "kafka", "k:9192", False),
        ("dns://10.0.0.53/a.test", "dns", "10.0.0.53:53", False),
        ("http://bücher.test", "http", "xn--bcher-kva.test:80", False),
    ],
)
def test_reads(url: str, protocol: str, address: str, tls: bool) -> None:
    target = parse(url)
    assert (target.protocol, target.address, target.tls) == (protocol, address, tls)


@pytest.mark.parametrize("url", ["ftp://x", "x", "tcp://host", "http://", "http://x:99999", "http://x:abc", "redis://"])
def test_refuses_with_a_sentence(url: str) -> None:
    with pytest.raises(Failure) as refused:
        parse(url)
    assert refused.value.code == USAGE
    assert len(refused.value.message) > 20


def test_a_password_is_unquoted_and_not_in_the_address() -> None:
    target = parse("postgres://me:p%40ss@db/x")
    assert (target.user, target.password) == ("me", "p@ss")
    assert "p@ss" not in target.address


def test_what_would_end_a_request_line_is_escaped() -> None:
    assert parse("http://x/a b?q=ü%20").path == "/a%20b?q=%C3%BC%20"


@pytest.mark.parametrize(("mode", "verify"), [("require", False), ("verify-full", True)])
def test_sslmode_decides_whether_the_certificate_counts(mode: str, verify: bool) -> None:
    assert parse(f"postgres://db/x?sslmode={mode}").tls_verify is verify
