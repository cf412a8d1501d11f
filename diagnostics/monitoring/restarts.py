"""A launch that began while, or soon after, a monitor of its service failed was a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from diagnostics.models import Launch, Monitor, Outage
from diagnostics.records import NS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Restart:
    """Which monitor failed before a launch, since when, and why."""

    monitor: Monitor
    at: datetime
    reason: str  # a sentence's end: no full stop


def restarted_after(launch: Launch) -> Restart | None:
    """The newest outage that this launch followed on: one that lasted at its start, or had ended within
    MONITOR_RESTART_WINDOW seconds with no other launch since it began."""
    start = datetime.fromtimestamp(launch.start_time / NS_PER_SECOND, UTC)
    window = timedelta(seconds=settings.MONITOR_RESTART_WINDOW)
    for outage in Outage.objects.before(launch.service_id, start, window).select_related("monitor")[:5]:
        lasts = outage.ended_at is None or outage.ended_at > start
        if lasts or not _launched_between(launch, outage.began_at):
            return Restart(outage.monitor, outage.began_at, outage.error.rstrip("."))
    return None


def _launched_between(launch: Launch, since: datetime) -> bool:
    """Whether another launch answered the outage already."""
    first = int(since.timestamp() * NS_PER_SECOND)
    others = Launch.objects.filter(service=launch.service_id, start_time__gte=first, start_time__lt=launch.start_time)
    return others.exclude(pk=launch.pk).exists()
