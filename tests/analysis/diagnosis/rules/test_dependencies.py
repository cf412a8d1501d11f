"""Probes of a dependency, and launches that stood still: what they prove, and where the rules must stay silent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from diagnostics.analysis.diagnosis.case import Case, EvidenceFile, SeenEvent, SeenSeries
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Severity
from diagnostics.analysis.diagnosis.rules.blocked import blocked
from diagnostics.analysis.diagnosis.rules.clock_skew import clock_skew
from diagnostics.analysis.diagnosis.rules.config_mismatch import config_mismatch
from diagnostics.analysis.diagnosis.rules.dependency_probes import dependency_probes
from diagnostics.parsers import PARSERS, Hints, Source, collect
from diagnostics.records import NS_PER_SECOND, Category, Kind
from tests.analysis.diagnosis.cases import at, case, event, file, ns, phase, reasons, series, usual

MS = 10**6


def probed(document: dict[str, Any]) -> tuple[list[SeenEvent], EvidenceFile]:
    """What the agent's document becomes through its parser."""
    parsed = collect(PARSERS[Kind.PROBE](Source.of(json.dumps(document).encode()), Hints(at(10**8))))
    return [SeenEvent("probe", told) for told in parsed.events], EvidenceFile("probe", Kind.PROBE, parsed.facts)


def rounds(*outcomes: dict[str, Any], name: str = "orders-db") -> dict[str, Any]:
    probes = [
        {"time": at(2 + n), "timeout_s": 3.0, "ok": True, "duration_ns": 2 * MS, "stages": {}, "reason": "", **outcome}
        for n, outcome in enumerate(outcomes)
    ]
    return {"schema": 1, "type": "timeouts", "time": at(2), "target": {"name": name}, "probes": probes}


def checks(*told: dict[str, Any], seconds: float = 5) -> dict[str, Any]:
    return {"schema": 1, "type": "deep", "time": at(seconds), "checks": list(told)}


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


# Standing still.

WAITING = phase("engine-setup", 2, 32)
STILL = {"process.cpu_percent": 0.4, "process.read_kb": 0.0, "process.write_kb": 0.0, "network.rx_kb": 0.2}


def standing(rates: dict[str, float], told: Any = WAITING, **fields: Any) -> Case:
    samples: list[SeenSeries] = [
        series(name, [value] * 60, instance="launch" if name.startswith("process") else "eth0")
        for name, value in rates.items()
    ]
    return case(phase("import", 0, 2), told, phase("serve", 32, 34), samples=samples, **fields)


def test_a_phase_that_did_nothing_waited() -> None:
    (found,) = blocked(standing(STILL, usual={"engine-setup": usual(4, 5, 5)}))
    assert (found.layer, found.phase, found.severity) == (Layer.DEPENDENCY, "engine-setup", Severity.WARNING)
    assert found.text == "engine-setup waited 30 s: no CPU, no I/O, no network."
    assert (found.expected, found.actual, found.cost) == (ns(5), ns(30), ns(30))
    assert found.evidence_for[0].artifact == "host"
    assert "0.4 % of one CPU" in found.evidence_for[0].text


def test_by_the_whole_host_and_with_the_one_it_waited_for() -> None:
    told = phase("engine-setup", 2, 32, waiting_for="connect() to 10.0.0.5:29500")
    host = {"cpu.idle": 99.2, "disk.read_kb": 3.0, "disk.write_kb": 8.0}
    samples = [
        series(name, [value] * 60, instance="all" if name == "cpu.idle" else "sda") for name, value in host.items()
    ]
    (found,) = blocked(case(phase("import", 0, 2), told, samples=samples))
    assert found.text == "engine-setup waited 30 s for connect() to 10.0.0.5:29500: no CPU, no I/O."
    assert any("network's load is not measured" in proof.text for proof in found.evidence_against)


@pytest.mark.parametrize(
    "busy",
    [
        {"process.cpu_percent": 99.0},
        {"process.read_kb": 400_000.0},
        {"process.write_kb": 5_000.0},
        {"network.rx_kb": 90_000.0},
    ],
)
def test_a_phase_that_did_something_was_not_blocked(busy: dict[str, float]) -> None:
    assert not list(blocked(standing({**STILL, **busy})))


def test_nothing_is_said_without_samples_or_with_coarse_ones() -> None:
    assert not list(blocked(standing({})))
    assert not list(blocked(standing({"process.cpu_percent": 0.0})))
    coarse = [series(name, [0.0] * 3, every=20, instance="launch") for name in STILL]
    assert not list(blocked(case(phase("import", 0, 2), WAITING, samples=coarse)))


# Clocks.


def test_a_clock_that_was_measured_to_be_off() -> None:
    offset = {
        "name": "clock-offset",
        "layer": "config",
        "state": "warning",
        "message": "the server's clock is 2.31 s ahead of this host's (± 4.2 ms)",
        "expected": 100,
        "actual": 2310.4,
        "unit": "ms",
    }
    events, told = probed(checks(offset))
    (found,) = clock_skew(case(phase("app", 0, 60), events=events, files=[told]))
    assert found.actual == pytest.approx(2310.4 * MS)
    assert (found.severity, found.confidence) == (Severity.WARNING, 0.9)
    events, told = probed(checks({**offset, "state": "good", "actual": 3.0}))
    assert not list(clock_skew(case(phase("app", 0, 60), events=events, files=[told])))


def test_an_effect_before_its_cause_in_another_lane() -> None:
    early = case(phase("fetch", 0, 20, lane="node-a"), phase("load", 17, 40, lane="node-b", depends_on=[0]))
    (found,) = clock_skew(early)
    assert (found.actual, found.confidence) == (ns(3), 0.5)
    assert not list(clock_skew(case(phase("fetch", 0, 20), phase("load", 17, 40, depends_on=[0]))))
    told = case(phase("fetch", 0, 20, lane="node-a"), phase("load", 20, 40, lane="node-b", depends_on=[0]))
    assert not list(clock_skew(told))


def placed_at(seconds: float) -> SeenEvent:
    return event(
        Category.SCHEDULING,
        seconds,
        "Scheduled: Successfully assigned prod/autoglm-0 to gpu-07",
        artifact="k8s",
        precision=NS_PER_SECOND,
        reason="Scheduled",
        object="Pod/autoglm-0",
    )


def test_a_process_before_its_pod() -> None:
    files = [file("k8s", Kind.K8S_EVENTS)]
    begun = {"process_start": 0.0}
    (found,) = clock_skew(case(phase("app", 0, 60), events=[placed_at(9)], files=files, milestones=begun))
    assert found.actual == ns(8)
    for seconds in (-20, 0, 1):  # Kubernetes writes whole seconds
        launched = case(phase("app", 0, 60), events=[placed_at(seconds)], files=files, milestones=begun)
        assert not list(clock_skew(launched))


def test_one_kill_told_at_two_times() -> None:
    kernel = event(Category.OOM_KILL, 30, "Killed process 17 (python3)", victim="python3", pid=17)
    cluster = event(
        Category.OOM_KILL,
        50,
        "Container server of pod autoglm-0 ended: OOMKilled, exit code 137",
        artifact="pod",
        precision=NS_PER_SECOND,
        object="Pod/autoglm-0",
    )
    (found,) = clock_skew(case(phase("app", 0, 60, failed=True), events=[kernel, cluster]))
    assert 18 * NS_PER_SECOND < float(found.actual or 0) < 20 * NS_PER_SECOND
    assert not list(clock_skew(case(phase("app", 0, 60, failed=True), events=[kernel])))


# Settings.


def configured(name: str, expected: Any, actual: Any, **fields: Any) -> list[Finding]:
    launched = case(phase("app", 0, 60), config={name: {"expected": expected, "actual": actual}}, **fields)
    return list(config_mismatch(launched))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [("300", 300), (300, "300.0"), ("true", "True"), ("1", "true"), ("off", False), (" a ", "a"), (None, None)],
)
def test_values_that_mean_the_same(expected: Any, actual: Any) -> None:
    assert not configured("SETTING", expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual", "text"),
    [
        ("300", "60", "SETTING is “60”; expected “300”."),
        ("300", None, "SETTING is not set; expected “300”."),
        ("true", "false", "SETTING is “false”; expected “true”."),
        ("A", "a", "SETTING is “a”; expected “A”."),
        ("1", "0", "SETTING is “0”; expected “1”."),
    ],
)
def test_values_that_differ(expected: Any, actual: Any, text: str) -> None:
    (found,) = configured("SETTING", expected, actual)
    assert found.text == text
    assert found.severity is Severity.WARNING
    assert f'value: "{expected}"' in found.patch or f"value: {expected}" in found.patch


def test_settings_without_an_expectation_are_only_facts() -> None:
    assert not list(config_mismatch(case(phase("app", 0, 60), config={"PATH": {"actual": "/bin"}})))


def test_a_secret_is_in_no_patch() -> None:
    (found,) = configured("HF_TOKEN", "***", None)
    assert not found.patch


def test_a_time_out_that_ended_the_launch() -> None:
    launched = case(
        phase("import", 0, 8),
        phase("model-load", 8, 68.5, failed=True),
        config={"MODEL_LOAD_TIMEOUT": {"expected": "300", "actual": "60"}},
    )
    (found,) = config_mismatch(launched)
    assert (found.severity, found.phase, found.cost) == (Severity.CRITICAL, "model-load", ns(68.5))
    assert found.text.endswith("model-load failed after 60 s, when that time was over.")


def test_a_time_out_below_what_loading_takes() -> None:
    launched = case(
        phase("model-load", 0, 55),
        config={"MODEL_LOAD_TIMEOUT": {"actual": "60"}},
        usual={"model-load": usual(50, 55, 58, 72)},
    )
    (found,) = config_mismatch(launched)
    assert (found.reason, found.severity) == ("timeout-too-short", Severity.WARNING)
    assert "allows 60 s; model-load takes up to 72 s (5 launches)" in found.text
    assert 'value: "130"' in found.patch
    enough = case(
        phase("model-load", 0, 55),
        config={"MODEL_LOAD_TIMEOUT": {"actual": "5m"}},
        usual={"model-load": usual(50, 55, 58, 72)},
    )
    assert not list(config_mismatch(enough))


def test_differences_that_a_deep_probe_saw() -> None:
    differs = {
        "name": "config",
        "layer": "config",
        "state": "failed",
        "message": "TENSOR_PARALLEL is “1”; expected “2”",
        "expected": "2",
        "actual": "1",
    }
    events, told = probed(checks(differs))
    (found,) = config_mismatch(case(phase("app", 0, 60), events=events, files=[told]))
    assert (found.expected, found.actual) == ("2", "1")
    known = case(
        phase("app", 0, 60),
        events=events,
        files=[told],
        config={"TENSOR_PARALLEL": {"expected": "2", "actual": "1"}},
    )
    assert reasons(config_mismatch(known)) == ["config-mismatch"], "said once"
