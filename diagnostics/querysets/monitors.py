"""Questions asked of monitors, their checks and outages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import connection, models
from django.db.models import Q

if TYPE_CHECKING:
    from diagnostics.models.catalogue import Service
    from diagnostics.models.monitor import Check, Monitor, Outage  # noqa: F401  (named in strings below)

STRIP = timedelta(hours=24)
CELLS = 48

# The newest instant of the grid that has come is what is checked; the ones before it are gone, not owed. The row is
# taken by whoever comes first, and one whose check still runs is left alone.
# A plain sub-select may be run once for each row it is joined to, and its limit holds for each run only.
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id, next_due + make_interval(secs => interval * floor(extract(epoch FROM %(now)s - next_due) / interval))
               AS slot
    FROM diagnostics_monitor
    WHERE enabled AND next_due <= %(now)s AND (busy_until IS NULL OR busy_until <= %(now)s)
    ORDER BY next_due, id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE diagnostics_monitor m
SET next_due = due.slot + make_interval(secs => m.interval),
    busy_until = %(now)s + make_interval(secs => m.max_time + %(grace)s)
FROM due
WHERE m.id = due.id
RETURNING m.id, due.slot, m.busy_until
"""
# Half an hour a cell, oldest first; a cell without checks has no row.
STRIPS = """
SELECT monitor_id, floor(extract(epoch FROM at - %(start)s) / %(cell)s)::int AS cell,
       count(*), count(*) FILTER (WHERE NOT ok),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY total_ns) FILTER (WHERE ok)
FROM diagnostics_check
WHERE monitor_id = ANY(%(monitors)s) AND at >= %(start)s AND at < %(end)s
GROUP BY monitor_id, cell
"""
SUMMARY = """
SELECT monitor_id, count(*), count(*) FILTER (WHERE NOT ok),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY total_ns) FILTER (WHERE ok)
FROM diagnostics_check
WHERE monitor_id = ANY(%(monitors)s) AND at >= %(start)s AND at < %(end)s
GROUP BY monitor_id
"""
# At most as many points as a chart can show, each the checks of one stretch of time.
LATENCIES = """
SELECT extract(epoch FROM min(at)), count(*), count(*) FILTER (WHERE NOT ok),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY total_ns) FILTER (WHERE ok),
       max(total_ns) FILTER (WHERE ok), max(error)
FROM diagnostics_check
WHERE monitor_id = %(monitor)s AND at >= %(start)s AND at < %(end)s
GROUP BY floor(extract(epoch FROM at - %(start)s) / %(step)s)
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A monitor that this worker, and nobody else, checks for the instant ``slot``."""

    monitor: int
    slot: datetime
    busy_until: datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """One stretch of an uptime strip; ``median`` (ns) of its good checks."""

    start: datetime
    checks: int = 0
    failed: int = 0
    median: float | None = None

    @property
    def state(self) -> str:
        if not self.checks:
            return "none"
        if self.failed == self.checks:
            return "down"
        return "part" if self.failed else "up"


@dataclass(frozen=True, slots=True)
class Summary:
    """All checks of a stretch of time; ``p95`` (ns) of the good ones."""

    checks: int = 0
    failed: int = 0
    p95: float | None = None

    @property
    def up(self) -> float | None:
        return 1 - self.failed / self.checks if self.checks else None


@dataclass(frozen=True, slots=True)
class Latency:
    """One point of a chart: when it begins (s), its checks, and what the good ones took (ns)."""

    at: float
    checks: int
    failed: int
    median: float | None
    slowest: int | None
    error: str


class MonitorQuerySet(models.QuerySet["Monitor"]):
    def listed(self) -> Self:
        return self.select_related("service").order_by("service__name", "service__environment", "name", "pk")

    def of(self, service: Service) -> Self:
        return self.filter(service=service).order_by("name", "pk")

    def claim(self, now: datetime, limit: int, grace: float) -> list[Due]:
        """Take what is due at ``now``; safe against any number of others who do the same at the same time."""
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, {"now": now, "limit": limit, "grace": grace})
            return [Due(*row) for row in cursor.fetchall()]

    def claim_one(self, monitor: Monitor, now: datetime, grace: float) -> Due | None:
        """Take this one out of turn, unless its check runs; the grid stays as it is."""
        until = now + timedelta(seconds=monitor.max_time + grace)
        free = self.filter(Q(busy_until=None) | Q(busy_until__lte=now), pk=monitor.pk)
        return Due(monitor.pk, now, until) if free.update(busy_until=until) else None


class CheckQuerySet(models.QuerySet["Check"]):
    def strips(self, monitors: Iterable[int], now: datetime) -> dict[int, list[Cell]]:
        """The last 24 hours of each monitor in 48 cells, oldest first; the last cell holds ``now``."""
        wanted, size = list(monitors), STRIP / CELLS
        # Cells lie on whole half hours, so that a strip does not change its mind about the past.
        end = datetime.fromtimestamp((now.timestamp() // size.total_seconds() + 1) * size.total_seconds(), now.tzinfo)
        starts = [end - STRIP + n * size for n in range(CELLS)]
        strips = {pk: [Cell(start) for start in starts] for pk in wanted}
        place: dict[str, Any] = {"monitors": wanted, "start": starts[0], "end": end, "cell": size.total_seconds()}
        with connection.cursor() as cursor:
            cursor.execute(STRIPS, place)
            for pk, cell, checks, failed, median in cursor.fetchall():
                strips[pk][cell] = Cell(starts[cell], checks, failed, median)
        return strips

    def summaries(self, monitors: Iterable[int], start: datetime, end: datetime) -> dict[int, Summary]:
        wanted = list(monitors)
        found = {pk: Summary() for pk in wanted}
        with connection.cursor() as cursor:
            cursor.execute(SUMMARY, {"monitors": wanted, "start": start, "end": end})
            return found | {pk: Summary(checks, failed, p95) for pk, checks, failed, p95 in cursor.fetchall()}

    def latencies(self, monitor: int, start: datetime, end: datetime, points: int) -> list[Latency]:
        """Oldest first, at most ``points`` of them."""
        step = (end - start).total_seconds() / points
        with connection.cursor() as cursor:
            cursor.execute(LATENCIES, {"monitor": monitor, "start": start, "end": end, "step": step})
            return [Latency(float(at), *row) for at, *row in cursor.fetchall()]

    def older_than(self, moment: datetime) -> Self:
        return self.filter(at__lt=moment)


class OutageQuerySet(models.QuerySet["Outage"]):
    def before(self, service: int, start: datetime, window: timedelta) -> Self:
        """Of a service, those that lasted at ``start`` or had ended shortly before it; the newest first."""
        lasted = Q(ended_at=None) | Q(last_at__gte=start - window)
        return self.filter(lasted, monitor__service=service, began_at__lte=start).order_by("-began_at", "-pk")
