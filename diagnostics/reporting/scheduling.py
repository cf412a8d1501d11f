"""Making and changing schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from diagnostics.models import Channel, Schedule, Service
from diagnostics.reporting.schedules import ScheduleError, check, next_due


@dataclass(frozen=True, slots=True)
class Wanted:
    """A schedule as somebody wants it; the fields are those of the model."""

    name: str
    cron: str
    time_zone: str = "UTC"
    period: str = Schedule.Period.SINCE_LAST
    services: Sequence[Service] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    channels: Sequence[Channel] = ()
    language: str = Schedule.Language.ENGLISH
    only_when_changed: bool = False
    enabled: bool = True


def save_schedule(schedule: Schedule, wanted: Wanted, by: str) -> Schedule:
    """Make or change it; due next at its first time from now on. Raises ``ScheduleError``."""
    check(wanted.cron, wanted.time_zone)
    moved = (schedule.cron, schedule.time_zone) != (wanted.cron, wanted.time_zone)
    for name in ("name", "cron", "time_zone", "period", "language", "only_when_changed"):
        setattr(schedule, name, getattr(wanted, name))
    schedule.labels = dict(wanted.labels)
    schedule.created_by = schedule.created_by or by
    _switch(schedule, wanted.enabled, anew=moved)
    try:
        with transaction.atomic():
            schedule.save()
            schedule.services.set(wanted.services)
            schedule.channels.set(wanted.channels)
    except IntegrityError:
        raise ScheduleError(_("There is a schedule of this name already."), "name") from None
    return schedule


def set_enabled(schedule: Schedule, enabled: bool) -> None:
    """What passed while it was disabled is not made up for."""
    _switch(schedule, enabled, anew=False)
    schedule.save(update_fields=["enabled", "next_due", "covered_until"])


def _switch(schedule: Schedule, enabled: bool, *, anew: bool) -> None:
    began = enabled and (schedule.next_due is None or anew)
    if enabled and schedule.next_due is None:
        schedule.covered_until = None
    if began:
        schedule.next_due = next_due(schedule.cron, schedule.time_zone, datetime.now(UTC))
    if not enabled:
        schedule.next_due = None
    schedule.enabled = enabled
