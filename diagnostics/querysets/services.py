"""Questions asked of services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, models

if TYPE_CHECKING:
    from diagnostics.models.catalogue import Service

# One index range of 20 launches a service, whatever the number of launches.
OVERVIEW = """
SELECT s.id, s.name, s.environment, last.id, last.version, last.status, last.state, last.start_time, last.total_ns,
       recent.p50, recent.p95, recent.totals, recent.failed, recent.runs,
       (SELECT count(*) FROM diagnostics_regression r WHERE r.service_id = s.id AND r.state IN ('open', 'acknowledged'))
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

    @property
    def failed_share(self) -> float:
        return self.failed / self.runs if self.runs else 0.0


class ServiceQuerySet(models.QuerySet["Service"]):
    def known(self, name: str, environment: str) -> Service:
        """The service of this name, made if it is new; safe when two senders are first at the same time."""
        return self.get_or_create(name=name, environment=environment)[0]

    def overview(self) -> list[ServiceOverview]:
        """Every service with its last launch and the shape of its recent ones: one query."""
        with connection.cursor() as cursor:
            cursor.execute(OVERVIEW)
            return [ServiceOverview(*row) for row in cursor.fetchall()]
