"""Questions asked of schedules and reports, and what a report asks of the launches of its period.

A report covers the launches that *arrived* in its period: a launch that is sent late is told of late, but told of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import connection, models
from django.db.models.functions import Now
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from diagnostics.models.report import Report, Schedule

WITHIN = (
    "l.received_at >= %(since)s AND l.received_at < %(until)s AND l.service_id = ANY(%(services)s)"
    " AND l.labels @> %(labels)s"
)
COVERAGE = "1.0 - unaccounted_ns::float8 / total_ns"
SERVICES = f"""
SELECT s.id, s.name, s.environment, count(*) AS launches,
       count(*) FILTER (WHERE l.status = 'failed') AS failed,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY total_ns) FILTER (WHERE l.status = 'success') AS median,
       count(*) FILTER (WHERE start_class = 'cold'), count(*) FILTER (WHERE start_class = 'warm'),
       count(*) FILTER (WHERE start_class = 'hot'), count(*) FILTER (WHERE start_class = '')
FROM diagnostics_launch l JOIN diagnostics_service s ON s.id = l.service_id
WHERE {WITHIN} GROUP BY s.id ORDER BY launches DESC, s.name, s.environment
"""  # noqa: S608  (a constant)
HOSTS = f"""
SELECT s.name, s.environment, l.start_class, l.begins_with, h.name, count(*),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY total_ns)
FROM diagnostics_launch l JOIN diagnostics_service s ON s.id = l.service_id JOIN diagnostics_host h ON h.id = l.host_id
WHERE {WITHIN} AND l.status = 'success' AND total_ns IS NOT NULL
GROUP BY s.id, l.start_class, l.begins_with, h.name
"""  # noqa: S608
# Of each service with launches in the period: the share that phases cover, and that of the 20 launches before.
COVERED = f"""
SELECT s.name, s.environment, earlier.coverage, now.coverage, now.launches
FROM (SELECT l.service_id, count(*) AS launches, percentile_cont(0.5) WITHIN GROUP (ORDER BY {COVERAGE}) AS coverage
      FROM diagnostics_launch l WHERE {WITHIN} AND l.status = 'success' AND total_ns > 0 GROUP BY l.service_id) now
JOIN diagnostics_service s ON s.id = now.service_id
JOIN LATERAL (
    SELECT count(*) AS launches, percentile_cont(0.5) WITHIN GROUP (ORDER BY {COVERAGE}) AS coverage
    FROM (SELECT total_ns, unaccounted_ns FROM diagnostics_launch b
          WHERE b.service_id = now.service_id AND b.received_at < %(since)s AND b.labels @> %(labels)s
            AND b.status = 'success' AND b.total_ns > 0
          ORDER BY b.start_time DESC, b.id DESC LIMIT 20) twenty
) earlier ON true
WHERE now.launches >= %(least)s AND earlier.launches >= %(least)s AND earlier.coverage - now.coverage >= %(drop)s
ORDER BY earlier.coverage - now.coverage DESC, s.name, s.environment
"""  # noqa: S608
UNFINISHED = f"""
SELECT l.id, s.name, s.environment, coalesce(h.name, ''), l.version, l.start_time,
       coalesce((SELECT se.path FROM diagnostics_phase p JOIN diagnostics_series se ON se.id = p.series_id
                 WHERE p.launch_id = l.id ORDER BY p.start_time DESC, p.position DESC LIMIT 1), ''),
       count(*) OVER ()
FROM diagnostics_launch l JOIN diagnostics_service s ON s.id = l.service_id
LEFT JOIN diagnostics_host h ON h.id = l.host_id
WHERE {WITHIN} AND l.status = 'running' AND l.state <> 'received'
ORDER BY l.start_time DESC, l.id DESC LIMIT %(limit)s
"""  # noqa: S608
NOT_JUDGED = f"""
SELECT name, environment, why, count(*) AS launches, coalesce(max(told), '') FROM (
    SELECT s.name, s.environment,
           CASE WHEN l.state = 'judged' THEN 'not enough data' WHEN refused.told IS NULL THEN 'waiting'
                ELSE 'refused' END AS why, refused.told
    FROM diagnostics_launch l JOIN diagnostics_service s ON s.id = l.service_id
    LEFT JOIN LATERAL (
        SELECT a.error->>'message' AS told FROM diagnostics_artifact a
        WHERE l.state = 'received' AND a.launch_id = l.id AND a.state = 'rejected' LIMIT 1
    ) refused ON true
    WHERE {WITHIN} AND (l.state <> 'judged' OR l.verdict = 'not enough data')
) unjudged
GROUP BY name, environment, why ORDER BY launches DESC, name, environment, why
"""  # noqa: S608
IMPROVED = f"""
SELECT s.name, s.environment, se.path, count(*),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY f.expected_ns),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY f.actual_ns),
       (array_agg(l.id ORDER BY l.start_time, l.id))[1], (array_agg(l.version ORDER BY l.start_time, l.id))[1],
       count(*) OVER ()
FROM diagnostics_launchflag f JOIN diagnostics_launch l ON l.id = f.launch_id
JOIN diagnostics_service s ON s.id = l.service_id LEFT JOIN diagnostics_series se ON se.id = f.series_id
WHERE {WITHIN} AND f.verdict = 'improved' AND l.status = 'success'
GROUP BY s.id, se.id HAVING count(*) >= %(least)s
ORDER BY sum(f.expected_ns - f.actual_ns) DESC LIMIT %(limit)s
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Scope:
    """The launches a report is about: those of these services (ids) with these labels that arrived in the period."""

    services: Sequence[int]
    labels: Mapping[str, str]
    since: datetime
    until: datetime

    def rows(self, question: str, **more: Any) -> list[tuple[Any, ...]]:
        """Answers to one of the questions above."""
        asked: dict[str, Any] = {"since": self.since, "until": self.until, "services": list(self.services)}
        with connection.cursor() as cursor:
            cursor.execute(question, asked | {"labels": Jsonb(dict(self.labels))} | more)
            return list(cursor.fetchall())


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def due(self, now: datetime) -> Self:
        return self.filter(enabled=True, next_due__lte=now).order_by("next_due", "pk")

    def listed(self) -> Self:
        """By name, each with its services and channels: three queries in all."""
        return self.prefetch_related("services", "channels").order_by("name")

    def claim(self, schedule: Schedule, next_due: datetime, covered_until: datetime) -> bool:
        """Move the schedule on, if nobody else has: of any number of claimants of one due time, one is told yes."""
        still = self.filter(pk=schedule.pk, enabled=True, next_due=schedule.next_due)
        return bool(still.update(next_due=next_due, covered_until=covered_until))


class ReportQuerySet(models.QuerySet["Report"]):
    def listed(self) -> Self:
        """Newest first, without what only a report's own page shows."""
        return self.select_related("schedule").defer("content", "html", "text").order_by("-pk")

    def left_waiting(self, older_than: timedelta) -> models.QuerySet[Report, int]:
        """Ids of reports that were claimed but not made, the oldest first."""
        waiting = self.filter(state="waiting", created_at__lt=Now() - older_than)
        return waiting.order_by("created_at").values_list("pk", flat=True)

    def readable_by(self, services: Iterable[str]) -> Self:
        """For a reader bound to services: reports on nothing else; no names is a reader of everything."""
        names = list(services)
        return self.filter(services__contained_by=names) if names else self
