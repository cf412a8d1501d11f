from __future__ import annotations

from typing import Any

import pytest

from diagnostics.analysis.diagnosis.case import Case, SeenSeries
from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.blocked import blocked
from tests.analysis.diagnosis.cases import case, ns, phase, series, usual

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
