"""Which launches a policy admits to a baseline, and what it makes of flags and of the new normal."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import baselines, detection
from diagnostics.analysis.thresholds import Threshold
from diagnostics.baselines import Wanted, begin_anew, judged_otherwise, look_back, set_policy
from diagnostics.models import Launch, LaunchFlag, Regression, Service
from diagnostics.triage import Actor
from tests.triage.conftest import launch, service
from tests.views.conftest import launched, slowed, usual

__all__ = ["service", "slowed"]
ANN = Actor("ann")


@pytest.fixture
def ten(service: Service) -> list[Launch]:
    """Launches 0–9; even ones on an H100, every third a release, versions by halves."""
    return [
        launch(
            service, n, version="1.0" if n < 5 else "2.0",
            labels={**({"gpu": "H100"} if n % 2 == 0 else {}), **({"release": "yes"} if n % 3 == 0 else {})},
            verdict="regressed" if n == 9 else "unchanged",
        )
        for n in range(10)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "labels", "admitted"),
    [
        (None, {}, [8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (Wanted(), {}, [8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (Wanted(launches=3), {}, [8, 7, 6]),
        (Wanted("pinned", version="1.0"), {}, [4, 3, 2, 1, 0]),
        (Wanted("pinned", version="2.0"), {}, [9, 8, 7, 6, 5]),  # chosen, however slow
        (Wanted("pinned", version="3.0"), {}, []),
        (Wanted("tagged", label="release=yes"), {}, [9, 6, 3, 0]),
        (Wanted("tagged", label="release=no"), {}, []),
        (Wanted(host_class="gpu"), {"gpu": "H100"}, [8, 6, 4, 2, 0]),
        (Wanted(host_class="gpu"), {"gpu": "A10"}, []),
        (Wanted(host_class="gpu"), {}, [7, 5, 3, 1]),
        (Wanted("tagged", label="release=yes", host_class="gpu", launches=3), {"gpu": "H100"}, [6, 0]),
    ],
)
def test_admitted(
    service: Service, ten: list[Launch], wanted: Any, labels: dict[str, str], admitted: list[int]
) -> None:
    if wanted is not None:
        set_policy(service, wanted, ANN)
    judged = launch(Service.objects.get(), 10, labels=labels)
    assert [ten.index(one) for one in Launch.objects.baseline_of(judged, 20)] == admitted


def test_the_new_normal_begins_at_its_launch_and_can_be_taken_back(service: Service, ten: list[Launch]) -> None:
    set_policy(service, Wanted("pinned", version="1.0", host_class=""), ANN)
    begin_anew(ten[6], ANN)
    judged = launch(Service.objects.get(), 10)
    assert [ten.index(one) for one in Launch.objects.baseline_of(judged, 20)] == [8, 7, 6]
    look_back(service, ANN)
    judged = Launch.objects.get(pk=judged.pk)
    assert len(Launch.objects.baseline_of(judged, 20)) == 9


def test_setting_a_policy_keeps_the_new_normal(service: Service, ten: list[Launch]) -> None:
    begin_anew(ten[6], ANN)
    policy = set_policy(service, Wanted(launches=5), ANN)
    assert (policy.begins_with, policy.launches, policy.updated_by) == (ten[6], 5, "ann")
    assert policy.sentence == "the last 5 good launches since the new normal began"


def test_one_click_makes_slow_the_normal(slowed: list[Launch]) -> None:
    assert Regression.objects.live().exists()
    policy = begin_anew(slowed[10], ANN)
    again = [one.pk for one in judged_otherwise(policy)]
    assert again == [one.pk for one in slowed[10:]]
    for pk in again:
        detection.judge(pk)
    assert not LaunchFlag.objects.filter(launch__in=again).exists()
    for number in range(15, 22):
        later = launched(usual(number, 2000, version="2.0"))
    assert later.verdict == "unchanged"
    assert not Regression.objects.live().exists()


def test_thresholds_decide_what_is_flagged(db: None) -> None:
    for number in range(10):
        first = launched(usual(number))
    rules = (Threshold("(total)", ignore=True), Threshold("weights", ratio=0.2), Threshold("config", ignore=True))
    set_policy(first.service, Wanted(thresholds=rules), ANN)
    assert {f.phase for f in launched(usual(10, 1100)).flags.all()} == {"model"}
    flags = launched(usual(11, 1300)).flags.all()
    assert {flag.phase for flag in flags} == {"model", "model/weights"}
    (rule,) = [flag.rule for flag in flags if flag.phase == "model/weights"]
    assert "the last good launches" in rule
    assert "more than 20 % and 10 ms" in rule


def test_what_a_policy_cannot_be_is_told(service: Service) -> None:
    with pytest.raises(baselines.PolicyError, match="3 to 500"):
        set_policy(service, Wanted(launches=501), ANN)
