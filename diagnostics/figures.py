"""Stored launches as figures: what pages and the API show. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count

from diagnostics import marks
from diagnostics.charts.level_of_detail import Bar, Hidden, WaterfallPhase, bars
from diagnostics.charts.rows import plot_width
from diagnostics.models import Launch, LaunchFlag, PhaseRecord
from diagnostics.querysets.phases import PhaseQuerySet
from diagnostics.records import NS_PER_SECOND, Flag, Interval, Verdict

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# Rows handed to the level of detail; it draws a tenth of them, chosen by more than their length.
CANDIDATES = 2000
MOST_PRECISION = 3600 * NS_PER_SECOND


@dataclass(frozen=True, slots=True)
class View:
    """What part of a waterfall is looked at: a window in ns, the figure's width in pixels, and the folded phases."""

    start: int | None = None
    end: int | None = None
    width: int = 1000
    folded: frozenset[int] = frozenset()
    ghosts: bool = True


def waterfall(launch: Launch, view: View) -> Figure:
    """The waterfall of a launch within a view. Six queries, whatever the number of phases."""
    from diagnostics.charts.waterfall import waterfall as drawn  # plotly takes its time to import

    window = _window(launch, view)
    return drawn(
        waterfall_bars(launch, window, view),
        origin=launch.start_time,
        window=window,
        milestones=launch.milestones | marks.on_launch(launch),
        flags=_flags(launch),
        launch=_window(launch, View()),
        width=view.width,
    )


def waterfall_bars(launch: Launch, window: Interval, view: View) -> list[Bar]:
    """The rows of a launch's waterfall, with the previous good launch behind them when the view wants ghosts."""
    phases = PhaseRecord.objects.filter(launch=launch)
    shown = _with_ancestors(phases, list(phases.overlapping(window).prefetch_related("series").largest(CANDIDATES)))
    children = _children(phases, shown)
    return bars(
        [_waterfall_phase(row, children) for row in shown.values()],
        _hidden(phases, shown, window) if launch.phase_count > len(shown) else [],
        [Interval(start, end) for start, end in launch.gaps],
        window,
        plot_width(view.width),
        view.folded,
        ghosts=_ghosts(launch) if view.ghosts else None,
    )


def _window(launch: Launch, view: View) -> Interval:
    start = launch.start_time if view.start is None else view.start
    end = launch.ready_time if view.end is None else view.end
    return Interval(start, max(end, start + 1))


def _with_ancestors(phases: PhaseQuerySet, rows: Sequence[PhaseRecord]) -> dict[int, PhaseRecord]:
    """The rows and every phase above them: one query a missing level, and long phases rarely miss one."""
    known = {row.position: row for row in rows}
    while missing := {row.parent for row in known.values() if row.parent is not None} - known.keys():
        known |= {row.position: row for row in phases.filter(position__in=missing).prefetch_related("series")}
    return known


def _children(phases: PhaseQuerySet, shown: dict[int, PhaseRecord]) -> dict[int | None, int]:
    counted = phases.order_by().filter(parent__in=list(shown)).values_list("parent").annotate(n=Count("position"))
    return dict(counted)


def _hidden(phases: PhaseQuerySet, shown: dict[int, PhaseRecord], window: Interval) -> list[Hidden]:
    rest = phases.overlapping(window).exclude(position__in=list(shown)).by_parent()
    return [Hidden(row["parent"], row["count"], row["first"], row["last"], row["time"]) for row in rest]


def _waterfall_phase(row: PhaseRecord, children: dict[int | None, int]) -> WaterfallPhase:
    return WaterfallPhase(
        position=row.position,
        parent=row.parent,
        depth=row.depth,
        name=row.series.name,
        path=row.series.path,
        lane=row.lane,
        start_time=row.start_time,
        duration=row.duration_ns,
        self_time=row.self_ns,
        slack=row.slack_ns,
        critical=row.critical,
        status=row.status,
        children=children.get(row.position, 0),
        precision=_precision(row),
    )


def _precision(row: PhaseRecord) -> int:
    """What its times can be off by, ns; a sender may write anything under any name."""
    said = (row.attributes or {}).get("precision_ns")
    return said if isinstance(said, int) and 0 < said < MOST_PRECISION else 0


def _ghosts(launch: Launch) -> dict[str, Interval]:
    """Where each phase lay in the launch of the median total of the baseline, moved onto this launch's clock."""
    baseline = Launch.objects.baseline_of(launch, settings.BASELINE_LAUNCHES)
    ordered = sorted(baseline.values_list("total_ns", "start_time", "pk"))
    if not ordered:
        return {}
    _, start_time, middle = ordered[(len(ordered) - 1) // 2]
    shift = launch.start_time - start_time
    rows = PhaseRecord.objects.filter(launch=middle).largest(CANDIDATES)
    spans = rows.values_list("series__path", "start_time", "duration_ns")
    return {path: Interval(start + shift, start + shift + duration) for path, start, duration in spans}


def _flags(launch: Launch) -> dict[str, Flag]:
    """The launch's flagged phases by path."""
    flagged = LaunchFlag.objects.filter(launch=launch, series__isnull=False).select_related("series")
    return {row.phase: _flag(row) for row in flagged if row.phase is not None}


def _flag(row: LaunchFlag) -> Flag:
    return Flag(row.phase, row.actual_ns, row.expected_ns, row.low_ns, row.high_ns, row.runs, Verdict(row.verdict))
