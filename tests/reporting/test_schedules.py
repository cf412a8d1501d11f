"""When reports are due: cron lines in time zones, across both switches of the clocks, and after down time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from diagnostics.models import Schedule
from diagnostics.reporting.schedules import ScheduleError, check, covered_from, due, next_due


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "then"),
    [
        ("0 8 * * *", "UTC", "2026-11-23T07:59:59Z", "2026-11-23T08:00:00Z"),
        ("0 8 * * *", "UTC", "2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"),
        ("0 8 * * *", "Asia/Shanghai", "2026-11-23T08:00:00Z", "2026-11-24T00:00:00Z"),
        # Spring in Berlin: 8:00 is an hour earlier in UTC from the 29th on; 2:30 does not come, so it is due at 3:00.
        ("0 8 * * *", "Europe/Berlin", "2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
        # Autumn: 2:30 comes twice and is due once.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        ("0 8 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T07:00:00Z"),
        ("0 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"),
        ("0 8 * * MON", "UTC", "2026-11-23T09:00:00Z", "2026-11-30T08:00:00Z"),
    ],
)
def test_next_due(cron: str, zone: str, after: str, then: str) -> None:
    assert next_due(cron, zone, at(after)) == at(then)


@pytest.mark.parametrize("start", ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"])
def test_no_day_is_skipped_nor_told_twice_over_a_switch(start: str) -> None:
    moments = [at(start)]
    for _ in range(5):
        moments.append(next_due("30 2 * * *", "Europe/Berlin", moments[-1]))
    days = [one.astimezone(UTC).date() for one in moments[1:]]
    assert days == [days[0] + timedelta(days=number) for number in range(5)]


@pytest.mark.parametrize(
    ("cron", "zone", "where", "told"),
    [
        ("* * *", "UTC", "cron", "needs five fields"),
        ("0 0 8 * * *", "UTC", "cron", "needs five fields"),
        ("", "UTC", "cron", "needs five fields"),
        ("61 * * * *", "UTC", "cron", "the minute (first field) must be 0 to 59"),
        ("0 25 * * *", "UTC", "cron", "the hour"),
        ("0 0 32 * *", "UTC", "cron", "the day of the month"),
        ("0 0 * 13 *", "UTC", "cron", "the month"),
        ("0 0 * * 9", "UTC", "cron", "the weekday"),
        ("0 0 30 2 *", "UTC", "cron", "no month that it names has such a day"),
        ("0 0 31 4,6 *", "UTC", "cron", "no month that it names has such a day"),
        ("@daily", "UTC", "cron", "needs five fields"),
        ("0 8 ? * 1", "UTC", "cron", "the day of the month (third field) must be 1 to 31"),
        ("x y z a b", "UTC", "cron", "cannot be used"),
        ("0 8 * * *", "Mars/Olympus", "time_zone", "is not a time zone"),
        ("0 8 * * *", "../../etc/passwd", "time_zone", "is not a time zone"),
        ("0 8 * * *", "", "time_zone", "is not a time zone"),
    ],
)
def test_what_is_no_schedule_is_told_in_a_sentence(cron: str, zone: str, where: str, told: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        check(cron, zone)
    assert caught.value.where == where
    assert told in caught.value.message


def schedule(period: str = "since_last", covered_until: datetime | None = None, cron: str = "0 8 * * *") -> Schedule:
    return Schedule(
        name="s",
        cron=cron,
        time_zone="UTC",
        period=period,
        next_due=at("2026-11-20T08:00Z"),
        covered_until=covered_until,
    )


def test_on_time() -> None:
    found = due(schedule(), at("2026-11-20T08:00:15Z"))
    assert (found.at, found.missed, found.late) == (at("2026-11-20T08:00Z"), 0, False)
    assert found.since == at("2026-11-19T08:00Z")  # the first report begins where the one before it would have ended
    assert found.next == at("2026-11-21T08:00Z")


def test_after_down_time_one_report_covers_it_all() -> None:
    found = due(schedule(covered_until=at("2026-11-19T08:00Z")), at("2026-11-23T11:00Z"))
    assert (found.at, found.missed, found.late) == (at("2026-11-23T08:00Z"), 3, True)
    assert found.since == at("2026-11-19T08:00Z")
    assert found.next == at("2026-11-24T08:00Z")


def test_late_by_hours_is_said_though_nothing_was_missed() -> None:
    found = due(schedule(), at("2026-11-20T11:00Z"))
    assert (found.at, found.missed, found.late) == (at("2026-11-20T08:00Z"), 0, True)


def test_a_year_without_a_server_is_counted_in_a_moment() -> None:
    found = due(schedule(cron="* * * * *"), at("2027-11-20T08:00:30Z"))
    assert found.at == at("2027-11-20T08:00Z")
    assert found.missed == 1000
    assert found.next == at("2027-11-20T08:01Z")


@pytest.mark.parametrize(
    ("period", "covered", "since"),
    [
        ("week", None, "2026-11-13T08:00Z"),
        ("week", "2026-11-19T08:00Z", "2026-11-13T08:00Z"),
        ("day", "2026-11-10T08:00Z", "2026-11-10T08:00Z"),  # nothing between two reports is left out
        ("since_last", "2026-11-18T08:00Z", "2026-11-18T08:00Z"),
        ("since_last", "2026-11-21T08:00Z", "2026-11-20T08:00Z"),  # a clock that was set back
    ],
)
def test_what_a_report_covers(period: str, covered: str | None, since: str) -> None:
    own = schedule(period, at(covered) if covered else None)
    assert covered_from(own, at("2026-11-20T08:00Z")) == at(since)
