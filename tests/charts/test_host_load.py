"""The figure under the waterfall, as the browser gets it."""

from __future__ import annotations

from typing import Any

import orjson
import plotly.graph_objects as go
import pytest

from diagnostics.charts.evidence_markers import LOOKS, Mark
from diagnostics.charts.host_load import host_load
from diagnostics.charts.level_of_detail import bars
from diagnostics.charts.load_rows import HostReadings, load_rows
from diagnostics.charts.serialise import to_json
from diagnostics.charts.waterfall import waterfall
from diagnostics.records import NS_PER_SECOND as S
from diagnostics.records import Category, Interval, SampleSeries
from tests.charts.launches import ORIGIN, WINDOW, phase

MARKUP = "<script>alert(1)</script>"


def series(metric: str, *values: float, instance: str = "all", every: float = 1, first: float = 1) -> SampleSeries:
    times = [ORIGIN + round((first + number * every) * S) for number in range(len(values))]
    return SampleSeries(metric, instance, times, list(values))


def mark(second: float, category: Category = Category.IO_ERROR, lane: str = "Kernel", **more: Any) -> Mark:
    said: dict[str, Any] = {"text": "nfs: server not responding", "artifact": "a", "line": 8812}
    return Mark(ORIGIN + round(second * S), lane, category, **(said | more))


def drawn(*series: SampleSeries, marks: list[Mark] | None = None, **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"origin": ORIGIN, "window": WINDOW, "launch": WINDOW}
    figure = host_load([HostReadings("sar", series)], marks or [], **(said | more))
    go.Figure(figure.to_dict())
    found: dict[str, Any] = orjson.loads(to_json(figure))
    return found


def traces(figure: dict[str, Any], role: str) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["meta"]["role"] == role]


@pytest.mark.parametrize("width", [340, 900, 1600])
def test_its_time_axis_is_the_waterfalls(width: int) -> None:
    above = waterfall(
        bars([phase(0, 3, 90)], [], [], WINDOW, 800), origin=ORIGIN, window=WINDOW, milestones={}, width=width
    )
    layout = above.to_dict()["layout"]
    start, end = (int(text) for text in layout["meta"]["window"])
    below = drawn(series("cpu.user", 5, 6), window=Interval(start, end), width=width)["layout"]
    for part in ("range", "domain", "tickvals", "ticktext"):
        assert below["xaxis"][part] == layout["xaxis"][part]
    assert (below["margin"]["l"], below["margin"]["r"]) == (layout["margin"]["l"], layout["margin"]["r"])
    assert below["meta"]["gutter"] == layout["meta"]["gutter"]


def test_processor_time_is_stacked_in_steps_and_waiting_is_hatched() -> None:
    figure = drawn(series("cpu.user", 10, 20), series("cpu.iowait", 70, 60))
    user, waiting = traces(figure, "load")
    assert [user["name"], waiting["name"]] == ["user", "iowait"]
    assert user["line"]["shape"] == "hv"
    assert list(zip(user["x"], user["y"], strict=True)) == [(0, 0), (0, 10), (1, 20), (2, 20), (2, 0)]
    assert waiting["y"] == [0, 80, 80, 80, 0]
    assert (user["fill"], waiting["fill"]) == ("tozeroy", "tonexty")
    assert "fillpattern" not in user
    assert waiting["fillpattern"]["shape"] == "/"


def test_a_gap_has_no_line_and_is_shaded() -> None:
    late = series("memory.used_percent", 51, 52, first=100)
    merged = SampleSeries(
        "memory.used_percent", "all", [ORIGIN + S, ORIGIN + 2 * S, *late.times], [50, 50, *late.values]
    )
    figure = drawn(merged)
    (line,) = traces(figure, "load")
    assert line["x"] == [0, 1, 2, 2, 99, 100, 101, 101]
    assert line["y"] == [50, 50, 50, None, 51, 52, 52, None]
    assert [(shape["x0"], shape["x1"]) for shape in figure["layout"]["shapes"]] == [(2, 99), (101, 160)]


def test_rows_are_there_only_where_there_is_data() -> None:
    assert {trace["meta"]["row"] for trace in traces(drawn(series("pressure.io_some", 5, instance="")), "load")} == {
        "Pressure"
    }
    assert drawn()["layout"]["meta"]["rows"] == 0


def test_a_day_of_seconds_stays_small() -> None:
    whole = Interval(ORIGIN, ORIGIN + 86_400 * S)
    day = [
        series(f"cpu.{name}", *(float(n * 7919 % 97) for n in range(86_400))) for name in ("user", "system", "iowait")
    ]
    figure = drawn(*day, window=whole, launch=whole)
    assert max(len(trace["x"]) for trace in figure["data"]) <= 500
    assert max(traces(figure, "load")[0]["y"]) == 96


def test_the_finest_file_and_the_busiest_disk_are_drawn() -> None:
    coarse = HostReadings("sar", [series("cpu.user", 90, every=60)])
    fine = HostReadings("host-samples", [series("cpu.user", *[5.0] * 60)])
    disks = HostReadings(
        "sar", [series("disk.read_kb", 1, 2, instance="sda"), series("disk.read_kb", 900, 800, instance="nfs0")]
    )
    rows = load_rows([coarse, fine, disks], WINDOW)
    assert [(row.kind.title, row.source, row.instance) for row in rows] == [
        ("CPU", "host-samples", "all"),
        ("Disk", "sar", "nfs0"),
    ]
    assert rows[1].steps[0].values == (900 * 1024,)


def test_the_file_without_gaps_is_drawn() -> None:
    gappy = SampleSeries("cpu.user", "all", [ORIGIN + n * S for n in range(1, 40)], [90.0] * 39)
    whole = SampleSeries("cpu.user", "all", [ORIGIN + n * S for n in range(1, 60)], [5.0] * 59)
    (row,) = load_rows([HostReadings("sar", [gappy]), HostReadings("sadf", [whole])], WINDOW)
    assert row.source == "sadf"


def test_loopback_is_not_the_network() -> None:
    rows = load_rows(
        [
            HostReadings(
                "sar", [series("network.rx_kb", 9e6, instance="lo"), series("network.rx_kb", 1, instance="eth0")]
            )
        ],
        WINDOW,
    )
    assert rows[0].instance == "eth0"


def test_the_hover_has_the_reading_and_the_interval_it_stands_for() -> None:
    figure = drawn(
        series("disk.read_kb", 148_480, instance=MARKUP, every=10, first=10),
        series("disk.util_percent", 98, instance=MARKUP, first=10),
    )
    (cells,) = traces(figure, "cells")
    (tip,) = [text for text in cells["text"][0] if text]
    assert "read 152 MB/s" in tip
    assert "busy 98 %" in tip
    assert "<script>" not in tip
    assert cells["xgap"] > 0, "or Plotly sets a style attribute, which the CSP refuses"


def test_events_have_a_lane_a_colour_a_shape_and_their_line() -> None:
    figure = drawn(
        marks=[
            mark(41),
            mark(90, Category.OOM_KILL, text=MARKUP, line=9),
            mark(5, Category.IMAGE_PULL, "Kubernetes", precision=S),
        ]
    )
    events = {trace["name"]: trace for trace in traces(figure, "events")}
    assert events.keys() == {"I/O error", "OOM kill", "image pull"}
    assert len({(trace["marker"]["color"], trace["marker"]["symbol"]) for trace in events.values()}) == 3
    assert events["I/O error"]["customdata"] == [["a", 8812, str(ORIGIN + 41 * S), 1]]
    assert "nfs: server not responding" in events["I/O error"]["hovertext"][0]
    assert "line 8812: click to read it" in events["I/O error"]["hovertext"][0]
    assert "<script>" not in events["OOM kill"]["hovertext"][0]
    assert "+5.0 s ± 1.0 s" in events["image pull"]["hovertext"][0]
    assert traces(figure, "labels")[0]["text"] == ["Kernel", "Kubernetes"]


def test_dense_events_are_one_marker_of_the_worst_and_zooming_parts_them() -> None:
    marks = [mark(50 + n / 1000, Category.OTHER) for n in range(500)] + [mark(50.2, Category.OOM_KILL)]
    (worst,) = traces(drawn(marks=marks), "events")
    assert (worst["name"], worst["text"], worst["customdata"][0][3]) == ("OOM kill", ["501"], 501)
    assert "the worst of 501 here: 1 OOM kill, 500 other line" in worst["hovertext"][0]
    close = Interval(ORIGIN + 50_190_000_000, ORIGIN + 50_210_000_000)
    near = traces(drawn(marks=marks, window=close), "events")
    assert next(trace for trace in near if trace["name"] == "OOM kill")["customdata"][0][3] < 4


def test_markers_are_few_however_many_the_events() -> None:
    marks = [mark(n / 700, list(Category)[n % 19], "Container") for n in range(100_000)]
    assert sum(len(trace["x"]) for trace in traces(drawn(marks=marks), "events")) <= 60


def test_every_category_has_a_look_of_its_own() -> None:
    assert set(LOOKS) == set(Category)
    assert len({(look.color, look.symbol) for look in LOOKS.values()}) == len(LOOKS)


def test_the_summary_says_what_there_is() -> None:
    figure = drawn(series("cpu.user", 1), marks=[mark(1), mark(2, Category.OTHER)])
    assert (
        figure["layout"]["meta"]["summary"] == "Host load: CPU. 2 lines of logs, 1 of them events that were recognised."
    )
