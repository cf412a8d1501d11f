"""PostgreSQL's start-up handshake, as far as pg_isready goes: the server answers, and it accepts connections.

A server that asks for a password, or refuses this user or database, is up; one that says it is starting is not.
"""

from __future__ import annotations

import contextlib
import struct
from typing import Any, Dict, Tuple

from diagnostics.agent.messages import tr
from diagnostics.agent.probing.connection import Connection, ProbeFailed

_PROTOCOL_3, _SSL_REQUEST, _LARGEST = 196608, 80877103, 65536
# SQLSTATE of class 57 (operator intervention) and 53 (resources): nobody can connect now, whoever asks.
_NOT_READY = ("57P", "53")


def handshake(connection: Connection) -> Dict[str, Any]:
    mode = connection.target.option("sslmode", "prefer")
    if mode not in ("disable", "allow") and not connection.target.socket:
        _negotiate_tls(connection, mode)
    connection.send(startup_message(connection.target.user or "launchscope", connection.target.path.strip("/")))
    kind, body = _message(connection)
    authentication = struct.unpack("!i", body[:4])[0] if kind == b"R" else 0
    # After AuthenticationOk the session is still being set up: a full or stopping server says so only now.
    while kind not in (b"E", b"Z") and authentication == 0:
        kind, body = _message(connection)
    if kind == b"E":
        return _judge(error_fields(body))
    # Without a goodbye the server logs a broken connection for every probe.
    with contextlib.suppress(OSError):
        connection.send(b"X\x00\x00\x00\x04")
    return {"authentication": authentication, "tls": connection.tls_version()}


def _message(connection: Connection) -> Tuple[bytes, bytes]:
    """(type, body); the types a server sends while it starts a session."""
    kind, length = struct.unpack("!ci", connection.receive(5))
    if kind not in (b"R", b"E", b"S", b"K", b"Z", b"N", b"v") or not 4 <= length <= _LARGEST:
        raise ProbeFailed(
            "protocol", tr("{address} does not speak {protocol}", address=connection.address, protocol="PostgreSQL")
        )
    return kind, connection.receive(length - 4)


def _negotiate_tls(connection: Connection, mode: str) -> None:
    connection.send(struct.pack("!ii", 8, _SSL_REQUEST))
    answer = connection.receive(1)
    if answer == b"S":
        connection.start_tls(verify=mode in ("verify-ca", "verify-full"))
    # A server older than TLS, or something else altogether, answers with neither.
    elif answer != b"N":
        raise ProbeFailed(
            "protocol", tr("{address} does not speak {protocol}", address=connection.address, protocol="PostgreSQL")
        )
    elif mode not in ("prefer",):
        raise ProbeFailed("tls_invalid", tr("{address} offers no TLS", address=connection.address))


def startup_message(user: str, database: str) -> bytes:
    pairs = [("user", user), ("database", database or user), ("application_name", "launchscope-agent")]
    body = b"".join(f"{name}\0{value}\0".encode() for name, value in pairs) + b"\0"
    return struct.pack("!ii", len(body) + 8, _PROTOCOL_3) + body


def error_fields(body: bytes) -> Dict[str, str]:
    """An ErrorResponse's fields by their one-letter type: ``{"C": "57P03", "M": "… starting up"}``."""
    parts = [part for part in body.split(b"\0") if part]
    return {chr(part[0]): part[1:].decode("utf-8", "replace") for part in parts}


def _judge(fields: Dict[str, str]) -> Dict[str, Any]:
    state, message = fields.get("C", ""), fields.get("M", "")
    if state.startswith(_NOT_READY):
        raise ProbeFailed("not_ready", f"{message} ({state})")
    return {"sqlstate": state, "message": message}
