"""Questions asked of services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import connection, models
from django.db.models import F, OuterRef, Subquery

if TYPE_CHECKING:
    from diagnostics.models.catalogue import Service

# One index range of 20 launches a service, whatever the number of launches.
OVERVIEW = """
SELECT s.id, s.name, s.environment, last.id, last.version, last.status, last.state, last.start_time, last.total_ns,
       recent.p50, recent.p95, recent.totals, recent.failed, recent.runs,
       (SELECT count(*) FROM diagnostics_regression r
        WHERE r.service_id = s.id AND r.state IN ('open', 'acknowledged')),
       last.state = 'received'
       AND 'rejected' = ALL (SELECT a.state FROM diagnostics_artifact a WHERE a.launch_id = last.id)
FROM diagnostics_service s
LEFT JOIN LATERAL (
    SELECT * FROM diagnostics_launch l WHERE l.service_id = s.id ORDER BY l.start_time DESC, l.id DESC LIMIT 1
) last ON true
LEFT JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total_ns) FILTER (WHERE status = 'success') AS p50,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY total_ns) FILTER (WHERE status = 'success') AS p95,
           array_agg(total_ns ORDER BY start_time) AS totals,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           count(*) AS runs
    FROM (SELECT total_ns, status, start_time FROM diagnostics_launch l
          WHERE l.service_id = s.id AND l.total_ns IS NOT NULL ORDER BY l.start_time DESC, l.id DESC LIMIT 20) twenty
) recent ON true
WHERE %(service)s::bigint IS NULL OR s.id = %(service)s
ORDER BY s.name, s.environment
"""


@dataclass(frozen=True, slots=True)
class ServiceOverview:
    """A service at a glance; times in ns, statistics over its newest 20 parsed launches (p50/p95: successful ones)."""

    id: int
    name: str
    environment: str
    last_launch: UUID | None
    last_version: str | None
    last_status: str | None
    last_state: str | None
    last_start: int | None
    last_total: int | None
    p50: float | None
    p95: float | None
    totals: list[int] | None  # oldest first
    failed: int
    runs: int
    open_regressions: int
    last_rejected: bool | None  # the last launch's snapshot was refused

    @property
    def failed_share(self) -> float:
        return self.failed / self.runs if self.runs else 0.0


# Newest first; the flag, if any, is the launch's own for that phase.
PHASE_HISTORY = """
SELECT l.id, l.start_time, l.version, l.status, p.duration_ns, f.verdict, l.start_class,
       l.begins_with, l.labels->>'run', l.labels->>'deploy', l.labels->>'rollout'
FROM diagnostics_series s
JOIN diagnostics_phase p ON p.series_id = s.id
JOIN diagnostics_launch l ON l.id = p.launch_id
LEFT JOIN diagnostics_launchflag f ON f.launch_id = l.id AND f.series_id = s.id
WHERE s.service_id = %(service)s AND s.path = %(path)s
  AND (%(before)s::int8 IS NULL OR (l.start_time, l.id) < (%(before)s, %(before_id)s))
ORDER BY l.start_time DESC, l.id DESC LIMIT %(limit)s
"""
TOTAL_HISTORY = """
SELECT l.id, l.start_time, l.version, l.status, l.total_ns, f.verdict, l.start_class,
       l.begins_with, l.labels->>'run', l.labels->>'deploy', l.labels->>'rollout'
FROM diagnostics_launch l
LEFT JOIN diagnostics_launchflag f ON f.launch_id = l.id AND f.series_id IS NULL
WHERE l.service_id = %(service)s AND l.total_ns IS NOT NULL
  AND (%(before)s::int8 IS NULL OR (l.start_time, l.id) < (%(before)s, %(before_id)s))
ORDER BY l.start_time DESC, l.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Point:
    """One launch in the history of a total or a phase, ns; ``verdict`` when it was flagged there."""

    launch: UUID
    start_time: int
    version: str
    status: str
    duration: int
    verdict: str | None
    start_class: str
    begins_with: str = ""
    run: str | None = None  # these three are labels; what they say is one run
    deploy: str | None = None
    rollout: str | None = None

    @property
    def labels(self) -> dict[str, str]:
        told = {"run": self.run, "deploy": self.deploy, "rollout": self.rollout}
        return {name: value for name, value in told.items() if value}


def history(service: Service, path: str | None, limit: int, before: Sequence[Any] | None = None) -> list[Point]:
    """Newest first: a service's total (no path) or a phase; ``before`` is (start_time, launch id) of a page's end."""
    start_time, launch_id = before or (None, None)
    place = {"service": service.pk, "path": path, "limit": limit, "before": start_time, "before_id": launch_id}
    with connection.cursor() as cursor:
        cursor.execute(TOTAL_HISTORY if path is None else PHASE_HISTORY, place)
        return [Point(*row) for row in cursor.fetchall()]


class ServiceQuerySet(models.QuerySet["Service"]):
    def known(self, name: str, environment: str) -> Service:
        """The service of this name, made if it is new; safe when two senders are first at the same time."""
        return self.get_or_create(name=name, environment=environment)[0]

    def overview(self, service_id: int | None = None) -> list[ServiceOverview]:
        """Every service (or this one) with its last launch and the shape of its recent ones: one query."""
        with connection.cursor() as cursor:
            cursor.execute(OVERVIEW, {"service": service_id})
            return [ServiceOverview(*row) for row in cursor.fetchall()]

    def named(self, name: str) -> Self:
        """The environments of a service, the one launched last first."""
        launches = self.model._meta.get_field("launches").related_model._default_manager
        # The newest launch by index: the aggregate would read every launch of the service.
        newest = launches.filter(service=OuterRef("pk")).order_by("-start_time", "-id").values("start_time")[:1]
        last = F("last_start").desc(nulls_last=True)
        return self.filter(name=name).annotate(last_start=Subquery(newest)).order_by(last, "pk")
