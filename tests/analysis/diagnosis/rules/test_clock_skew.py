from __future__ import annotations

import pytest

from diagnostics.analysis.diagnosis.case import SeenEvent
from diagnostics.analysis.diagnosis.finding import Severity
from diagnostics.analysis.diagnosis.rules.clock_skew import clock_skew
from diagnostics.records import NS_PER_SECOND, Category, Kind
from tests.analysis.diagnosis.cases import case, event, file, ns, phase
from tests.analysis.diagnosis.probes import MS, checks, probed


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
