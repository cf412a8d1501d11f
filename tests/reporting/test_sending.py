"""A due time has one report, however many beats and workers there are, and none is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.db import IntegrityError, connection, transaction

from diagnostics.models import Channel, Delivery, Launch, Report, Schedule
from diagnostics.reporting import claim_due, content_of, gathering, make, send_now, sending, set_enabled
from tests.reporting.conftest import a_schedule

Answer = TypeVar("Answer")
NOW = datetime.now(UTC)


def overdue(by: timedelta, **more: Any) -> Schedule:
    schedule = a_schedule(**more)
    Schedule.objects.filter(pk=schedule.pk).update(next_due=(NOW - by).replace(minute=0, second=0, microsecond=0))
    return schedule


def at_once(count: int, work: Callable[[], Answer]) -> list[Answer]:
    """The same from many threads, each with a connection of its own, released together."""
    barrier = Barrier(count)

    def one(_: int) -> Answer:
        try:
            barrier.wait(30)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_many_beats_claim_a_due_time_once() -> None:
    names = [overdue(timedelta(hours=1), name=f"schedule {number}", cron="0 * * * *").name for number in range(5)]
    claimed = [pk for answer in at_once(6, claim_due) for pk in answer]
    assert len(claimed) == len(set(claimed)) == 5
    assert sorted(Report.objects.values_list("name", flat=True)) == names
    assert all(due > NOW for due in Schedule.objects.values_list("next_due", flat=True) if due)
    assert claim_due() == []


@pytest.mark.django_db(transaction=True)
def test_many_workers_make_and_deliver_a_report_once() -> None:
    channel = Channel.objects.create(name="room", kind="webhook")
    schedule = overdue(timedelta(minutes=1), cron="* * * * *", channels=[channel])
    (report_id,) = claim_due()
    made = at_once(4, lambda: make(report_id))
    assert len([one for one in made if one]) == 1
    report = Report.objects.get()
    assert (report.state, report.sent_to, report.schedule) == ("ready", ["room"], schedule)
    assert Delivery.objects.count() == 1
    assert make(report_id) is None


@pytest.mark.django_db
def test_the_database_refuses_a_second_report_for_a_due_time() -> None:
    schedule = overdue(timedelta(hours=1))
    told = {"name": "x", "why": "due", "due": NOW, "since": NOW, "until": NOW, "language": "en", "schedule": schedule}
    Report.objects.create(**told)
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.create(**told)


@pytest.mark.django_db
def test_down_time_makes_one_report_that_says_so() -> None:
    overdue(timedelta(days=3), cron="0 * * * *")
    (report_id,) = claim_due()
    make(report_id)
    report = Report.objects.get()
    assert report.why == "catch-up"
    assert 70 <= report.missed <= 73
    assert report.until - report.since >= timedelta(hours=72)
    for form in (report.text, report.html):
        assert f"also covers {report.missed} reports that were missed" in form


@pytest.mark.django_db
def test_periods_follow_each_other_without_a_gap() -> None:
    schedule = overdue(timedelta(hours=5), cron="0 * * * *")
    start = Schedule.objects.get().next_due
    assert start
    for hour in range(4):
        assert len(claim_due(start + timedelta(hours=hour, seconds=5))) == 1
        schedule.refresh_from_db()
        assert schedule.covered_until == start + timedelta(hours=hour)
    spans = list(Report.objects.order_by("pk").values_list("since", "until"))
    assert all(before[1] == after[0] for before, after in pairwise(spans))


@pytest.mark.django_db
def test_a_claimed_report_whose_message_was_lost_comes_back() -> None:
    overdue(timedelta(minutes=1), cron="* * * * *")
    (report_id,) = claim_due()
    assert claim_due() == []
    Report.objects.update(created_at=NOW - timedelta(hours=1))
    assert report_id in claim_due()


@pytest.mark.django_db
def test_a_report_that_cannot_be_made_says_so_and_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the disk is on fire")

    report = send_now(a_schedule(), "editor")
    monkeypatch.setattr(sending, "gather", broken)
    for _ in range(5):
        assert make(report.pk) is None
    report.refresh_from_db()
    assert report.state == "failed"
    assert "the disk is on fire" in report.log[-1]
    monkeypatch.setattr(sending, "gather", gathering.gather)
    assert make(report.pk) is None  # given up is given up


@pytest.mark.django_db
def test_only_when_changed(channel: Channel, slowed: list[Launch]) -> None:
    schedule = overdue(timedelta(minutes=2), cron="* * * * *", channels=[channel], only_when_changed=True)
    for report_id in claim_due():
        make(report_id)
    quiet = Report.objects.get()
    content = content_of(quiet)
    assert content
    assert not content.changed  # the launches arrived after it was due
    assert quiet.sent_to == []
    assert "Nothing changed" in quiet.log[0]
    make(send_now(schedule, "editor").pk)
    assert Report.objects.first().sent_to == ["mail"]  # type: ignore[union-attr]  # there is one


@pytest.mark.django_db
def test_enabled_again_it_is_due_from_now_on() -> None:
    schedule = overdue(timedelta(days=2))
    schedule.refresh_from_db()
    set_enabled(schedule, False)
    assert claim_due() == []
    set_enabled(schedule, True)
    assert schedule.next_due
    assert schedule.next_due > NOW
    assert claim_due() == []
