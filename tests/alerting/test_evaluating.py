"""Which launches are looked at, once and by many at the same time, and what becomes of trouble on the way."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from diagnostics import tasks
from diagnostics.alerting import KINDS, concerned, evaluate, forgotten
from diagnostics.alerting.kinds import launch_failed
from diagnostics.models import Alert, AlertNotice, Channel, Delivery, Launch, LaunchEvaluation, Service
from tests.alerting.conftest import MakeRule
from tests.alerting.launches import launched


def test_a_launch_judged_again_is_told_once(rule: MakeRule, service: Service) -> None:
    rule("launch-limit", settings={"limit_s": 5})
    launch = launched(service)
    for _ in range(3):
        evaluate(launch.pk)
    alert = Alert.objects.get()
    assert (alert.times, AlertNotice.objects.count()) == (1, 1)


def test_one_judged_better_the_second_time_ends_it(rule: MakeRule, service: Service) -> None:
    rule("launch-limit", settings={"limit_s": 5})
    launch = launched(service)
    evaluate(launch.pk)
    Launch.objects.filter(pk=launch.pk).update(total_ns=1)
    evaluate(launch.pk)
    assert Alert.objects.get().state == "resolved"


def test_a_slow_service_is_one_alert_not_one_for_each_launch(rule: MakeRule, service: Service) -> None:
    rule("launch-limit", settings={"limit_s": 5})
    for minutes in range(9, 0, -1):
        evaluate(launched(service, ago=timedelta(minutes=minutes)).pk)
    assert Alert.objects.get().times == 9


def test_it_must_hold_for_so_many_launches(rule: MakeRule, service: Service) -> None:
    rule("launch-limit", settings={"limit_s": 5}, for_times=2)
    evaluate(launched(service).pk)
    assert not Alert.objects.exists()
    evaluate(launched(service).pk)
    assert Alert.objects.get().times == 2


def test_it_is_over_after_so_many_good_launches(rule: MakeRule, service: Service) -> None:
    rule("launch-limit", settings={"limit_s": 5}, resolve_after=2)
    states = []
    for total in (9, 1, 9, 1, 1):
        evaluate(launched(service, total).pk)
        states.append(Alert.objects.get().state)
    assert states == ["firing"] * 4 + ["resolved"]


@pytest.mark.parametrize(("ago", "current"), [(timedelta(hours=23), True), (timedelta(days=2), False)])
def test_a_launch_uploaded_as_history_fires_nothing(
    rule: MakeRule, service: Service, ago: timedelta, current: bool
) -> None:
    rule("launch-limit", settings={"limit_s": 5})
    launch = launched(service, ago=ago)
    assert concerned(launch.pk) is current
    assert bool(evaluate(launch.pk)) is current


def test_thousands_of_old_launches_enqueue_nothing(rule: MakeRule, service: Service, queue_is_empty: None) -> None:
    from webapp.celery import app

    rule("launch-limit", settings={"limit_s": 5})
    for days in range(2, 12):
        tasks.enqueue_evaluation(launched(service, ago=timedelta(days=days)).pk)
    with app.connection_for_read() as queue:
        channel: Any = queue.default_channel
        assert channel.queue_declare("judge").message_count == 0
        tasks.enqueue_evaluation(launched(service).pk)
        assert channel.queue_declare("judge").message_count == 1


def test_a_late_slow_launch_behind_a_good_one_fires_nothing(rule: MakeRule, service: Service) -> None:
    rule("launch-limit", settings={"limit_s": 5})
    evaluate(launched(service, 12, ago=timedelta(hours=2)).pk)
    evaluate(launched(service, 1).pk)
    alert = Alert.objects.get()
    assert alert.state == "resolved"
    evaluate(launched(service, 12, ago=timedelta(hours=1)).pk)
    assert Alert.objects.count() == 1


def test_what_was_there_before_the_rule_is_not_its_concern(rule: MakeRule, service: Service) -> None:
    launch = launched(service, received_at=timezone.now() - timedelta(minutes=1))
    rule("launch-limit", settings={"limit_s": 5}, created_at=timezone.now())
    assert evaluate(launch.pk) == []


def test_a_launch_that_is_gone_is_no_error(db: None) -> None:
    assert evaluate(uuid.uuid4()) == []
    assert not concerned(uuid.uuid4())


def test_a_rule_that_breaks_does_not_stop_the_others(
    rule: MakeRule, service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rule("launch-limit", settings={"limit_s": "nonsense"})
    rule("launch-limit", settings={"limit_s": 5})
    assert len(evaluate(launched(service).pk)) == 1
    assert "could not look" in caplog.text


def test_trouble_in_alerting_does_not_disturb_judging(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: uuid.UUID) -> bool:
        raise RuntimeError("no")

    monkeypatch.setattr("diagnostics.alerting.concerned", broken)
    tasks.judge_launch(str(launched(service, state="parsed").pk))
    assert Launch.objects.get().state == "judged"
    assert "waits for the patrol" in caplog.text


def test_the_patrol_finds_what_a_lost_queue_forgot(rule: MakeRule, service: Service) -> None:
    lost = launched(service, received_at=timezone.now() - timedelta(minutes=5), ago=timedelta(minutes=6))
    launched(service)  # its task may still be on its way
    assert forgotten() == [lost.pk]
    evaluate(lost.pk)
    assert forgotten() == []
    assert LaunchEvaluation.objects.filter(pk=lost.pk).exists()


def test_every_look_at_launches_is_a_function_of_the_kind() -> None:
    assert KINDS["launch-failed"] is launch_failed.KIND
    assert [key for key, kind in KINDS.items() if not kind.judge and not kind.look] == [
        "monitor-latency",
        "monitor-failures",
        "monitor-certificate",
    ]


@pytest.mark.django_db(transaction=True)
def test_workers_that_look_at_the_same_time_tell_once(rule: MakeRule, service: Service, channel: Channel) -> None:
    """Eight threads, each with its own connection to the real database, hold four slow launches against two rules."""
    rule("launch-limit", settings={"limit_s": 5})
    rule("launch-limit", settings={"limit_s": 6}, severity="critical", name="another")
    launches = [launched(service, ago=timedelta(minutes=minutes)) for minutes in range(4)]
    errors: list[BaseException] = []
    begin = threading.Barrier(8)

    def work(launch: Any) -> None:
        try:
            begin.wait()
            for _ in range(3):
                evaluate(launch.pk)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(launch,)) for launch in launches * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(Alert.objects.values_list("rule_name", flat=True)) == ["Launch: over a fixed limit", "another"]
    assert AlertNotice.objects.filter(done_at__isnull=False).count() == 2
    assert Delivery.objects.count() == 1  # both began with one launch: one message
