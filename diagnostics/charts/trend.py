"""Totals of launches over time, by version, each point a launch to open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from plotly.graph_objects import Figure

from diagnostics.charts import duration, labels
from diagnostics.charts.over_time import date, layout
from diagnostics.charts.sparkline import sparkline
from diagnostics.charts.theme import figure, token
from diagnostics.records import NS_PER_SECOND, LaunchStatus

__all__ = ["TrendPoint", "sparkline", "trend"]

HEIGHT = 320
# Newest versions told apart by colour and shape; more of either are guesswork for the eye.
VERSIONS = 6
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "pentagon", "star")
MEDIAN_OF = 7
ENTRY_WIDTH = 110


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One launch: its id, start (ns since the epoch), total (ns), and whether its total was flagged."""

    launch: str
    start_time: int
    total: int
    version: str
    status: str
    flagged: bool = False


def trend(points: Sequence[TrendPoint], width: int = 1000) -> Figure:
    """Totals (seconds) by start time (UTC). ``customdata`` of a point is ``[launch id, version]``.

    At most ten traces whatever the number of versions. The line is the running median of seven good launches.
    """
    points = sorted(points, key=lambda point: (point.start_time, point.launch))
    data = [*_versions(points), *_failed(points), *_flagged(points), *_median(points)]
    return figure(data, _layout(points, [str(trace["name"]) for trace in data], width))


def _versions(points: Sequence[TrendPoint]) -> list[dict[str, Any]]:
    good = [point for point in points if point.status != LaunchStatus.FAILED]
    newest = list(dict.fromkeys(point.version for point in reversed(good)))
    told_apart = newest if len(newest) <= VERSIONS else newest[: VERSIONS - 1]
    traces = [
        _markers([point for point in good if point.version == version], _version_name(version), color, symbol)
        for version, color, symbol in zip(told_apart, (f"series-{n}" for n in range(1, 7)), SYMBOLS, strict=False)
    ]
    older = [point for point in good if point.version not in told_apart]
    if older:
        traces.append(_markers(older, f"{len(newest) - len(told_apart)} older versions", "unaccounted", "circle"))
    return traces


def _version_name(version: str) -> str:
    return labels.elided(version, ENTRY_WIDTH) if version else "no version"


def _markers(points: Sequence[TrendPoint], name: str, color: str, symbol: str) -> dict[str, Any]:
    return _scatter(points, name) | {
        "mode": "markers",
        "marker": {"color": token(color), "symbol": symbol, "size": 8, "line": {"width": 0}},
        "hovertext": [_tip(point) for point in points],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": [[point.launch, point.version] for point in points],
        "meta": {"role": "launches"},
    }


def _failed(points: Sequence[TrendPoint]) -> list[dict[str, Any]]:
    failed = [point for point in points if point.status == LaunchStatus.FAILED]
    return [_markers(failed, "failed", "failed", "x")] if failed else []


def _flagged(points: Sequence[TrendPoint]) -> list[dict[str, Any]]:
    flagged = [point for point in points if point.flagged]
    ring = {"color": token("regressed"), "symbol": "circle-open", "size": 15, "line": {"width": 2}}
    trace = {"mode": "markers", "marker": ring, "hoverinfo": "skip", "meta": {"role": "flagged"}}
    return [_scatter(flagged, "flagged") | trace] if flagged else []


def _median(points: Sequence[TrendPoint]) -> list[dict[str, Any]]:
    good = [point for point in points if point.status == LaunchStatus.SUCCESS]
    if len(good) < MEDIAN_OF:
        return []
    totals = [point.total for point in good]
    half = MEDIAN_OF // 2
    middles = [median(totals[max(0, at - half) : at + half + 1]) for at in range(len(totals))]
    line = {"color": token("muted"), "width": 1.5}
    look = {"mode": "lines", "line": line, "hoverinfo": "skip", "meta": {"role": "median"}}
    return [_scatter(good, f"median of {MEDIAN_OF}") | {"y": [round(y / NS_PER_SECOND, 9) for y in middles]} | look]


def _scatter(points: Sequence[TrendPoint], name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "x": [date(point.start_time) for point in points],
        "y": [point.total / NS_PER_SECOND for point in points],
    }


def _tip(point: TrendPoint) -> str:
    version = labels.wrapped(point.version or "no version", 60)
    state = " · flagged" if point.flagged else ""
    return "<br>".join(
        (
            f"{duration.human(point.total)} · {labels.escape(point.status)}{state}",
            f"version {version}" if point.version else version,
            duration.wall_clock(point.start_time),
            f"launch {labels.escape(point.launch)}",
        )
    )


def _layout(points: Sequence[TrendPoint], names: Sequence[str], width: int) -> dict[str, Any]:
    most = max((point.total for point in points), default=NS_PER_SECOND)
    return layout(most, names, width, HEIGHT, meta={"kind": "trend", "rows": len(points), "summary": _summary(points)})


def _summary(points: Sequence[TrendPoint]) -> str:
    if not points:
        return "No launches yet."
    counts = Counter(point.status for point in points)
    totals = [point.total for point in points if point.status != LaunchStatus.FAILED]
    parts = [f"Totals of {len(points)} launches."]
    if totals:
        parts.append(f"Median {duration.human(round(median(totals)))}, newest {duration.human(totals[-1])}.")
    if counts[LaunchStatus.FAILED]:
        parts.append(f"{counts[LaunchStatus.FAILED]} failed.")
    if flagged := sum(point.flagged for point in points):
        parts.append(f"{flagged} flagged.")
    return " ".join(parts)
