from __future__ import annotations

from diagnostics.charts.regression import regression_trend
from diagnostics.charts.trend import TrendPoint
from diagnostics.records import NS_PER_SECOND

HOUR = 3600 * NS_PER_SECOND


def test_levels_meet_where_it_began() -> None:
    points = [TrendPoint(str(n), n * HOUR, (1 + (n > 4)) * NS_PER_SECOND, "1", "success", n > 4) for n in range(10)]
    drawn = regression_trend(points, 5 * HOUR, (NS_PER_SECOND, 2 * NS_PER_SECOND)).to_dict()
    split, before, since = drawn["layout"]["shapes"]
    assert split["x0"] == split["x1"] == before["x1"] == since["x0"]
    assert (before["y0"], before["y1"], since["y0"], since["y1"]) == (1, 1, 2, 2)
    assert before["x0"] < split["x0"] < since["x1"]


def test_nothing_to_draw() -> None:
    assert "shapes" not in regression_trend([], 0, (1, 2)).to_dict()["layout"]
