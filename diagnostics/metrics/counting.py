"""Adds judged launches to the histograms, each once. The only writer of them."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

# Seconds; a launch or a phase of it takes from a tenth of a second to an hour.
BOUNDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1800, 3600)
BATCH = 500
# Launches that came longer ago and were never counted belong to a time before anybody asked.
REACH = "2 days"
LOCK = 0x6D657472  # one counter at a time: two would wait for each other's rows
CLAIM = """
INSERT INTO diagnostics_launchmeasured (launch_id)
SELECT l.id FROM diagnostics_launch l
WHERE l.state = 'judged' AND l.status <> 'running' AND l.total_ns IS NOT NULL
  AND l.received_at > now() - %(reach)s::interval
  AND NOT EXISTS (SELECT FROM diagnostics_launchmeasured m WHERE m.launch_id = l.id)
LIMIT %(batch)s
RETURNING launch_id
"""
# ``width_bucket`` over thresholds counts from the left: 0 is below the first. A value on a bound belongs under it.
ADD = """
WITH seen AS (
    SELECT l.service_id, l.version, l.start_class, l.status, '' AS phase, l.total_ns AS took, l.start_time
    FROM diagnostics_launch l WHERE l.id = ANY(%(launches)s)
    UNION ALL
    SELECT l.service_id, l.version, l.start_class, p.status, p.path, p.took, l.start_time
    FROM diagnostics_launch l CROSS JOIN LATERAL (
        SELECT s.path, sum(p.duration_ns)::int8 AS took, CASE WHEN bool_or(p.failed) THEN 'failed' ELSE 'success' END
               AS status
        FROM diagnostics_phase p JOIN diagnostics_series s ON s.id = p.series_id
        WHERE p.launch_id = l.id AND p.depth = 0 GROUP BY s.path ORDER BY 2 DESC LIMIT %(phases)s
    ) p WHERE l.id = ANY(%(launches)s)
), placed AS (
    SELECT *, width_bucket(took - 1, %(bounds)s::int8[]) AS bucket FROM seen
), counted AS (
    SELECT service_id, version, start_class, status, phase, bucket, count(*) AS n FROM placed GROUP BY 1, 2, 3, 4, 5, 6
), whole AS (
    SELECT service_id, version, start_class, status, phase, sum(took) AS sum_ns, max(start_time) AS last_at,
           (array_agg(took ORDER BY start_time DESC))[1] AS last_ns
    FROM placed GROUP BY 1, 2, 3, 4, 5
), rows AS (
    SELECT w.*, (
        SELECT array_agg(coalesce(c.n, 0) ORDER BY b) FROM generate_series(0, %(last)s) b
        LEFT JOIN counted c ON c.bucket = b AND (c.service_id, c.version, c.start_class, c.status, c.phase)
                               = (w.service_id, w.version, w.start_class, w.status, w.phase)
    ) AS counts FROM whole w
)
INSERT INTO diagnostics_histogram AS h
    (service_id, version, start_class, status, phase, counts, sum_ns, last_ns, last_at)
SELECT service_id, version, start_class, status, phase, counts, sum_ns, last_ns, last_at FROM rows
ON CONFLICT (service_id, version, start_class, status, phase) DO UPDATE SET
    counts = (SELECT array_agg(a + b ORDER BY n) FROM unnest(h.counts, EXCLUDED.counts) WITH ORDINALITY AS u(a, b, n)),
    sum_ns = h.sum_ns + EXCLUDED.sum_ns,
    last_ns = CASE WHEN EXCLUDED.last_at >= h.last_at THEN EXCLUDED.last_ns ELSE h.last_ns END,
    last_at = greatest(h.last_at, EXCLUDED.last_at)
"""
# Of a launch the longest outermost phases: with names that differ each time, a service must not grow without end.
PHASES = 30


def count() -> int:
    """Count what was judged since; returns how many launches that were. Run twice at once, one of the two waits."""
    counted = 0
    while (batch := _count_batch()) > 0:
        counted += batch
        if batch < BATCH:
            break
    return counted


@transaction.atomic
def _count_batch() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(CLAIM, {"batch": BATCH, "reach": REACH})
        launches = [row[0] for row in cursor.fetchall()]
        if launches:
            bounds = [round(bound * 10**9) for bound in BOUNDS]
            about: dict[str, Any] = {"launches": launches, "bounds": bounds, "last": len(BOUNDS), "phases": PHASES}
            cursor.execute(ADD, about)
    return len(launches)
