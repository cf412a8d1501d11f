"""Questions asked of events and samples: what several artifacts tell of one window of time, on one clock.

``shifts`` says which artifacts are asked and what is added to the times of each, ns: 0, or what places seconds since
boot, or a correction.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from diagnostics.records import Category, Clock, Event, Interval, SampleSeries

# What a log says all the time; everything else comes first where not all can be had.
USUAL_TALK = (Category.OTHER, Category.INITCALL, Category.ENGINE, Category.CONTAINER)
BAD = ["emerg", "alert", "crit", "critical", "fatal", "err", "error", "warn", "warning"]
LONGEST_TEXT = 2000
# A reading before the window and one after are of use; sysstat's intervals are an hour at most.
REACH = 3600 * 10**9
EVENTS = """
SELECT e.artifact_id, e.position, e.time + a.shift, left(e.text, %(longest)s), e.source, e.line, e.precision_ns,
       e.clock, e.level, e.category, e.fields
FROM unnest(%(artifacts)s::uuid[], %(shifts)s::int8[]) AS a(id, shift)
JOIN diagnostics_event e ON e.artifact_id = a.id
WHERE e.time BETWEEN %(start)s - a.shift AND %(end)s - a.shift
  AND (%(after)s::int8 IS NULL
       OR (e.time + a.shift, e.artifact_id, e.position) > (%(after)s, %(after_id)s, %(after_n)s))
"""
# The edges are found once a row: as subqueries of the condition they were, for each of a day's 86,400 readings.
SAMPLES = """
SELECT s.artifact_id, s.metric, s.instance, array_agg(u.t + a.shift ORDER BY u.t), array_agg(u.v ORDER BY u.t)
FROM unnest(%(artifacts)s::uuid[], %(shifts)s::int8[]) AS a(id, shift)
JOIN diagnostics_sample s ON s.artifact_id = a.id
CROSS JOIN LATERAL (
    SELECT max(t) FILTER (WHERE t <= %(start)s - a.shift) AS first, min(t) FILTER (WHERE t >= %(end)s - a.shift) AS last
    FROM unnest(s.times) AS t
) AS edge
CROSS JOIN LATERAL unnest(s.times, s."values") AS u(t, v)
WHERE s.first_ns <= %(end)s + %(reach)s - a.shift AND s.last_ns >= %(start)s - %(reach)s - a.shift
  AND (%(metrics)s::text[] IS NULL OR s.metric = ANY(%(metrics)s))
  AND u.t BETWEEN coalesce(edge.first, s.first_ns) AND coalesce(edge.last, s.last_ns)
GROUP BY s.artifact_id, s.metric, s.instance
ORDER BY s.metric, s.instance, s.artifact_id
"""


def events_within(
    shifts: Mapping[UUID, int], window: Interval, limit: int, after: tuple[int, UUID, int] | None = None
) -> list[tuple[UUID, int, Event]]:
    """Events in time order, each with its artifact and position there; ``after`` is the place of a page's end."""
    time, artifact, position = after or (None, None, None)
    asked = _asked(shifts, window) | {"after": time, "after_id": artifact, "after_n": position, "limit": limit}
    return _events(EVENTS + " ORDER BY 3, 1, 2 LIMIT %(limit)s", asked)


def telling_events_within(shifts: Mapping[UUID, int], window: Interval, limit: int) -> list[tuple[UUID, int, Event]]:
    """At most ``limit`` events in time order: what is not a log's usual talk first, then warnings, then the rest."""
    order = " ORDER BY e.category = ANY(%(usual)s), e.level <> ALL(%(bad)s), e.time LIMIT %(limit)s"
    asked = _asked(shifts, window) | {"after": None, "after_id": None, "after_n": None}
    found = _events(EVENTS + order, asked | {"limit": limit, "usual": list(USUAL_TALK), "bad": BAD})
    return sorted(found, key=lambda row: (row[2].time, row[0], row[1]))


def samples_within(
    shifts: Mapping[UUID, int], window: Interval, metrics: Collection[str] | None = None
) -> list[tuple[UUID, SampleSeries]]:
    """Series cut to the window, with one reading before and one after where there are; pieces joined."""
    if not shifts:
        return []
    with connection.cursor() as cursor:
        chosen = None if metrics is None else list(metrics)
        cursor.execute(SAMPLES, _asked(shifts, window) | {"reach": REACH, "metrics": chosen})
        return [(row[0], _cut(SampleSeries(*row[1:]), window)) for row in cursor.fetchall()]


def _cut(series: SampleSeries, window: Interval) -> SampleSeries:
    # Each piece brought a reading before and one after of its own.
    first = max(bisect_right(series.times, window.start) - 1, 0)
    last = bisect_left(series.times, window.end) + 1
    return SampleSeries(series.metric, series.instance, series.times[first:last], series.values[first:last])


def _asked(shifts: Mapping[UUID, int], window: Interval) -> dict[str, Any]:
    about = {"artifacts": list(shifts), "shifts": list(shifts.values()), "longest": LONGEST_TEXT}
    return about | {"start": window.start, "end": window.end}


def _events(sql: str, asked: Mapping[str, Any]) -> list[tuple[UUID, int, Event]]:
    if not asked["artifacts"]:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return [_event(*row) for row in cursor.fetchall()]


def _event(artifact: UUID, position: int, *told: Any) -> tuple[UUID, int, Event]:
    time, text, source, line, precision, clock, level, category, fields = told
    read = orjson.loads(fields) if fields else {}  # Django's connections hand JSON over as text
    return artifact, position, Event(time, text, source, line, precision, Clock(clock), level, Category(category), read)
