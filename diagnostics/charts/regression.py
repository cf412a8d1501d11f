"""How a regressed phase went: its trend with the level before, the level since, and where the one became the other."""

from __future__ import annotations

from collections.abc import Sequence

from plotly.graph_objects import Figure

from diagnostics.charts.change_marks import Mark, marked, stamp
from diagnostics.charts.theme import token
from diagnostics.charts.trend import TrendPoint, trend
from diagnostics.records import NS_PER_SECOND


def regression_trend(
    points: Sequence[TrendPoint],
    began: int,
    levels: tuple[int, int],
    width: int = 1000,
    others: Sequence[Mark] = (),
) -> Figure:
    """The trend of ``points`` (totals are the phase's durations), split at ``began`` (ns since the epoch).

    ``levels`` are baseline and candidate in ns, drawn over the launches before and since; ``others`` are more changes.
    """
    drawn = trend(points, width)
    if not points:
        return drawn
    split = stamp(began)
    first, last = (stamp(pick(point.start_time for point in points)) for pick in (min, max))
    before, since = (level / NS_PER_SECOND for level in levels)
    own = Mark(began, *levels)
    marked(drawn, [own, *others], [], len(points))
    drawn.add_shape(type="line", x0=first, x1=split, y0=before, y1=before, line=_line("muted", "dash"))
    drawn.add_shape(type="line", x0=split, x1=last, y0=since, y1=since, line=_line("regressed", "dash"))
    return drawn


def _line(color: str, dash: str) -> dict[str, object]:
    return {"color": token(color), "width": 1.5, "dash": dash}
