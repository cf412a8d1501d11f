from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import orjson
import plotly.graph_objects as go
import pytest

from diagnostics.charts.serialise import to_json
from diagnostics.charts.trend import TrendPoint, sparkline, trend
from diagnostics.records import NS_PER_SECOND as S
from tests.charts.launches import ORIGIN


def point(at: int, total: float, version: str = "1.0", status: str = "success", flagged: bool = False) -> TrendPoint:
    return TrendPoint(f"launch-{at}", ORIGIN + at * 3600 * S, round(total * S), version, status, flagged)


def sent(points: list[TrendPoint], width: int = 1000) -> dict[str, Any]:
    figure = trend(points, width)
    go.Figure(figure.to_dict())
    found: dict[str, Any] = orjson.loads(to_json(figure))
    return found


def named(figure: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {trace["name"]: trace for trace in figure["data"]}


def test_a_point_is_a_launch_at_its_time_with_its_total() -> None:
    figure = sent([point(0, 116.9)])
    trace = named(figure)["1.0"]
    assert (trace["x"], trace["y"]) == (["2026-11-23 11:02:17.123"], [116.9])
    assert trace["customdata"] == [["launch-0", "1.0"]]
    assert "1 m 56.9 s" in trace["hovertext"][0]


def test_versions_have_their_own_shape_and_old_ones_share_one() -> None:
    figure = sent([point(n, 10, version=f"1.{n}") for n in range(40)])
    traces = [trace for trace in figure["data"] if trace["meta"]["role"] == "launches"]
    assert [trace["name"] for trace in traces] == ["1.39", "1.38", "1.37", "1.36", "1.35", "35 older versions"]
    assert len({trace["marker"]["symbol"] for trace in traces[:5]}) == 5
    assert len(figure["data"]) <= 10


def test_failed_launches_are_crosses_and_flagged_ones_ringed() -> None:
    figure = sent([point(0, 10), point(1, 3, status="failed"), point(2, 30, flagged=True)])
    assert named(figure)["failed"]["marker"]["symbol"] == "x"
    assert (named(figure)["flagged"]["marker"]["symbol"], named(figure)["flagged"]["y"]) == ("circle-open", [30])
    assert figure["layout"]["meta"]["summary"].endswith("1 failed. 1 flagged.")


def test_the_line_is_the_running_median_of_good_launches() -> None:
    good = [point(n, total) for n, total in enumerate((10, 11, 90, 10, 12, 11, 10, 11))]
    line = named(sent([*good, point(9, 500, status="failed")]))["median of 7"]
    assert line["y"] == [10.5, 11, 11, 11, 11, 11, 11, 11]


def test_too_few_launches_have_no_line() -> None:
    assert "median of 7" not in named(sent([point(n, 10) for n in range(6)]))


@pytest.mark.parametrize("width", [300, 1400])
def test_no_launches_are_a_figure_too(width: int) -> None:
    assert sent([], width)["layout"]["meta"]["rows"] == 0


def test_versions_that_are_markup_show_as_text() -> None:
    figure = sent([point(0, 1, version="<img src=x>")])
    assert figure["data"][0]["name"] == "&lt;img src=x&gt;"
    assert "<img" not in figure["data"][0]["hovertext"][0]


def test_a_sparkline_is_an_svg_with_a_title_and_no_style() -> None:
    picture = ElementTree.fromstring(sparkline([10 * S, 30 * S, 20 * S]))
    points = [tuple(map(float, pair.split(","))) for pair in picture[1].attrib["points"].split()]
    assert picture[0].text == "Last 3 launches: newest 20.0 s, least 10.0 s, most 30.0 s"
    assert points[1][1] < points[2][1] < points[0][1]
    assert not [element for element in picture.iter() if "style" in element.attrib]


@pytest.mark.parametrize("totals", [[5 * S], [0, 0, 0], list(range(500))])
def test_a_sparkline_stays_in_its_box(totals: list[int]) -> None:
    picture = ElementTree.fromstring(sparkline(totals))
    pairs = [pair.split(",") for pair in picture[1].attrib["points"].split()]
    assert all(0 <= float(x) <= 120 and 0 <= float(y) <= 28 for x, y in pairs)


def test_nothing_has_no_sparkline() -> None:
    assert sparkline([]) == ""
