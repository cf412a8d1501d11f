"""What ``glmctl runtime-scope`` and ``diagnose probe`` found out about a dependency or a host.

Two documents of one kind. ``"type": "timeouts"``: probes of a dependency, round after round, one a timeout::

    {"schema": 1, "type": "timeouts", "time": 1764…, "target": {"name": "orders-db", "protocol": "postgres", …},
     "probes": [{"time": 1764…, "timeout_s": 3.0, "ok": true, "duration_ns": 1843210, "message": ""}],
     "timeouts": […], "recommendation": {…}}

``"type": "deep"``: everything that can be tried on a host, one check after the other::

    {"schema": 1, "type": "deep", "time": 1764…,
     "checks": [{"name": "read-throughput", "layer": "storage", "state": "warning", "message": "…", "advice": "…"}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from diagnostics.parsers.document import SentHost, finite, host_of, read_json, time_of, typed
from diagnostics.parsers.hints import Hints
from diagnostics.records import Event, Lines, Parsed, ParseError

PARSER = "probe/1"
LEVELS = {"good": "info", "warning": "warning", "failed": "error", "unknown": "notice"}


class SentProbe(msgspec.Struct):
    """One try with one timeout."""

    time: int
    timeout_s: float
    ok: bool
    duration_ns: int
    message: str = ""
    reason: str = ""


class SentCheck(msgspec.Struct):
    """One look at one thing."""

    name: str
    state: Literal["good", "warning", "failed", "unknown"]
    message: str
    layer: str = "unknown"


class Probe(msgspec.Struct):
    """What both documents share, and the parts of either."""

    type: Literal["timeouts", "deep"]
    time: int
    schema: Literal[1] = 1
    host: SentHost | None = None
    target: dict[str, Any] = {}
    probes: list[SentProbe] = []
    checks: list[SentCheck] = []


def parse(content: bytes, hints: Hints) -> Parsed:
    """One event a probe or check; the rest of the document is kept as facts. Raises ``ParseError`` with the place."""
    document = read_json(content)
    sent = typed(document, Probe, "invalid_probe")
    if not (sent.probes or sent.checks):
        raise ParseError("The document holds neither probes nor checks", "$", "invalid_probe")
    events = [*_probes(sent, document, hints), *_checks(sent, document, hints)]
    rest = {key: value for key, value in document.items() if key not in ("probes", "checks", "host", "schema")}
    return Parsed(
        parser=PARSER,
        events=events,
        host=host_of(sent.host, hints),
        lines=Lines(total=len(events), read=len(events)),
        facts=finite(rest, "$"),
    )


def recognise(content: bytes) -> bool:
    """A JSON object that names itself one of the two types."""
    head = content[:4096].lstrip()
    return head[:1] == b"{" and (b'"timeouts"' in head or b'"deep"' in head) and b'"type"' in head


def _probes(sent: Probe, document: dict[str, Any], hints: Hints) -> Iterator[Event]:
    name = str(sent.target.get("name") or sent.target.get("address") or "probe")
    for n, probe in enumerate(sent.probes):
        outcome = "answered" if probe.ok else probe.message or probe.reason or "failed"
        yield Event(
            time=time_of(probe.time, f"$.probes[{n}].time", hints.received_at),
            text=f"{name}: {outcome} after {probe.duration_ns / 1e6:.1f} ms (timeout {probe.timeout_s:g} s)",
            source=name,
            line=n + 1,
            level="info" if probe.ok else "error",
            fields=finite(document["probes"][n], f"$.probes[{n}]"),
        )


def _checks(sent: Probe, document: dict[str, Any], hints: Hints) -> Iterator[Event]:
    for n, check in enumerate(sent.checks):
        yield Event(
            time=time_of(sent.time, "$.time", hints.received_at),
            text=check.message,
            source=check.name,
            line=n + 1,
            level=LEVELS[check.state],
            fields=finite(document["checks"][n], f"$.checks[{n}]"),
        )
