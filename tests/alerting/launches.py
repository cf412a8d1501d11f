"""Launches as the worker leaves them: judged, just now or long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from diagnostics.models import Host, Launch, PhaseRecord, Series, Service
from diagnostics.records import NS_PER_SECOND

SECOND = NS_PER_SECOND


def nanoseconds(at: datetime) -> int:
    return int(at.timestamp()) * SECOND + at.microsecond * 1000


def launched(service: Service, total: float = 10, ago: timedelta = timedelta(), **more: Any) -> Launch:
    """A launch of so many seconds that was ready ``ago`` and received right then, unless told otherwise."""
    phases: dict[str, float] = more.pop("phases", {})
    now = timezone.now()
    took = round(total * SECOND)
    facts = {"state": "judged", "status": "success", "received_at": now, "unaccounted_ns": 0, "ready_by": "health_ok"}
    launch = Launch.objects.create(
        service=service, start_time=nanoseconds(now - ago) - took, total_ns=took, **{**facts, **more}
    )
    add_phases(launch, phases)
    return launch


def series(service: Service, path: str) -> Series:
    return Series.objects.get_or_create(service=service, path=path, name=path.rpartition("/")[2])[0]


def add_phases(launch: Launch, phases: dict[str, float], failed: str = "") -> None:
    """One after the other from the start of the launch, seconds each."""
    start = launch.start_time
    for position, (path, seconds) in enumerate(phases.items()):
        took = round(seconds * SECOND)
        PhaseRecord.objects.create(
            launch=launch,
            position=position,
            series=series(launch.service, path),
            artifact_id=launch.pk,
            depth=path.count("/"),
            start_time=start,
            duration_ns=took,
            self_ns=took,
            slack_ns=0,
            critical_ns=took,
            critical=True,
            failed=path == failed,
        )
        start += took


def usual(service: Service, count: int = 10, total: float = 10, **more: Any) -> list[Launch]:
    """Good launches, one an hour until an hour ago, that differ by a tenth of a second."""
    return [
        launched(service, total + 0.1 * (number % 3), timedelta(hours=count - number), **more)
        for number in range(count)
    ]


def host(name: str) -> Host:
    return Host.objects.get_or_create(name=name)[0]


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
