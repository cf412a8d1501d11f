"""Latencies of a monitor over time, with its failures and the limit that a rule sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from plotly.graph_objects import Figure

from diagnostics.charts import duration, labels
from diagnostics.charts.over_time import date, layout, seconds
from diagnostics.charts.theme import figure, token
from diagnostics.records import NS_PER_SECOND, Interval

HEIGHT = 260


@dataclass(frozen=True, slots=True)
class LatencyPoint:
    """The checks of one stretch of time that begins at ``at`` (ns): ``median`` and ``slowest`` good one (ns; None when
    all failed), how many failed, and an error of one of those."""

    at: int
    checks: int
    failed: int
    median: int | None
    slowest: int | None
    error: str = ""


def latencies(points: Sequence[LatencyPoint], span: Interval, limits: Sequence[int] = (), width: int = 1000) -> Figure:
    """Seconds over time (UTC) within ``span`` (ns). ``limits`` (ns) are lines; failed checks stand at the foot,
    so that they are not mistaken for fast ones by their height."""
    data = [*_slowest(points), *_medians(points), *_limits(limits, span), *_failed(points)]
    return figure(data, _layout(points, span, limits, [str(trace["name"]) for trace in data], width))


def _medians(points: Sequence[LatencyPoint]) -> list[dict[str, Any]]:
    # A stretch without a good check interrupts the line: nothing is drawn where nothing was known.
    trace = _line("latency", [(point.at, point.median) for point in points], "series-1", 2)
    tips = [_tip(point) for point in points]
    return [trace | {"hovertext": tips, "hovertemplate": "%{hovertext}<extra></extra>", "meta": {"role": "latency"}}]


def _slowest(points: Sequence[LatencyPoint]) -> list[dict[str, Any]]:
    if all(point.checks <= 1 for point in points):
        return []
    trace = _line("slowest", [(point.at, point.slowest) for point in points], "others", 1)
    return [trace | {"hoverinfo": "skip", "meta": {"role": "slowest"}}]


def _limits(limits: Sequence[int], span: Interval) -> list[dict[str, Any]]:
    return [
        _line(f"limit {duration.human(limit)}", [(span.start, limit), (span.end, limit)], "regressed", 1)
        | {"mode": "lines", "hoverinfo": "skip", "meta": {"role": "limit"}}
        | {"line": {"color": token("regressed"), "width": 1, "dash": "dash"}}
        for limit in limits
    ]


def _failed(points: Sequence[LatencyPoint]) -> list[dict[str, Any]]:
    failed = [point for point in points if point.failed]
    if not failed:
        return []
    trace = {
        "type": "scatter",
        "name": "failed",
        "mode": "markers",
        "x": [date(point.at) for point in failed],
        "y": [0] * len(failed),
        "cliponaxis": False,
        "marker": {"color": token("failed"), "symbol": "x", "size": 8},
        "hovertext": [_tip(point) for point in failed],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "meta": {"role": "failed"},
    }
    return [trace]


def _line(name: str, values: Sequence[tuple[int, int | None]], color: str, width: float) -> dict[str, Any]:
    few = len([value for _, value in values if value is not None]) < 3
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines+markers" if few else "lines",
        "connectgaps": False,
        "x": [date(at) for at, _ in values],
        "y": [seconds(value) for _, value in values],
        "line": {"color": token(color), "width": width},
        "marker": {"color": token(color), "size": 5},
    }


def _tip(point: LatencyPoint) -> str:
    lines = [duration.wall_clock(point.at)]
    if point.median is not None:
        told = duration.human(point.median)
        lines.append(told if point.checks == 1 else f"median {told}, slowest {duration.human(point.slowest or 0)}")
    if point.checks > 1:
        lines.append(f"{point.checks} checks")
    if point.failed:
        lines.append("failed" if point.checks == 1 else f"{point.failed} failed")
        lines.append(labels.wrapped(point.error, 60))
    return "<br>".join(lines)


def _layout(
    points: Sequence[LatencyPoint], span: Interval, limits: Sequence[int], names: Sequence[str], width: int
) -> dict[str, Any]:
    known = [point.slowest for point in points if point.slowest is not None]
    # A limit far above what was seen would press that flat.
    most = max([*known, *(limit for limit in limits if known and limit <= 4 * max(known))], default=NS_PER_SECOND)
    about = {"kind": "latencies", "rows": len(points), "summary": _summary(points)}
    return layout(most, names, width, HEIGHT, ticks=4, span=span, meta=about)


def _summary(points: Sequence[LatencyPoint]) -> str:
    if not points:
        return "No checks yet."
    known = [point.median for point in points if point.median is not None]
    checks = sum(point.checks for point in points)
    parts = [f"{checks} check{'' if checks == 1 else 's'}."]
    if known:
        slowest = max(point.slowest or 0 for point in points)
        parts.append(f"Median {duration.human(round(median(known)))}, slowest {duration.human(slowest)}.")
    if failed := sum(point.failed for point in points):
        parts.append(f"{failed} failed.")
    return " ".join(parts)
