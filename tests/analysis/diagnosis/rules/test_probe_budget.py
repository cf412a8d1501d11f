from __future__ import annotations

from typing import Any

import pytest
import yaml

from diagnostics.analysis.diagnosis.finding import Severity
from diagnostics.analysis.diagnosis.rules.probe_budget import probe_budget
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import case, file, phase, reasons, usual
from tests.analysis.diagnosis.pods import CLUSTER, kube, of_sample

POD = {
    "name": "autoglm-0",
    "containers": [
        {
            "name": "server",
            "probes": {"startup": {"period_s": 10, "failure_threshold": 12, "initial_delay_s": 0, "budget_s": 120}},
        }
    ],
}
PODS = [file("pod", Kind.K8S_POD, pods=[POD]), file("k8s", Kind.K8S_EVENTS)]


def test_a_real_container_killed_by_its_liveness_probe() -> None:
    told = of_sample(CLUSTER, "failing-liveness-pod", 783, 801, failed=True)
    (found,) = probe_budget(told)
    assert (found.reason, found.severity) == ("probe-kills-launch", Severity.CRITICAL)
    assert "its liveness probe failed too often" in found.text
    assert 1509 in [proof.line for proof in found.evidence_for]


def test_the_budget_and_the_history_make_the_advice() -> None:
    killed = kube(
        121,
        Category.CONTAINER,
        "Killing",
        "Container server failed startup probe, will be restarted",
        probe="startup",
    )
    told = case(
        phase("model-load", 0, 120, failed=True), events=[killed], files=PODS, usual={"": usual(80, 90, 100, 110)}
    )
    (found,) = probe_budget(told)
    assert "It is allowed 120 s (startupProbe: periodSeconds 10 × failureThreshold 12 = 120 s)" in found.text
    probe = yaml.safe_load(found.patch)["spec"]["template"]["spec"]["containers"][0]
    assert probe["name"] == "server"
    assert probe["startupProbe"] == {"periodSeconds": 10, "failureThreshold": 21}  # 5 launches, 120 s at most
    assert found.confidence > 0.9


def test_a_signal_at_the_end_of_the_budget_is_the_probes() -> None:
    reason = "ended by signal 9 (SIGKILL) before it was ready"
    told = case(phase("model-load", 0, 121, failed=True, reason=reason), files=PODS)
    (found,) = probe_budget(told)
    assert (found.reason, found.confidence) == ("probe-kills-launch", 0.75)
    early = case(phase("model-load", 0, 40, failed=True, reason=reason), files=PODS)
    assert "probe-kills-launch" not in reasons(probe_budget(early))


def test_a_tight_budget_is_told_before_it_kills() -> None:
    history = {"": usual(*[90.0] * 30, 112)}
    (found,) = probe_budget(case(phase("app", 0, 95), files=PODS, usual=history))
    assert (found.reason, found.severity) == ("probe-budget-tight", Severity.NOTICE)
    assert found.text == "The startup probe allows 120 s; the longest of 32 launches takes 112 s."
    (beyond,) = probe_budget(case(phase("app", 0, 95), files=PODS, usual={"": usual(*[90.0] * 30, 140)}))
    assert beyond.severity is Severity.WARNING


@pytest.mark.parametrize("history", [{}, {"": usual(*[50.0] * 40)}])
def test_a_generous_budget_says_nothing(history: dict[str, Any]) -> None:
    assert not list(probe_budget(case(phase("app", 0, 50), files=PODS, usual=history)))


def test_a_probe_that_fails_a_few_times_while_starting_says_nothing() -> None:
    failing = kube(
        20, Category.PROBE_FAILED, "Unhealthy", "Startup probe failed: connection refused", probe="startup", count=3
    )
    assert not list(probe_budget(case(phase("app", 0, 50), events=[failing], files=PODS)))
