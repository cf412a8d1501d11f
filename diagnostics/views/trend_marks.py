"""A looked-over history as a trend draws it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diagnostics.analysis.change_points.splits import LEAST_VALUES as FEWEST
from diagnostics.change_history import Looked
from diagnostics.querysets.services import Point
from diagnostics.records import Verdict

if TYPE_CHECKING:
    from diagnostics.charts.change_marks import Mark, Stretch
    from diagnostics.charts.trend import TrendPoint

__all__ = ["FEWEST", "marks", "stretches", "trend_points"]


def trend_points(points: Sequence[Point]) -> list[TrendPoint]:
    from diagnostics.charts.trend import TrendPoint  # plotly takes its time to import

    return [
        TrendPoint(
            str(one.launch), one.start_time, one.duration, one.version, one.status, one.verdict == Verdict.REGRESSED
        )
        for one in points
    ]


def marks(looked: Looked, without: int | None = None) -> list[Mark]:
    """Every change; ``without`` is a regression that has a mark of its own, beside which its drift still says so."""
    from diagnostics.charts.change_marks import Mark

    found = [
        Mark(one.time, one.before, one.after, one.kind)
        for one in looked.history.changes
        if without is None or one.kind == "drift" or looked.regressions.get(one.launch) != without
    ]
    found += [
        Mark(one.first_launch.start_time, one.baseline_ns, one.candidate_ns)
        for one in looked.others
        if one.pk != without
    ]
    return found + [Mark(one.start_time, one.before_ns, one.after_ns, confirmed=False) for one in looked.suspected]


def stretches(looked: Looked) -> list[Stretch]:
    from diagnostics.charts.change_marks import Stretch

    return [Stretch(one.start, one.end, one.duration) for one in looked.history.levels]
