"""Questions asked of change points, and the launches that they are looked for in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import connection, models
from django.db.models import Q

if TYPE_CHECKING:
    from diagnostics.models.change_point import ChangePoint  # noqa: F401  (named in a string below)
    from diagnostics.models.launch import Launch

# The phases of one launch worth watching, and those watched already whatever they take now.
PHASES = """
SELECT series_id, duration_ns FROM diagnostics_phase
WHERE launch_id = %(launch)s AND (duration_ns >= %(least)s OR series_id = ANY(%(known)s))
ORDER BY duration_ns DESC LIMIT %(most)s
"""
PHASES_OF_MANY = """
SELECT launch_id, array_agg(series_id), array_agg(duration_ns) FROM diagnostics_phase
WHERE launch_id = ANY(%s) AND duration_ns >= %s GROUP BY launch_id
"""
SERIES_CHANGES = """
SELECT coalesce(series_id, 0), start_time, change FROM diagnostics_changepoint
WHERE service_id = %s AND "like" = %s AND confirmed AND start_time >= %s
"""


class ChangePointQuerySet(models.QuerySet["ChangePoint"]):
    def suspected(self) -> Self:
        """What may have changed and is not sure yet, the newest first."""
        related = ("service", "series", "first_launch")
        return self.filter(confirmed=False, worth=True).select_related(*related).order_by("-start_time", "-id")

    def about(self, launch: Launch) -> Self:
        """Changes that begin with this launch, and those suspected that it is part of."""
        same = self.filter(service=launch.service_id, worth=True, first_launch__start_class=launch.start_class)
        since = Q(first_launch=launch) | Q(confirmed=False, start_time__lte=launch.start_time)
        return same.filter(since).select_related("series", "first_launch").order_by("series__path")

    def slower(self) -> Self:
        return self.filter(after_ns__gt=models.F("before_ns"))

    def changes(self, service_id: int, like: str, since: int) -> Mapping[int, Sequence[tuple[int, float]]]:
        """Of each series (0: the total) when its confirmed changes began (ns), and by how much; oldest first."""
        found: dict[int, list[tuple[int, float]]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(SERIES_CHANGES, [service_id, like, since])
            for series, start, change in sorted(cursor.fetchall()):
                found[series].append((start, change))
        return found


def phases_of(launch: UUID, least: int, known: Sequence[int], most: int) -> dict[int, int]:
    """Durations (ns) by series: the ``known`` ones and those of at least ``least``, the longest ``most``."""
    with connection.cursor() as cursor:
        cursor.execute(PHASES, {"launch": launch, "least": least, "known": list(known), "most": most})
        return dict(cursor.fetchall())


def phases_of_many(launches: Sequence[UUID], least: int) -> dict[UUID, dict[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(PHASES_OF_MANY, [list(launches), least])
        return {launch: dict(zip(series, took, strict=True)) for launch, series, took in cursor.fetchall()}
