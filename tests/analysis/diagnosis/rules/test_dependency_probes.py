from __future__ import annotations

from typing import Any

import pytest

from diagnostics.analysis.diagnosis.finding import Finding, Layer
from diagnostics.analysis.diagnosis.rules.dependency_probes import dependency_probes
from tests.analysis.diagnosis.cases import at, case, phase
from tests.analysis.diagnosis.probes import MS, checks, probed


def rounds(*outcomes: dict[str, Any], name: str = "orders-db") -> dict[str, Any]:
    probes = [
        {"time": at(2 + n), "timeout_s": 3.0, "ok": True, "duration_ns": 2 * MS, "stages": {}, "reason": "", **outcome}
        for n, outcome in enumerate(outcomes)
    ]
    return {"schema": 1, "type": "timeouts", "time": at(2), "target": {"name": name}, "probes": probes}


def diagnosed(document: dict[str, Any], **fields: Any) -> list[Finding]:
    events, told = probed(document)
    return list(dependency_probes(case(phase("app", 0, 60), events=events, files=[told], **fields)))


def failed(reason: str, *stages: str, **more: Any) -> dict[str, Any]:
    return {"ok": False, "reason": reason, "message": f"it is {reason}", "stages": dict.fromkeys(stages, MS), **more}


@pytest.mark.parametrize(
    ("outcome", "reason", "layer"),
    [
        (failed("name_not_found", "resolve"), "dns-failure", Layer.NETWORK),
        (failed("timeout", "resolve"), "dns-failure", Layer.NETWORK),
        (failed("timeout", "resolve", "connect"), "tcp-failure", Layer.NETWORK),
        (failed("refused", "resolve", "connect"), "tcp-failure", Layer.NETWORK),
        (failed("tls_invalid", "resolve", "connect", "tls"), "tls-failure", Layer.NETWORK),
        (failed("not_ready", "resolve", "connect", "handshake"), "dependency-failure", Layer.DEPENDENCY),
        (failed("denied", "resolve", "connect", "handshake"), "dependency-failure", Layer.DEPENDENCY),
    ],
)
def test_probes_that_fail(outcome: dict[str, Any], reason: str, layer: Layer) -> None:
    (found,) = diagnosed(rounds(outcome, outcome, outcome, {}))
    assert (found.reason, found.layer) == (reason, layer)
    assert "orders-db failed 3 probes of 4" in found.text
    assert (found.evidence_for[0].artifact, found.evidence_for[0].line) == ("probe", 1)
    assert found.advice


def test_a_slow_stage_is_named() -> None:
    slow = {"stages": {"resolve": 900 * MS, "connect": MS, "handshake": 2 * MS}}
    (found,) = diagnosed(rounds(slow, slow, {}))
    assert (found.reason, found.actual, found.expected, found.unit) == ("dependency-slow", 900 * MS, 100 * MS, "ns")
    assert found.text == "orders-db: its name took 0.9 s (median), in 2 of 3 probes."
    assert found.cost == 900 * MS


def test_probes_with_little_time_are_meant_to_fail() -> None:
    short = failed("timeout", "resolve", "connect", timeout_s=0.01)
    assert not diagnosed(rounds(short, short, short, {}, {}))


def test_good_probes_say_nothing() -> None:
    assert not diagnosed(rounds({}, {}, {}))
    good = {"name": "dns", "layer": "network", "state": "good", "message": "orders-db: dns took 1 ms"}
    assert not diagnosed(checks(good))


def test_checks_of_a_deep_probe() -> None:
    refused = {
        "name": "tcp",
        "layer": "network",
        "state": "failed",
        "message": "orders-db: nothing listens at db.internal:5432",
        "actual": "refused",
        "advice": "Start it.",
    }
    late = {
        "name": "protocol",
        "layer": "dependency",
        "state": "warning",
        "message": "orders-db: protocol took 2.5 s",
        "expected": 1000.0,
        "actual": 2500.0,
        "unit": "ms",
    }
    found = {one.reason: one for one in diagnosed(checks(refused, late))}
    assert found["tcp-failure"].text == "orders-db: nothing listens at db.internal:5432."
    assert found["tcp-failure"].advice == "Start it."
    assert (found["dependency-slow"].layer, found["dependency-slow"].actual) == (Layer.DEPENDENCY, 2500 * MS)


def test_what_was_probed_at_another_time_is_believed_less() -> None:
    events, told = probed(checks({"name": "dns", "state": "failed", "message": "no such name"}, seconds=360))
    (found,) = dependency_probes(case(phase("app", 0, 60), events=events, files=[told]))
    assert found.evidence_against[0].text == "It was probed 300 s beside the launch, not in it"
    assert found.confidence < 0.5
