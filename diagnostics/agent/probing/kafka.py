"""Kafka: ApiVersions, the request every broker answers first, before any login."""

from __future__ import annotations

import struct
from typing import Any, Dict

from diagnostics.agent.messages import tr
from diagnostics.agent.probing.connection import Connection, ProbeFailed

_API_VERSIONS, _CORRELATION, _LARGEST = 18, 0x6C73, 1 << 20


def request() -> bytes:
    """ApiVersions v0 with a v1 header; v0 is the one version that every broker must understand."""
    client = b"launchscope-agent"
    body = struct.pack("!hhih", _API_VERSIONS, 0, _CORRELATION, len(client)) + client
    return struct.pack("!i", len(body)) + body


def handshake(connection: Connection) -> Dict[str, Any]:
    connection.send(request())
    length = struct.unpack("!i", connection.receive(4))[0]
    # The first bytes of another protocol, read as a length, are far out of this range.
    if not 10 <= length <= _LARGEST:
        raise _other_protocol(connection)
    body = connection.receive(length)
    correlation, error, apis = struct.unpack("!ihi", body[:10])
    if correlation != _CORRELATION:
        raise _other_protocol(connection)
    if error:
        raise ProbeFailed("unexpected", tr("the broker answered with error {code}", code=error))
    return {"apis": apis}


def _other_protocol(connection: Connection) -> ProbeFailed:
    return ProbeFailed(
        "protocol", tr("{address} does not speak {protocol}", address=connection.address, protocol="Kafka")
    )
