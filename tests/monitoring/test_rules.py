"""The default rules: slow for 30 s is a warning, three failures in a row are critical, back to normal is told once."""

from __future__ import annotations

from functools import partial

import pytest

from diagnostics.models import Alert, AlertNotice, AlertRule, Check, Monitor, Outage
from diagnostics.monitoring import Seen, delete, run_due, switch
from tests.alerting.conftest import MakeRule, rule  # noqa: F401
from tests.monitoring.conftest import BY, MakeMonitor, at, bad, good


@pytest.fixture
def rules(rule: MakeRule) -> list[AlertRule]:  # noqa: F811
    return [
        rule("monitor-failures", for_times=3, severity="critical"),
        rule("monitor-latency", for_seconds=30, settings={"limit_s": 1}),
    ]


def checked(*seen: Seen, every: int = 10, first: int = 0) -> None:
    for n, one in enumerate(seen):
        run_due(at(first + n * every), partial(_saying, one))


def _saying(seen: Seen, monitor: Monitor) -> Seen:
    return seen


def alerts() -> list[tuple[str, str, str]]:
    return list(Alert.objects.order_by("pk").values_list("kind", "severity", "state"))


def test_three_failures_in_a_row(monitor: MakeMonitor, rules: list[AlertRule]) -> None:
    one = monitor(interval=10)
    checked(bad(), bad(), good(), bad(), bad())
    assert alerts() == []
    checked(bad(), bad(), first=50)
    assert alerts() == [("monitor-failures", "critical", "firing")]
    alert = Alert.objects.get()
    assert alert.text == "health fails: No connection to a:80: Connection refused"
    assert (alert.subject_key, alert.url) == (f"monitor:{one.pk}", f"/monitors/{one.pk}/")
    checked(good(), good(), good(), good(), first=70)
    assert alerts() == [("monitor-failures", "critical", "resolved")]
    assert list(AlertNotice.objects.order_by("pk").values_list("event", flat=True)) == ["firing", "resolved"]


def test_slow_for_half_a_minute(monitor: MakeMonitor, rules: list[AlertRule]) -> None:
    monitor(interval=10)
    checked(good(1500), good(1500), good(1500), good(200))
    assert alerts() == []
    checked(good(1001), good(1500), good(1500), first=40)
    assert alerts() == []
    checked(good(1500), good(1500), first=70)
    assert alerts() == [("monitor-latency", "warning", "firing")]
    assert Alert.objects.get().text == "health answers in 1.5 s, the limit is 1.0 s"
    checked(good(1000), good(), first=90)
    assert alerts() == [("monitor-latency", "warning", "resolved")]
    assert AlertNotice.objects.count() == 2


def test_an_answer_that_never_came_is_not_slow(monitor: MakeMonitor, rules: list[AlertRule]) -> None:
    monitor(interval=10)
    timed_out = Seen(False, 5_000_000_000, reason="time", error="There was no complete answer within 5 s.")
    checked(timed_out, timed_out, timed_out, timed_out, timed_out)
    assert [kind for kind, _, _ in alerts()] == ["monitor-failures"]


@pytest.mark.parametrize("way", ["pause", "delete"])
def test_nobody_looks_any_more(monitor: MakeMonitor, rules: list[AlertRule], way: str) -> None:
    one = monitor(interval=10)
    checked(bad(), bad(), bad())
    switch(one, False, BY, at(30)) if way == "pause" else delete(one, BY, at(30))
    alert = Alert.objects.get()
    assert alert.state == "resolved"
    assert "the monitor was" in alert.changes.last().text  # type: ignore[union-attr]
    assert not Outage.objects.filter(ended_at=None).exists()


def test_states_and_outages(monitor: MakeMonitor, rules: list[AlertRule]) -> None:
    one = monitor(interval=10)
    checked(good(), bad("The first."), bad("The second."), good(), bad("Again."))
    one.refresh_from_db()
    assert (one.state, one.changed_at, one.failures, one.last_error) == ("down", at(40), 1, "Again.")
    told = list(Outage.objects.order_by("pk").values_list("began_at", "last_at", "ended_at", "checks", "error"))
    assert told == [(at(10), at(20), at(30), 2, "The first."), (at(40), at(40), None, 1, "Again.")]
    assert Check.objects.count() == 5
    assert Monitor.objects.get().busy_until is None


def test_a_certificate_that_ends(monitor: MakeMonitor, rule: MakeRule) -> None:  # noqa: F811
    rule("monitor-certificate")
    monitor(interval=10, tls_warn_days=3)
    day = 86_400
    checked(good(certificate_until=at(4 * day)), good(certificate_until=at(4 * day)))
    assert alerts() == []
    ending = good(certificate_until=at(4 * day))
    checked(ending, bad(), ending, first=2 * day)
    assert alerts() == [("monitor-certificate", "warning", "firing")]
    assert Alert.objects.get().text == "the certificate that health meets ends on 2026-11-27"
    checked(good(certificate_until=at(90 * day)), first=2 * day + 60)
    assert alerts() == [("monitor-certificate", "warning", "resolved")]
