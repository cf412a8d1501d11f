"""Documents of glmctl and diagnose."""

from __future__ import annotations

import json
from typing import Any

import pytest

from diagnostics.parsers import Hints, sniff
from diagnostics.parsers.probe import parse
from diagnostics.records import Kind, ParseError
from tests.data.snapshots import T0

HINTS = Hints(received_at=T0 + 10**12)
TIMEOUTS: dict[str, Any] = {
    "schema": 1,
    "type": "timeouts",
    "time": T0,
    "service": "open-autoglm",
    "host": {"name": "gpu-07"},
    "target": {"name": "orders-db", "protocol": "postgres", "address": "db.internal:5432"},
    "probes": [
        {"round": 0, "time": T0, "timeout_s": 3.0, "ok": True, "duration_ns": 1_843_210},
        {"round": 0, "time": T0, "timeout_s": 0.5, "ok": False, "duration_ns": 500_000_000, "message": "timed out"},
    ],
    "timeouts": [{"timeout_s": 3.0, "false_positive_rate": 0.0}],
    "recommendation": {"timeout_s": 3.0, "because": "no probe failed"},
}
DEEP: dict[str, Any] = {
    "schema": 1,
    "type": "deep",
    "time": T0,
    "host": {"name": "gpu-07"},
    "checks": [
        {
            "name": "read-throughput",
            "layer": "storage",
            "state": "warning",
            "message": "/models is read at 48 MB/s",
            "expected": 100,
            "actual": 48.2,
            "unit": "MB/s",
        }
    ],
}


def test_every_probe_is_an_event() -> None:
    parsed = parse(json.dumps(TIMEOUTS).encode(), HINTS)
    answered, failed = parsed.events
    assert answered.text == "orders-db: answered after 1.8 ms (timeout 3 s)"
    assert (failed.level, failed.fields["timeout_s"], failed.line) == ("error", 0.5, 2)
    assert "timed out" in failed.text
    assert parsed.facts["recommendation"] == TIMEOUTS["recommendation"]
    assert parsed.lines.total == 2


def test_every_check_is_an_event() -> None:
    (event,) = parse(json.dumps(DEEP).encode(), HINTS).events
    assert (event.source, event.level, event.time) == ("read-throughput", "warning", T0)
    assert event.fields["actual"] == 48.2


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"type": "other"}, "$.type"),
        ({"probes": []}, "$"),
        ({"probes": [{"time": -1, "timeout_s": 1, "ok": True, "duration_ns": 1}]}, "$.probes[0].time"),
        ({"probes": [{"timeout_s": 1}]}, "$.probes[0]"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(json.dumps(TIMEOUTS | changes).encode(), HINTS)
    assert caught.value.where == where


@pytest.mark.parametrize("document", [TIMEOUTS, DEEP])
def test_they_are_recognised(document: dict[str, Any]) -> None:
    assert sniff(json.dumps(document).encode()) is Kind.PROBE
