"""One probe: what was seen, when, and how long each stage took."""

from __future__ import annotations

import time
from importlib import import_module
from types import MappingProxyType
from typing import Any, Callable, Dict, Mapping, NamedTuple

from diagnostics.agent.probing.connection import Connection, ProbeFailed
from diagnostics.agent.probing.target import Target

Handshake = Callable[[Connection], Dict[str, Any]]
# Each has a handshake(connection); loaded when asked for, since a status must not take long.
PROTOCOLS = ("http", "tcp", "postgres", "redis", "kafka", "dns")


class Outcome(NamedTuple):
    """``time`` and ``duration`` in ns. ``reason`` is empty if ``ok``, else one of: timeout, name_not_found, refused,
    unreachable, closed, network, tls_invalid, protocol, not_ready, denied, unexpected."""

    time: int
    timeout: float
    ok: bool
    duration: int
    stages: Mapping[str, int] = MappingProxyType({})
    reason: str = ""
    message: str = ""
    address: str = ""
    facts: Mapping[str, Any] = MappingProxyType({})

    def document(self) -> Dict[str, Any]:
        """As the ``probe`` artifact holds it."""
        return {
            "time": self.time,
            "timeout_s": self.timeout,
            "ok": self.ok,
            "duration_ns": self.duration,
            "stages": dict(self.stages),
            "reason": self.reason,
            "message": self.message,
            "address": self.address,
            "facts": dict(self.facts),
        }


def probe(target: Target, timeout: float) -> Outcome:
    """Talk to ``target`` as its protocol does, for at most ``timeout`` seconds. Never raises for what it meets."""
    now, begin = time.time_ns(), time.monotonic_ns()
    connection = Connection(target, timeout)
    reason = message = ""
    facts: Dict[str, Any] = {}
    try:
        facts = _talk(connection)
    except ProbeFailed as failed:
        reason, message = failed.reason, str(failed)
    finally:
        connection.close()
    took = time.monotonic_ns() - begin
    return Outcome(now, timeout, not reason, took, connection.stages, reason, message, connection.address, facts)


def _talk(connection: Connection) -> Dict[str, Any]:
    assert connection.target.protocol in PROTOCOLS, "what a target may be, parse() decides"
    handshake: Handshake = import_module(f"diagnostics.agent.probing.{connection.target.protocol}").handshake
    if connection.target.protocol == "dns":
        # One datagram each way: there is nothing to connect.
        return handshake(connection)
    connection.open()
    with connection.timed("handshake"):
        return handshake(connection)
