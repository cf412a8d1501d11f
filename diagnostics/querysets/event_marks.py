"""Events as a chart can show them: counted by stretch of time and category, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from diagnostics.records import Category, Interval

LONGEST_TEXT = 400
# The first of each group tells for all; in a log, the first in the file is the first in time.
COUNTED = """
WITH counted AS (
    SELECT e.artifact_id, a.shift, e.category, count(*) AS events, min(e.position) AS position, max(e.time) AS last
    FROM unnest(%(artifacts)s::uuid[], %(shifts)s::int8[]) AS a(id, shift)
    JOIN diagnostics_event e ON e.artifact_id = a.id
    WHERE e.time BETWEEN %(start)s - a.shift AND %(end)s - a.shift
    GROUP BY e.artifact_id, a.shift, e.category, (e.time + a.shift - %(start)s) / %(stretch)s
)
SELECT c.artifact_id, c.category, c.events, e.time + c.shift, c.last + c.shift, left(e.text, %(longest)s), e.line,
       e.precision_ns
FROM counted c JOIN diagnostics_event e ON e.artifact_id = c.artifact_id AND e.position = c.position
ORDER BY 4, 1, 2
"""


@dataclass(frozen=True, slots=True)
class CountedEvents:
    """Events of one artifact and category within one stretch: the first of them, and how many they are up to ``last``
    (ns)."""

    artifact: UUID
    category: Category
    count: int
    time: int
    last: int
    text: str
    line: int | None
    precision: int


def counted_events(shifts: Mapping[UUID, int], window: Interval, stretches: int) -> list[CountedEvents]:
    """Events of ``window``, counted by as many ``stretches`` of it; ``shifts`` is added to each artifact's times."""
    if not shifts:
        return []
    stretch = max(1, window.duration // max(1, stretches))
    asked: dict[str, Any] = {
        "artifacts": list(shifts),
        "shifts": list(shifts.values()),
        "longest": LONGEST_TEXT,
        "stretch": stretch,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, asked | {"start": window.start, "end": window.end})
        return [CountedEvents(row[0], Category(row[1]), *row[2:]) for row in cursor.fetchall()]
