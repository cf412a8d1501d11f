"""Redis and Valkey: AUTH where a password is known, then PING."""

from __future__ import annotations

from typing import Any, Dict

from diagnostics.agent.messages import tr
from diagnostics.agent.probing.connection import Connection, ProbeFailed

_NOT_READY = ("LOADING", "MASTERDOWN", "BUSY", "CLUSTERDOWN", "TRYAGAIN", "ERR max number of clients")
_DENIED = ("WRONGPASS", "NOPERM", "ERR AUTH", "ERR invalid password")


def handshake(connection: Connection) -> Dict[str, Any]:
    """``+PONG`` is well; so is ``-NOAUTH`` without a password of ours, since it shows a server that works."""
    target = connection.target
    if target.password:
        words = [b"AUTH", *([target.user.encode()] if target.user else []), target.password.encode()]
        _judge(connection, _ask(connection, words))
    return {"answer": _judge(connection, _ask(connection, [b"PING"]))}


def _ask(connection: Connection, words: "list[bytes]") -> str:
    parts = [b"*%d\r\n" % len(words)] + [b"$%d\r\n%s\r\n" % (len(word), word) for word in words]
    connection.send(b"".join(parts))
    line = b""
    # An inline error or status is one short line; more than this is another protocol.
    while not line.endswith(b"\r\n") and len(line) < 4096:
        line += connection.receive_some(4096)
    return line.decode("utf-8", "replace").strip()


def _judge(connection: Connection, line: str) -> str:
    kind, told = line[:1], line[1:]
    if kind == "+" or (kind == "-" and told.startswith("NOAUTH")):
        return told
    if kind != "-":
        raise ProbeFailed(
            "protocol", tr("{address} does not speak {protocol}", address=connection.address, protocol="Redis")
        )
    reason = "not_ready" if told.startswith(_NOT_READY) else "denied" if told.startswith(_DENIED) else "unexpected"
    raise ProbeFailed(reason, told[:200])
