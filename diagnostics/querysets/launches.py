"""Questions asked of launches: filters, pages, baselines, and the samples statistics work on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now

from diagnostics.records import LaunchStatus, Sample

if TYPE_CHECKING:
    from diagnostics.models.launch import Launch

# Phase rows of many launches as one row of arrays a launch: twenty times fewer Python objects to build.
SAMPLES = """
SELECT p.launch_id, array_agg(s.path), array_agg(p.duration_ns), array_agg(p.critical_ns)
FROM diagnostics_phase p JOIN diagnostics_series s ON s.id = p.series_id
WHERE p.launch_id = ANY(%s) GROUP BY p.launch_id
"""


@dataclass(frozen=True, slots=True)
class LaunchFilter:
    """What a list of launches is narrowed to; the fields are the query parameters of GET /api/v1/launches."""

    service: str | None = None
    environment: str | None = None
    version: str | None = None
    host: str | None = None
    status: str | None = None
    start_class: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    since: int | None = None  # start_time, ns
    until: int | None = None
    slower_than: int | None = None  # total, ns

    def as_q(self) -> Q:
        exact = {
            "service__name": self.service,
            "service__environment": self.environment,
            "version": self.version,
            "host__name": self.host,
            "status": self.status,
            "start_class": self.start_class,
            "labels__contains": dict(self.labels) or None,
            "start_time__gte": self.since,
            "start_time__lt": self.until,
            "total_ns__gt": self.slower_than,
        }
        return Q(**{key: value for key, value in exact.items() if value is not None})


class LaunchQuerySet(models.QuerySet["Launch"]):
    def matching(self, narrowed: LaunchFilter) -> Self:
        return self.filter(narrowed.as_q())

    def newest_first(self) -> Self:
        """Newest first, with what a row shows."""
        return self.select_related("service", "host").order_by("-start_time", "-id")

    def after_cursor(self, start_time: int, launch_id: UUID) -> Self:
        """The rest of ``newest_first`` behind this place; an index range, however deep the page."""
        return self.filter(Q(start_time__lt=start_time) | Q(start_time=start_time, id__lt=launch_id)).filter(
            start_time__lte=start_time  # implied by the line above; it is what lets the planner use the index
        )

    def baseline_of(self, launch: Launch, count: int) -> Self:
        """The newest ``count`` successful launches of the same service before this one."""
        before = self.filter(
            service_id=launch.service_id, status=LaunchStatus.SUCCESS, start_time__lt=launch.start_time
        ).exclude(state="received")
        return before.order_by("-start_time", "-id")[:count]

    def newest_of_service(self, service_id: int, count: int) -> Self:
        """The newest judged launches of a service, newest first."""
        return self.filter(service_id=service_id, state="judged").order_by("-start_time", "-id")[:count]

    def left_unjudged(self, older_than: timedelta) -> models.QuerySet[Launch, UUID]:
        """Ids of launches that were parsed but never judged."""
        waiting = self.filter(state="parsed", received_at__lt=Now() - older_than)
        return waiting.order_by("received_at").values_list("id", flat=True)

    def samples(self) -> list[Sample]:
        """These launches as statistics see them, in this queryset's order. Two queries, whatever their number."""
        launches = {row[0]: row for row in self.values_list("id", "total_ns", "waiting_ns") if row[1] is not None}
        phases = {row[0]: row[1:] for row in _phase_arrays(list(launches))}
        return [
            Sample(
                launch=str(launch_id),
                total=total,
                waiting=waiting,
                durations=_by_path(phases, launch_id, 1),
                critical_times=_by_path(phases, launch_id, 2),
            )
            for launch_id, total, waiting in launches.values()
        ]


def _phase_arrays(ids: Sequence[UUID]) -> Iterable[tuple[UUID, list[str], list[int], list[int]]]:
    with connection.cursor() as cursor:
        cursor.execute(SAMPLES, [list(ids)])
        return cursor.fetchall()


def _by_path(phases: Mapping[UUID, tuple[list[str], ...]], launch_id: UUID, column: int) -> dict[str, int]:
    row = phases.get(launch_id)
    return dict(zip(row[0], row[column], strict=True)) if row else {}  # type: ignore[arg-type]
