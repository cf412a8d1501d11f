"""Questions asked of phase records: whole launches in order, windows of large ones, the history of a path."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import orjson
from django.db import connection, models
from django.db.models import Count, ExpressionWrapper, F, Max, Min, Sum

from diagnostics.records import Interval, Phase, PhaseStatus, PlacedPhase

if TYPE_CHECKING:
    from diagnostics.models.record import PhaseRecord

# Django takes the sum of two 64-bit fields for a 32-bit one, and answers comparisons beyond that with nothing at all.
END_TIME = ExpressionWrapper(F("start_time") + F("duration_ns"), output_field=models.BigIntegerField())

LONG = re.compile(r"\d{19}")

# Paths share their beginnings and rows their series, yet this is one query and no object of the ORM a phase.
PLACED = """
SELECT p.position, s.name, p.start_time, p.duration_ns, p.failed, p.sender_id, p.depends_on, p.lane, p.attributes,
       p.parent, p.depth, s.path, p.self_ns, p.slack_ns, p.critical, p.critical_ns
FROM diagnostics_phase p JOIN diagnostics_series s ON s.id = p.series_id
WHERE p.launch_id = %s
ORDER BY p.failed DESC, p.critical DESC, p.duration_ns DESC, p.position LIMIT %s
"""


def placed_phases(launch_id: UUID, count: int) -> list[PlacedPhase]:
    """Phases of a launch as its analysis placed them, in order of position; of more than ``count`` the largest."""
    with connection.cursor() as cursor:
        cursor.execute(PLACED, [launch_id, count])
        return sorted((_placed(*row) for row in cursor.fetchall()), key=lambda one: one.phase.position)


def _placed(
    position: int,
    name: str,
    start: int,
    duration: int,
    failed: bool,
    sender_id: str | None,
    depends_on: list[int] | None,
    lane: str,
    attributes: str | None,
    parent: int | None,
    *place: Any,
) -> PlacedPhase:
    phase = Phase(
        position,
        name,
        start,
        duration,
        PhaseStatus.FAILED if failed else PhaseStatus.SUCCESS,
        sender_id,
        parent,
        parent is None,
        tuple(depends_on or ()),
        lane,
        _decoded(attributes) if attributes else {},
    )
    return PlacedPhase(phase, parent, *place)


def _decoded(attributes: str) -> dict[str, Any]:
    # orjson makes floats of integers that 64 bits do not hold.
    told: dict[str, Any] = (json if LONG.search(attributes) else orjson).loads(attributes)
    return told


class PhaseQuerySet(models.QuerySet["PhaseRecord"]):
    def in_order(self) -> Self:
        """As their sender listed them, with path and name."""
        return self.select_related("series").order_by("position")

    def overlapping(self, window: Interval) -> Self:
        """Phases that run, even for an instant, inside the window."""
        return self.alias(end_time=END_TIME).filter(start_time__lte=window.end, end_time__gte=window.start)

    def largest(self, count: int) -> Self:
        """The phases a reader looks for first: failed ones, critical ones, then the longest."""
        return self.order_by("-failed", "-critical", "-duration_ns", "position")[:count]

    def by_parent(self) -> models.QuerySet[PhaseRecord, Any]:
        """Per parent: how many phases, their span and summed time."""
        return (
            self.order_by()
            .values("parent")
            .annotate(
                count=Count("position"),
                first=Min("start_time"),
                last=Max(END_TIME),
                time=Sum("duration_ns"),
            )
        )
