"""Alerts that others of the system raise, as monitoring does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from diagnostics.alerting import Subject, calm, fire, rules_for
from diagnostics.models import Alert, AlertNotice, AlertRule, Service
from tests.alerting.conftest import MakeRule

BEGIN = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


@pytest.fixture
def subject(service: Service) -> Subject:
    return Subject(service, "monitor:12", "GET /health")


def failed(rule: AlertRule, subject: Subject, seconds: int) -> Alert | None:
    return fire(rule, subject, at(seconds), "%(monitor)s failed", "/monitors/12/", values={"monitor": "GET /health"})


def test_three_failures_in_a_row_are_one_alert_however_many_follow(rule: MakeRule, subject: Subject) -> None:
    three = rule("monitor-failures", for_times=3)
    raised = [failed(three, subject, seconds) for seconds in range(0, 60, 10)]
    assert [alert is not None for alert in raised] == [False, False, True, False, False, False]
    alert = Alert.objects.get()
    assert (alert.state, alert.text, alert.times) == ("firing", "GET /health failed", 6)
    assert (alert.began_at, alert.last_at) == (at(0), at(50))
    assert alert.rule_text == "a monitor failed 3 times in a row"
    assert AlertNotice.objects.get().event == "firing"


def test_a_good_check_between_begins_the_counting_anew(rule: MakeRule, subject: Subject) -> None:
    three = rule("monitor-failures", for_times=3)
    failed(three, subject, 0)
    failed(three, subject, 10)
    calm(three, subject, at(20))
    failed(three, subject, 30)
    failed(three, subject, 40)
    assert not Alert.objects.exists()


def test_it_resolves_itself_when_it_is_back_for_long_enough(rule: MakeRule, subject: Subject) -> None:
    slow = rule("monitor-latency", for_seconds=30, resolve_after=2)
    for seconds in (0, 10, 20, 30):
        failed(slow, subject, seconds)
    calm(slow, subject, at(40))
    assert Alert.objects.get().state == "firing"
    calm(slow, subject, at(50))
    calm(slow, subject, at(60))
    alert = Alert.objects.get()
    assert alert.state == "resolved"
    assert [(change.from_state, change.to_state) for change in alert.changes.all()] == [
        ("", "firing"),
        ("firing", "resolved"),
    ]
    assert [notice.event for notice in alert.notices.order_by("pk")] == ["firing", "resolved"]
    for seconds in (70, 80, 90, 100):
        failed(slow, subject, seconds)
    assert Alert.objects.live().count() == 1
    assert Alert.objects.count() == 2


def test_each_monitor_has_its_own(rule: MakeRule, subject: Subject) -> None:
    one = rule("monitor-failures")
    failed(one, subject, 0)
    failed(one, Subject(subject.service, "monitor:13", "GET /ready"), 0)
    first, second = Alert.objects.order_by("pk")
    assert {first.incident_id, second.incident_id} == {first.pk}


@pytest.mark.parametrize(
    ("fields", "concerned"),
    [
        ({}, True),
        ({"environment": "prod"}, True),
        ({"environment": "test"}, False),
        ({"enabled": False}, False),
    ],
)
def test_the_rules_that_concern_a_service(
    rule: MakeRule, service: Service, fields: dict[str, object], concerned: bool
) -> None:
    rule("monitor-failures", **fields)
    rule("monitor-failures", service=Service.objects.create(name="another"))
    rule("monitor-latency")
    assert rules_for("monitor-failures", service).count() == int(concerned)


def test_a_new_installation_has_rules_for_monitors(db: None) -> None:
    made = {rule.kind: rule for rule in AlertRule.objects.all()}
    assert (made["monitor-latency"].settings, made["monitor-latency"].for_seconds) == ({"limit_s": 1}, 30)
    assert (made["monitor-failures"].for_times, made["monitor-failures"].severity) == (3, "critical")
