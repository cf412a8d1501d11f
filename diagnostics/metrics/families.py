"""Every metric that is exposed: its kind, its words, its labels and where its values come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from django.conf import settings
from django.db import connection
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from diagnostics.metrics.counting import BOUNDS
from diagnostics.models import Delivery
from diagnostics.querysets.parser_health import parser_health

NS = 1e9
OF_SERVICE = ("service", "environment")
OF_FILE = ("kind", "state")
OF_LAUNCH = (*OF_SERVICE, "version", "start_class")
# Of each service the versions seen last: an old one goes stale in Prometheus instead of growing the list for ever.
HISTOGRAMS = """
WITH newest AS (
    SELECT service_id, version, row_number() OVER (PARTITION BY service_id ORDER BY max(last_at) DESC) AS age
    FROM diagnostics_histogram WHERE phase = '' GROUP BY service_id, version
), heaviest AS (
    SELECT service_id, phase, row_number() OVER (PARTITION BY service_id ORDER BY sum(sum_ns) DESC, phase) AS place
    FROM diagnostics_histogram WHERE phase <> '' GROUP BY service_id, phase
), known AS (
    SELECT id, name, environment FROM diagnostics_service ORDER BY id DESC LIMIT %(services)s
)
SELECT s.name, s.environment, h.version, h.start_class, h.phase, h.status, h.counts, h.sum_ns, h.last_ns, h.last_at
FROM diagnostics_histogram h JOIN known s ON s.id = h.service_id
JOIN newest n ON n.service_id = h.service_id AND n.version = h.version AND n.age <= %(versions)s
LEFT JOIN heaviest p ON p.service_id = h.service_id AND p.phase = h.phase
WHERE h.phase = '' OR p.place <= %(phases)s
ORDER BY 1, 2, 3, 4, 5, 6
"""
LAST = """
SELECT s.name, s.environment, l.total_ns, l.start_time, l.unaccounted_ns, l.status = 'success', open.n
FROM diagnostics_service s
JOIN LATERAL (
    SELECT * FROM diagnostics_launch l WHERE l.service_id = s.id AND l.total_ns IS NOT NULL AND l.status <> 'running'
    ORDER BY l.start_time DESC, l.id DESC LIMIT 1
) l ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM diagnostics_regression r
    WHERE r.service_id = s.id AND r.state IN ('open', 'acknowledged')
) open
ORDER BY s.id DESC LIMIT %(services)s
"""
ALERTS = """
SELECT s.name, s.environment, a.rule_name, a.severity, count(*) FROM diagnostics_alert a
JOIN diagnostics_service s ON s.id = a.service_id WHERE a.state = 'firing' GROUP BY 1, 2, 3, 4 LIMIT 5000
"""
MONITORS = """
SELECT s.name, s.environment, m.name, m.state, m.last_ns, m.certificate_until FROM diagnostics_monitor m
JOIN diagnostics_service s ON s.id = m.service_id WHERE m.enabled LIMIT 5000
"""
WAITING = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(received_at)), 0) FROM diagnostics_artifact
WHERE state = 'received'
"""


def families(queues: dict[str, int]) -> Iterator[Metric]:
    """All of them; ``queues`` are messages that wait, by queue."""
    yield from _launches()
    yield from _now()
    yield from _ingest(queues)
    yield from _parsers()
    yield _deliveries()
    yield _alerts()
    yield from _monitors()


def _launches() -> Iterable[Metric]:
    launches = HistogramMetricFamily(
        "launchscope_launch_duration_seconds", "From start to ready, of successful launches", labels=OF_LAUNCH
    )
    phases = HistogramMetricFamily(
        "launchscope_phase_duration_seconds", "The longest outermost phases", labels=(*OF_LAUNCH, "phase")
    )
    newest = GaugeMetricFamily(
        "launchscope_phase_last_seconds", "The phase in the newest launch that has it", labels=(*OF_SERVICE, "phase")
    )
    ended = CounterMetricFamily("launchscope_launches", "Launches by how they ended", labels=(*OF_SERVICE, "status"))
    last: dict[tuple[str, ...], tuple[int, int]] = {}
    totals: dict[tuple[str, ...], int] = {}
    for name, environment, version, start_class, phase, status, counts, sum_ns, last_ns, last_at in _histograms():
        labels = [name, environment, version, start_class or "unknown"]
        buckets, total = _buckets(counts), float(sum_ns) / NS
        if not phase:
            totals[name, environment, status] = totals.get((name, environment, status), 0) + sum(counts)
        if status == "success":
            (phases if phase else launches).add_metric([*labels, phase] if phase else labels, buckets, total)
        if phase and status == "success":
            last[name, environment, phase] = max(last.get((name, environment, phase), (0, 0)), (last_at, last_ns))
    for key, counted in totals.items():
        ended.add_metric(key, counted)
    for key, (_, took) in last.items():
        newest.add_metric(key, took / NS)
    return launches, phases, newest, ended


def _histograms() -> list[tuple[str, str, str, str, str, str, list[int], int, int, int]]:
    return _rows(HISTOGRAMS, versions=settings.METRICS_VERSIONS, phases=settings.METRICS_PHASES)


def _buckets(counts: Sequence[int]) -> list[tuple[str, float]]:
    ends = [*(str(float(bound)) for bound in BOUNDS), "+Inf"]
    return [(end, n) for end, n in zip(ends, accumulate(counts), strict=True)]


def _now() -> Iterable[Metric]:
    took = _gauge("launch_last_seconds", "Total of the newest launch")
    began = _gauge("launch_last_timestamp_seconds", "When the newest launch began")
    coverage = _gauge("launch_coverage_ratio", "Share of the newest launch that phases cover")
    success = _gauge("launch_last_success", "1 when the newest launch got ready")
    regressions = _gauge("regressions_open", "Regressions that are open or acknowledged")
    for name, environment, total, start, unaccounted, is_ready, n in _rows(LAST):
        labels = [name, environment]
        took.add_metric(labels, total / NS)
        began.add_metric(labels, start / NS)
        coverage.add_metric(labels, 1.0 if not total else 1 - (unaccounted or 0) / total)
        success.add_metric(labels, int(is_ready))
        regressions.add_metric(labels, n)
    return took, began, coverage, success, regressions


def _gauge(name: str, words: str, labels: Sequence[str] = OF_SERVICE) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"launchscope_{name}", words, labels=labels)


def _ingest(queues: dict[str, int]) -> Iterable[Metric]:
    waiting, age = _rows(WAITING)[0]
    yield GaugeMetricFamily("launchscope_artifacts_waiting", "Accepted files that no worker has read", waiting)
    yield GaugeMetricFamily("launchscope_artifacts_waiting_seconds", "Age of the oldest of them", float(age))
    messages = _gauge("queue_messages", "Messages that no worker has taken", ["queue"])
    for name, n in queues.items():
        messages.add_metric([name], n)
    yield messages


def _parsers() -> Iterable[Metric]:
    files = CounterMetricFamily("launchscope_artifacts", "Files by kind and what became of them", labels=OF_FILE)
    lines = CounterMetricFamily("launchscope_lines", "Lines of read files, understood or not", labels=OF_FILE)
    counted: dict[tuple[str, str], int] = {}
    told: dict[tuple[str, str], int] = {}
    for row in parser_health():
        parsed = row.artifacts - row.rejected - row.waiting
        for state, n in (("parsed", parsed), ("rejected", row.rejected)):
            counted[row.kind, state] = counted.get((row.kind, state), 0) + n
        for state, n in (("read", row.read), ("skipped", row.lines - row.read)):
            told[row.kind, state] = told.get((row.kind, state), 0) + n
    for family, values in ((files, counted), (lines, told)):
        for key, n in values.items():
            family.add_metric(key, n)
    return files, lines


def _deliveries() -> Metric:
    family = _gauge("deliveries", "Messages by kind of channel and state", ["channel", "state"])
    for key, n in Delivery.objects.counts().items():
        family.add_metric(key, n)
    return family


def _alerts() -> Metric:
    family = _gauge("alerts_firing", "Alerts that fire", (*OF_SERVICE, "rule", "severity"))
    for *labels, n in _rows(ALERTS):
        family.add_metric(labels, n)
    return family


def _monitors() -> Iterable[Metric]:
    labels = (*OF_SERVICE, "monitor")
    up = _gauge("monitor_up", "1 when the last check was as expected", labels)
    latency = _gauge("monitor_latency_seconds", "Of the last check", labels)
    certificate = _gauge("monitor_certificate_end_timestamp_seconds", "When its certificate ends", labels)
    for name, environment, monitor, state, last_ns, until in _rows(MONITORS):
        where = [name, environment, monitor]
        up.add_metric(where, int(state == "up"))
        if last_ns is not None:
            latency.add_metric(where, last_ns / NS)
        if until is not None:
            certificate.add_metric(where, until.timestamp())
    return up, latency, certificate


def _rows(sql: str, **about: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"services": settings.METRICS_SERVICES} | about)
        return list(cursor.fetchall())
