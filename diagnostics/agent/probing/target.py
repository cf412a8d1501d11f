"""What a probe talks to, read from a URL such as ``postgres://probe@db.internal:5432/orders?sslmode=require``."""

from __future__ import annotations

from types import MappingProxyType
from typing import Dict, Mapping, NamedTuple, Tuple
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from diagnostics.agent.failure import USAGE, Failure
from diagnostics.agent.messages import tr

# Scheme → (protocol, TLS from the first byte, port where the URL names none).
SCHEMES: Dict[str, Tuple[str, bool, int]] = {
    "http": ("http", False, 80),
    "https": ("http", True, 443),
    "tcp": ("tcp", False, 0),
    "tls": ("tcp", True, 443),
    "dns": ("dns", False, 53),
    "postgres": ("postgres", False, 5432),
    "postgresql": ("postgres", False, 5432),
    "redis": ("redis", False, 6379),
    "rediss": ("redis", True, 6380),
    "valkey": ("redis", False, 6379),
    "kafka": ("kafka", False, 9092),
    "kafka+ssl": ("kafka", True, 9093),
}


class Target(NamedTuple):
    """A dependency and how to talk to it; ``socket`` is a Unix socket's path, which replaces host and port."""

    protocol: str
    host: str
    port: int
    tls: bool = False
    tls_verify: bool = True
    socket: str = ""
    path: str = "/"
    user: str = ""
    password: str = ""
    options: Mapping[str, str] = MappingProxyType({})
    name: str = ""
    expect_status: int = 0
    expect_body: str = ""

    @property
    def address(self) -> str:
        """``host:port`` for people; holds no password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.socket or f"{host}:{self.port}"

    def option(self, name: str, otherwise: str = "") -> str:
        return self.options.get(name, otherwise)


def parse(url: str) -> Target:
    """A URL → Target. Raises Failure with a sentence; a password never appears in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Failure(tr("the address is not a URL: its port is not a number up to 65535"), USAGE) from None
    if parts.scheme not in SCHEMES:
        known = ", ".join(SCHEMES)
        raise Failure(tr("“{scheme}” is not probed here; known are {known}", scheme=parts.scheme, known=known), USAGE)
    protocol, tls, usual_port = SCHEMES[parts.scheme]
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    socket = _socket_of(protocol, parts, options)
    if not socket and not (parts.hostname and (port or usual_port)):
        raise Failure(tr("the address names no host and port; write {scheme}://host:port", scheme=parts.scheme), USAGE)
    return Target(
        protocol=protocol,
        host=_ascii(parts.hostname or "localhost"),
        port=port or usual_port,
        tls=tls,
        # libpq's “require” encrypts without verifying; every other scheme here verifies.
        tls_verify=options.get("sslmode", "verify-full") != "require",
        socket=socket,
        path=_path_of(protocol, parts),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        options=options,
    )


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise Failure(tr("“{host}” is not the name of a host", host=host), USAGE) from None


def _path_of(protocol: str, parts: SplitResult) -> str:
    if protocol == "http":
        # What is escaped stays so; a space or a letter outside ASCII must not end the request line.
        return quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe="%/?&=:@+$,;!*'()~[]")
    return unquote(parts.path)


def _socket_of(protocol: str, parts: SplitResult, options: Mapping[str, str]) -> str:
    """PostgreSQL names the directory in ``host=``; redis without a host means the path itself."""
    if protocol == "postgres" and options.get("host", "").startswith("/"):
        return f"{options['host']}/.s.PGSQL.{parts.port or 5432}"
    if protocol == "redis" and not parts.netloc:
        return unquote(parts.path)
    return ""
