"""Cron lines in time zones: when a report is due, and what it covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from django.utils.translation import gettext as _

from diagnostics.models import Schedule

LENGTHS = {
    Schedule.Period.DAY: timedelta(days=1),
    Schedule.Period.WEEK: timedelta(days=7),
    Schedule.Period.MONTH: timedelta(days=30),
}
# A beat that comes this late was down, not slow.
LATE = timedelta(minutes=10)


class ScheduleError(Exception):
    """A sentence on what cannot be scheduled; ``where`` names the field."""

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.message = message
        self.where = where


@dataclass(frozen=True, slots=True)
class Due:
    """What a claim stands for: the newest due time that has passed, and the period that nothing covers yet."""

    at: datetime
    since: datetime
    missed: int  # due times before ``at`` without a report; MOST_COUNTED means so many or more
    late: bool
    next: datetime


MOST_COUNTED = 1000


def zone_of(name: str) -> ZoneInfo:
    """Raises ``ScheduleError`` for a name that the time zone database does not have."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        words = _("“%(name)s” is not a time zone; write one like Europe/Berlin, Asia/Shanghai or UTC.")
        raise ScheduleError(words % {"name": name[:60]}, "time_zone") from None


def next_due(cron: str, time_zone: str, after: datetime) -> datetime:
    """The first due time after this one, UTC. A time that the clocks skip in spring is due when they have moved, one
    that comes twice in autumn is due once. Raises ``ScheduleError``."""
    return next(_times(cron, zone_of(time_zone), after)).astimezone(UTC)


def check(cron: str, time_zone: str) -> None:
    """Raises ``ScheduleError`` with a sentence for a person when this is no schedule."""
    zone = zone_of(time_zone)
    if len(cron.split()) != 5:
        words = _(
            "“%(cron)s” is not a cron line: it needs five fields (minute hour day month weekday), e.g. 0 8 * * 1."
        )
        raise ScheduleError(words % {"cron": cron[:60]}, "cron")
    try:
        next(CronSim(cron, datetime.now(zone)))
    except (CronSimError, StopIteration) as error:
        raise ScheduleError(_sentence(cron, str(error)), "cron") from None


def explain(cron: str) -> str:
    """The cron line in English: ``At 08:00 on Monday``."""
    return CronSim(cron, datetime.now(UTC)).explain()


def due(schedule: Schedule, now: datetime) -> Due:
    """What is due of an enabled schedule whose ``next_due`` has passed: the newest due time, back to the oldest."""
    assert schedule.next_due is not None
    first, missed, at = schedule.next_due, 0, schedule.next_due
    for earlier in _times(schedule.cron, schedule.zone, now + timedelta(seconds=1), reverse=True):
        moment = earlier.astimezone(UTC)
        if moment <= first:
            break
        at = max(at, moment)
        missed += 1
        if missed >= MOST_COUNTED:
            break
    return Due(
        at=at,
        since=covered_from(schedule, first),
        missed=missed,
        late=missed > 0 or now - at > LATE,
        next=next_due(schedule.cron, schedule.time_zone, max(now, at)),
    )


def covered_from(schedule: Schedule, at: datetime) -> datetime:
    """Where the period of a report due at ``at`` begins: nothing between it and the one before it is left out."""
    length = LENGTHS.get(Schedule.Period(schedule.period))
    if length is None:
        return min(schedule.covered_until or _before(schedule, at), at)
    return min(at - length, schedule.covered_until or at)


def _before(schedule: Schedule, at: datetime) -> datetime:
    """The due time before this one, which a first report begins with."""
    earlier = next(_times(schedule.cron, schedule.zone, at, reverse=True), None)
    return earlier.astimezone(UTC) if earlier else at - timedelta(days=1)


def _times(cron: str, zone: ZoneInfo, start: datetime, *, reverse: bool = False) -> CronSim:
    try:
        return CronSim(cron, start.astimezone(zone), reverse=reverse)
    except CronSimError as error:
        raise ScheduleError(_sentence(cron, str(error)), "cron") from None


def _sentence(cron: str, why: str) -> str:
    told = {
        "Bad minute": _("the minute (first field) must be 0 to 59"),
        "Bad hour": _("the hour (second field) must be 0 to 23"),
        "Bad day-of-month": _("the day of the month (third field) must be 1 to 31"),
        "Bad month": _("the month (fourth field) must be 1 to 12"),
        "Bad day-of-week": _("the weekday (fifth field) must be 0 to 7 or MON to SUN"),
    }.get(why, _("it names no time that ever comes"))
    if why == "Bad day-of-month" and _has_such_a_day(cron):
        told = _("no month that it names has such a day")
    return _("“%(cron)s” cannot be used: %(why)s.") % {"cron": cron[:60], "why": told}


def _has_such_a_day(cron: str) -> bool:
    """Whether the line would do for all months: 31 is a day, but not one of June."""
    minute, hour, day, _month, weekday = cron.split()
    try:
        CronSim(f"{minute} {hour} {day} * {weekday}", datetime.now(UTC))
    except CronSimError:
        return False
    return True
