"""Two selections of launches as figures. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from diagnostics import comparing
from diagnostics.figures import View, waterfall_bars
from diagnostics.records import Interval

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from diagnostics.models import Launch


def contributions(baseline: str, candidate: str, width: int, visible: Q | None = None) -> Figure:
    """From the baseline's total to the candidate's, phase by phase. Raises ``SelectorError``."""
    from diagnostics.charts.comparison import contributions as drawn  # plotly takes its time to import

    return drawn(comparing.compare(baseline, candidate, visible).comparison, width)


def aligned(baseline: str, candidate: str, width: int, visible: Q | None = None) -> Figure:
    """The launches of the median totals on one axis. Raises ``SelectorError``."""
    sides = comparing.selected(baseline, candidate, visible)
    return side_by_side(comparing.middle(sides[0]), comparing.middle(sides[1]), width)


def side_by_side(baseline: Launch, candidate: Launch, width: int) -> Figure:
    """Two launches on one axis."""
    from diagnostics.charts.comparison import aligned as drawn

    view = View(width=width, ghosts=False)
    bars = [waterfall_bars(one, Interval(one.start_time, one.ready_time), view) for one in (baseline, candidate)]
    return drawn(bars[0], bars[1], origins=(baseline.start_time, candidate.start_time), width=width)
