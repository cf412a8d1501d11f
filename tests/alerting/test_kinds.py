"""What each kind of rule sees in launches, and in their absence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.utils import timezone

from diagnostics.alerting import KINDS, evaluate, patrol
from diagnostics.models import Alert, AlertRule, Artifact, Launch, Regression, RegressionChange, Service
from tests.alerting.conftest import MakeRule
from tests.alerting.launches import SECOND, add_phases, launched, series, usual

pytestmark = pytest.mark.django_db


def told(launches: Iterable[Launch]) -> list[str]:
    """What is raised by these launches, in their order."""
    return [alert.text for launch in launches for alert in evaluate(launch.pk)]


def test_a_total_over_a_fixed_limit(rule: MakeRule, service: Service) -> None:
    rule("launch-limit", settings={"limit_s": 120}, resolve_after=2)
    assert told([launched(service, 119)]) == []
    assert told([launched(service, 125)]) == ["the launch took 2 m 5.0 s, more than 2 m 0.0 s"]
    alert = Alert.objects.get()
    assert alert.rule_text == "the launch takes more than 2 m"
    assert alert.numbers == [["took", 125 * SECOND, "ns"], ["limit", 120 * SECOND, "ns"]]
    assert alert.url == f"/launches/{alert.launch_id}/"


@pytest.mark.parametrize(("glob", "slow"), [("weights", 1), ("load/*", 2), ("*", 2), ("other", 0)])
def test_phases_that_a_glob_fits_over_a_fixed_limit(rule: MakeRule, service: Service, glob: str, slow: int) -> None:
    rule("launch-limit", phase=glob, settings={"limit_s": 20})
    launch = launched(service, 60, phases={"load/weights": 30, "load/graphs": 25, "serve": 5})
    assert len(told([launch])) == slow
    assert all(alert.subject_key.startswith("phase:load/") for alert in Alert.objects.all())


def test_a_phase_that_is_gone_is_no_longer_slow(rule: MakeRule, service: Service) -> None:
    rule("launch-limit", phase="weights", settings={"limit_s": 20})
    told([launched(service, 60, phases={"weights": 30})])
    told([launched(service, 60, phases={"other": 30})])
    assert Alert.objects.get().state == "resolved"


def test_a_launch_that_gave_up_early_is_not_back_to_normal(rule: MakeRule, service: Service) -> None:
    rule("launch-limit", settings={"limit_s": 20})
    told([launched(service, 60), launched(service, 2, status="failed")])
    assert Alert.objects.get().state == "firing"


def test_a_dynamic_limit_follows_the_launch_s_own_baseline(rule: MakeRule, service: Service) -> None:
    rule("launch-dynamic", settings={"k": 6, "least_s": 1})
    usual(service, 10)
    assert told([launched(service, 10.9, timedelta(minutes=5)), launched(service, 12)]) == [
        "the launch took 12.0 s, usually 10.1 s; the limit is 11.1 s"
    ]
    assert Alert.objects.get().numbers[-1] == ["launches in the baseline", 11, ""]


def test_without_enough_launches_a_dynamic_limit_says_nothing(rule: MakeRule, service: Service) -> None:
    rule("launch-dynamic")
    usual(service, 4)
    assert told([launched(service, 1000)]) == []


def test_a_cold_launch_is_held_against_cold_ones(rule: MakeRule, service: Service) -> None:
    rule("launch-dynamic")
    usual(service, 6, 10, start_class="warm")
    usual(service, 6, 100, start_class="cold")
    assert told([launched(service, 101, start_class="cold")]) == []
    assert len(told([launched(service, 101, start_class="warm")])) == 1
    assert Alert.objects.get().subject_key == "launch-total@warm"


@pytest.mark.parametrize(("slower", "used", "raised"), [(0, 100, 0), (1, 100, 0), (2, 100, 1), (1, 50, 1), (0, 1, 0)])
def test_an_objective_has_a_budget(rule: MakeRule, service: Service, slower: int, used: int, raised: int) -> None:
    """p95 over 20 launches: one may be slower."""
    rule("slo", settings={"objective_s": 60, "percent": 95, "launches": 20, "used": used})
    usual(service, 19 - slower)
    for _ in range(slower):
        launched(service, 61, timedelta(minutes=5))
    assert len(told([launched(service, 10)])) == raised
    if raised:
        numbers = {name: value for name, value, _unit in Alert.objects.get().numbers}
        assert (numbers["slower, or failed"], numbers["may be slower (error budget)"]) == (slower, 1)
        assert numbers["budget used"] == 100 * slower


def test_a_failed_launch(rule: MakeRule, service: Service) -> None:
    rule("launch-failed")
    launch = launched(service, 5, status="failed", headline="Failed after 5 s")
    add_phases(launch, {"load": 5, "load/weights": 4}, failed="load/weights")
    assert told([launch]) == ["the launch failed after 5.0 s in phase load/weights"]
    assert told([launched(service, 8)]) == []
    assert Alert.objects.get().state == "resolved"


def test_coverage_that_fell(rule: MakeRule, service: Service) -> None:
    rule("coverage", settings={"least": 50, "drop": 10})
    usual(service, 10, unaccounted_ns=SECOND // 2)
    assert told([launched(service, 10, unaccounted_ns=SECOND)]) == []
    assert told([launched(service, 10, unaccounted_ns=2 * SECOND)]) == ["phases cover 80 % of the launch, usually 95 %"]


def opened(service: Service, launch: Launch, path: str = "weights") -> Regression:
    regression = Regression.objects.create(
        service=service,
        series=series(service, path),
        baseline_ns=10 * SECOND,
        candidate_ns=20 * SECOND,
        low=1.9,
        high=2.1,
        first_launch=launch,
        first_version="1.4.2",
        rule="three of five",
    )
    RegressionChange.objects.create(regression=regression, actor="launchscope", from_state="", to_state="open")
    return regression


def flagged(launch: Launch, path: str = "weights") -> None:
    launch.flags.create(
        series=series(launch.service, path),
        verdict="regressed",
        actual_ns=20 * SECOND,
        expected_ns=10 * SECOND,
        low_ns=9 * SECOND,
        high_ns=11 * SECOND,
        runs=20,
    )


def test_a_regression_that_opened_and_was_dismissed(rule: MakeRule, service: Service) -> None:
    rule("regression")
    launch = launched(service)
    regression = opened(service, launch)
    flagged(launch)
    assert told([launch, launch]) == ["phase weights stays slower: 10.0 s → 20.0 s (×2.00) since 1.4.2"]
    Regression.objects.filter(pk=regression.pk).update(state="dismissed", reason="planned")
    patrol()
    assert Alert.objects.get().state == "resolved"
    # It comes back: another change.
    Regression.objects.filter(pk=regression.pk).update(state="open")
    RegressionChange.objects.create(regression=regression, actor="x", from_state="dismissed", to_state="open")
    newer = launched(service)
    flagged(newer)
    assert len(told([newer])) == 1
    assert Alert.objects.count() == 2


def test_a_regression_that_no_current_launch_confirms_is_no_news(rule: MakeRule, service: Service) -> None:
    rule("regression")
    old = launched(service, ago=timedelta(days=40))
    opened(service, old)
    assert told([launched(service)]) == []


def test_silence_of_a_service(rule: MakeRule, service: Service) -> None:
    rule("heartbeat", service=service, settings={"after_s": 2 * 86_400})
    launched(service, ago=timedelta(days=1))
    patrol()
    assert not Alert.objects.exists()
    now = timezone.now()
    patrol(now + timedelta(days=1, hours=1))
    patrol(now + timedelta(days=1, hours=2))
    assert [alert.text for alert in Alert.objects.all()] == ["no launch for 2 d 1 h; one is expected every 2 d"]
    launched(service)
    patrol(now + timedelta(days=1, hours=3))
    assert Alert.objects.get().state == "resolved"


def test_a_rule_for_all_services_is_not_about_those_given_up_long_ago(rule: MakeRule, service: Service) -> None:
    rule("heartbeat", created_at=timezone.now())
    launched(service, ago=timedelta(days=100))
    patrol()
    assert not Alert.objects.exists()
    AlertRule.objects.update(service=service)
    patrol()
    assert Alert.objects.get().state == "firing"


def running(service: Service, ago: timedelta, **phases: float) -> Launch:
    """A launch that began ``ago`` and of which only a log tells, up to the end of these phases."""
    launch = launched(service, sum(phases.values()), ago - timedelta(seconds=sum(phases.values())), ready_by="")
    add_phases(launch, phases)
    return launch


def test_a_launch_that_hangs(rule: MakeRule, service: Service) -> None:
    rule("launch-hung", settings={"factor": 3, "least_s": 60})
    usual(service, 10, 40, phases={"load": 10, "graphs": 30})
    running(service, timedelta(seconds=90), load=10)
    patrol()
    assert not Alert.objects.exists()
    patrol(timezone.now() + timedelta(seconds=15))
    alert = Alert.objects.get()
    assert "in phase graphs, which takes up to 30.0 s in 95 % of launches" in alert.text
    assert {name: value for name, value, _ in alert.numbers}["limit"] == 90 * SECOND
    # A line came, and then it is ready.
    Launch.objects.filter(ready_by="").update(ready_by="ready_line")
    patrol(timezone.now() + timedelta(seconds=30))
    assert Alert.objects.get().state == "resolved"


def test_a_launch_that_still_says_something_does_not_hang(rule: MakeRule, service: Service) -> None:
    rule("launch-hung")
    usual(service, 10, 40, phases={"load": 10, "graphs": 30})
    launch = running(service, timedelta(hours=1), load=10)
    now = timezone.now()
    Artifact.objects.create(
        kind="container-log",
        launch=launch,
        size=1,
        sha256="0" * 64,
        day=now.date(),
        last_ns=int(now.timestamp()) * SECOND,
    )
    patrol(now + timedelta(seconds=30))
    assert not Alert.objects.exists()


def test_a_snapshot_without_a_milestone_is_no_launch_that_hangs(rule: MakeRule, service: Service) -> None:
    rule("launch-hung")
    usual(service, 10, 40, phases={"load": 10, "graphs": 30})
    launch = running(service, timedelta(hours=1), load=10)
    Artifact.objects.create(kind="snapshot", launch=launch, size=1, sha256="0" * 64, day=timezone.now().date())
    patrol()
    assert not Alert.objects.exists()


@pytest.mark.parametrize("key", list(KINDS))
def test_every_kind_says_what_it_looks_for(key: str, rule: MakeRule) -> None:
    kind = KINDS[key]
    words, values = kind.sentence(rule(key))
    sentence = words % values
    assert sentence[0].islower()
    assert "%(" not in sentence
    assert kind.key == key
