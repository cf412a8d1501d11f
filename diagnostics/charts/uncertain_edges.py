"""Whiskers where a bar begins or ends, for phases whose times are only known to a second or worse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diagnostics.charts.level_of_detail import Bar
from diagnostics.charts.rows import Frame
from diagnostics.charts.theme import token
from diagnostics.records import NS_PER_SECOND

NAME = "± uncertain edge"
CAP = 0.16  # of a row's height, to either side


def is_uncertain(bar: Bar) -> bool:
    """Whether its times are off by so much that it should be seen: Kubernetes tells whole seconds."""
    return bar.precision >= NS_PER_SECOND


def whiskers(bars: Sequence[Bar], frame: Frame) -> list[dict[str, Any]]:
    """One trace with, at both edges of every uncertain bar, the stretch in which the edge lies; none for none."""
    found = [(row, edge, bar.precision) for row, bar in enumerate(bars) if is_uncertain(bar) for edge in _edges(bar)]
    if not found:
        return []
    xs: list[float | None] = []
    ys: list[float | None] = []
    for row, edge, precision in found:
        first, last = frame.x(edge - precision), frame.x(edge + precision)
        xs += [first, first, None, first, last, None, last, last, None]
        ys += [row - CAP, row + CAP, None, row, row, None, row - CAP, row + CAP, None]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": xs,
            "y": ys,
            "name": NAME,
            "legendrank": 40,
            "line": {"color": token("outline"), "width": 1.2},
            "hoverinfo": "skip",
            "meta": {"role": "whiskers"},
        }
    ]


def _edges(bar: Bar) -> tuple[int, ...]:
    return (bar.start, bar.end) if bar.end > bar.start else (bar.start,)
