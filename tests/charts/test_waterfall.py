from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import plotly.graph_objects as go
import pytest

from diagnostics.charts.level_of_detail import Bar, bars
from diagnostics.charts.phase_tree import WaterfallPhase
from diagnostics.charts.rows import Frame, axes, gutter, plot_width
from diagnostics.charts.serialise import to_json
from diagnostics.charts.side_text import SideText, side_texts
from diagnostics.charts.waterfall import CUSTOMDATA, summary, waterfall
from diagnostics.records import NS_PER_SECOND as S
from diagnostics.records import Flag, Interval, Verdict
from tests.charts.launches import ORIGIN, WINDOW, handed_over, made, phase

MARKUP = "<script>alert(1)</script> & <b>co</b>"


def drawn(rows: Sequence[Bar], window: Interval = WINDOW, **more: Any) -> dict[str, Any]:
    """A waterfall as the browser gets it, checked by Plotly on the way."""
    said: dict[str, Any] = {"origin": ORIGIN, "window": window, "launch": WINDOW, "milestones": {}}
    figure = waterfall(rows, **(said | more))
    go.Figure(figure.to_dict())
    found: dict[str, Any] = orjson.loads(to_json(figure))
    return found


def traces(figure: dict[str, Any], role: str) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["meta"]["role"] == role]


def flag(path: str, actual: int, expected: int) -> Flag:
    verdict = Verdict.REGRESSED if actual > expected else Verdict.IMPROVED
    return Flag(path, actual, expected, expected, expected, 20, verdict)


def test_bars_start_and_end_in_seconds_and_keep_exact_nanoseconds() -> None:
    one = phase(7, 1.000000001, 2.5, name="model-init", children=2)
    figure = drawn(bars([one], [], [], WINDOW, 800))
    (trace,) = traces(figure, "bars")
    assert (trace["type"], trace["orientation"]) == ("bar", "h")
    assert (trace["base"], trace["x"], trace["y"]) == ([1.000000001], [2.5], [0])
    values = dict(zip(CUSTOMDATA, trace["customdata"][0], strict=True))
    assert values == {
        "position": 7,
        "path": "model-init",
        "kind": "phase",
        "foldable": 1,
        "folded": 0,
        "start": str(ORIGIN + 1_000_000_001),
        "end": str(ORIGIN + 3_500_000_001),
        "duration": "2500000000",
    }


def test_traces_are_few_however_many_the_phases() -> None:
    kept, hidden = handed_over(made(20_000), 2000)
    rows = bars(kept, hidden, [Interval(ORIGIN, ORIGIN + S)], WINDOW, 800)
    flags = {row.path: flag(row.path, 2, 1) for row in rows[::9]}
    flags |= {row.path: flag(row.path, 1, 2) for row in rows[::11]}
    figure = drawn(rows, flags=flags)
    assert len(figure["data"]) <= 16
    assert sum(len(trace["y"]) for trace in traces(figure, "bars")) == len(rows) == 200


def test_two_hundred_rows_are_within_the_payload() -> None:
    kept, hidden = handed_over(made(20_000), 2000)
    ghosts = {one.path: Interval(one.start_time, one.end_time) for one in kept}
    rows = bars(kept, hidden, [], WINDOW, 800, ghosts=ghosts)
    figure = waterfall(rows, origin=ORIGIN, window=WINDOW, milestones={"ready_line": ORIGIN + S})
    assert len(rows) == 200
    assert len(to_json(figure)) <= 100_000


def test_names_that_are_markup_show_as_text_everywhere() -> None:
    rows = bars([phase(0, 0, 100, name=MARKUP, lane="<i>")], [], [], WINDOW, 800)
    figure = drawn(rows, milestones={"<u>ready": ORIGIN + 100 * S})
    shown = [
        *traces(figure, "labels")[0]["text"],
        *traces(figure, "bars")[0]["hovertext"],
        *(note["text"] for note in figure["layout"]["annotations"]),
    ]
    assert shown[0].startswith("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;co&lt;/b&gt;")
    assert all("<" not in text.replace("<br>", "").replace("<br >", "") for text in shown)


def test_a_long_name_is_short_on_its_label_and_whole_in_its_hover() -> None:
    name = "load-" + "x" * 300 + "-end"
    figure = drawn(bars([phase(0, 0, 1, name=name)], [], [], WINDOW, 800))
    label = traces(figure, "labels")[0]["text"][0]
    assert "…" in label
    assert len(label) < 60
    assert label.endswith("-end")
    assert name in traces(figure, "bars")[0]["hovertext"][0].replace("<br >", "")


def test_hover_tells_times_share_slack_lane_and_status() -> None:
    one = phase(0, 12, 57.66, name="weights", lane="TP0", failed=True)
    (tip,) = traces(drawn(bars([one], [], [], WINDOW, 800)), "bars")[0]["hovertext"]
    for part in (
        "weights (failed)",
        "took 57.7 s · 36 % of the launch",
        "from +12.0 s · 2026-11-23 11:02:29.123 UTC",
        "itself 57.7 s · slack 1.0 s",
        "lane TP0",
    ):
        assert part in tip


@pytest.mark.parametrize(
    ("critical", "failed", "flagged", "text"),
    [
        (False, False, None, "57.7 s"),
        (True, False, None, "◆ 57.7 s"),
        (False, True, None, "57.7 s ✕ failed"),
        (True, False, 30 * S, "◆ 57.7 s ▲ ×1.92"),
        (False, False, 100 * S, "57.7 s ▼ ×0.58"),
    ],
)
def test_what_colour_says_a_sign_beside_the_bar_says_too(
    critical: bool, failed: bool, flagged: int | None, text: str
) -> None:
    rows = bars([phase(0, 0, 57.66, name="a", critical=critical, failed=failed)], [], [], WINDOW, 800)
    flags = {"a": flag("a", rows[0].duration, flagged)} if flagged else {}
    figure = drawn(rows, flags=flags)
    (trace,) = traces(figure, "bars")
    assert traces(figure, "durations")[0]["text"] == [text]
    assert (trace["marker"]["line"]["width"] > 0) == critical
    assert bool(trace["marker"].get("pattern")) == failed


def test_unaccounted_time_is_hatched_and_the_baseline_lies_behind() -> None:
    rows = bars(
        [phase(0, 0, 50, name="a")],
        [],
        [Interval(ORIGIN + 50 * S, ORIGIN + 160 * S)],
        WINDOW,
        800,
        ghosts={"a": Interval(ORIGIN, ORIGIN + 40 * S)},
    )
    figure = drawn(rows)
    hatched = next(trace for trace in traces(figure, "bars") if trace["meta"]["tone"] == "unaccounted")
    assert hatched["marker"]["pattern"]["shape"] == "/"
    assert figure["data"][0]["meta"]["role"] == "baseline"
    assert (figure["data"][0]["base"], figure["data"][0]["x"]) == ([0.0], [40.0])
    assert figure["data"][0]["width"] > hatched["width"]


def test_no_bar_is_too_short_to_see() -> None:
    figure = drawn(bars([phase(0, 1, 0), phase(1, 2, 0.000_001)], [], [], WINDOW, 800))
    pixel = (figure["layout"]["xaxis"]["range"][1] - figure["layout"]["xaxis"]["range"][0]) / plot_width(1200)
    assert min(traces(figure, "bars")[0]["x"]) >= 1.9 * pixel


def test_rows_have_one_height_and_the_figure_grows_with_them() -> None:
    heights = [drawn(bars([phase(n, n, 1) for n in range(count)], [], [], WINDOW, 800))["layout"] for count in (3, 13)]
    assert heights[1]["height"] - heights[0]["height"] == 10 * 24


def test_the_fold_marks_and_guides_show_the_nesting() -> None:
    root = phase(0, 0, 100, name="root", children=2)
    inner = [phase(1, 0, 10, parent=root, children=1), phase(2, 20, 10, parent=root)]
    figure = drawn(bars([root, *inner], [], [], WINDOW, 800, frozenset({1})))
    (marks,) = traces(figure, "marks")
    assert list(zip(marks["y"], marks["text"], strict=True)) == [(0, "▾"), (1, "▸")]
    left = traces(figure, "labels")[0]["x"]
    assert left[0] < left[1] == left[2]
    assert traces(figure, "guides")[0]["y"] == [0.38, 2.2, None]


def test_deep_rows_keep_half_of_the_column_for_their_names() -> None:
    chain: list[WaterfallPhase] = []
    for depth in range(150):
        chain.append(phase(depth, 0, 100, name="deep", parent=chain[-1] if chain else None))
    figure = drawn(bars(chain, [], [], WINDOW, 800))
    assert max(traces(figure, "labels")[0]["x"]) <= gutter(1200) / 2 + 14
    assert set(traces(figure, "labels")[0]["text"]) == {"deep"}


@pytest.mark.parametrize("width", [340, 700, 1200, 1900])
def test_texts_beside_bars_stay_inside_the_plot(width: int) -> None:
    rows = bars(made(180, 5), [], [], WINDOW, plot_width(width))
    flags = {row.path: flag(row.path, 3, 1) for row in rows}
    figure = drawn(rows, width=width, flags=flags)
    first, last = figure["layout"]["xaxis"]["range"]
    pixels = plot_width(width) / (last - first)
    texts = traces(figure, "durations")[0]
    for x, text, position in zip(texts["x"], texts["text"], texts["textposition"], strict=True):
        room = (last - x) if position.endswith("right") else (x - first)
        assert room * pixels >= len(text) * 5


def test_a_zoomed_window_is_exactly_what_the_axis_shows() -> None:
    window = Interval(ORIGIN + 40 * S, ORIGIN + 41 * S)
    figure = drawn(bars([phase(0, 0, 160)], [], [], window, 800), window)
    assert figure["layout"]["xaxis"]["range"] == [40.0, 41.0]
    assert figure["layout"]["xaxis"]["ticktext"][:2] == ["40.0 s", "40.2 s"]
    assert figure["layout"]["meta"]["window"] == [str(window.start), str(window.end)]
    assert figure["layout"]["meta"]["launch"] == [str(WINDOW.start), str(WINDOW.end)]


def test_the_whole_launch_leaves_room_for_what_ends_after_it() -> None:
    figure = drawn(bars([phase(0, 100, 100)], [], [], WINDOW, 800))
    assert figure["layout"]["xaxis"]["range"][1] > 200


def test_a_tall_figure_repeats_its_axis_at_the_bottom() -> None:
    layout = drawn(bars([phase(n, n, 1) for n in range(30)], [], [], WINDOW, 800))["layout"]
    assert (layout["xaxis3"]["side"], layout["xaxis3"]["matches"]) == ("bottom", "x")
    assert layout["xaxis3"]["ticktext"] == layout["xaxis"]["ticktext"]


def test_nothing_is_a_figure_too() -> None:
    assert drawn([])["layout"]["meta"]["rows"] == 0


def test_the_summary_says_it_in_words() -> None:
    rows = bars(
        [phase(0, 0, 97.2, name="weights-load", critical=True), phase(1, 0, 1, name="b", failed=True)],
        [],
        [Interval(ORIGIN + 100 * S, ORIGIN + 110 * S)],
        WINDOW,
        800,
    )
    assert summary(rows, WINDOW, {"b": flag("b", 2, 1)}) == (
        "Waterfall of a launch of 2 m 40.0 s, 3 rows. On the critical path weights-load took 1 m 37.2 s. "
        "10.0 s unaccounted. 1 failed. 1 flagged against the baseline."
    )


@pytest.mark.parametrize("width", [320, 700, 1200])
@pytest.mark.parametrize("start", [0, 86_400 * S, 1_000_000_007])
@pytest.mark.parametrize("length", [900, 10**6, 10**9, 160 * S, 86_400 * S])
def test_axis_marks_never_run_into_each_other(width: int, start: int, length: int) -> None:
    frame = Frame(width, 0, Interval(start, start + length))
    axis = axes(frame, 3)["xaxis"]
    places = [(value * S - start) / frame.pixel for value in axis["tickvals"]]
    for (left, text), right in zip(zip(places, axis["ticktext"], strict=True), places[1:], strict=False):
        assert right - left > len(text) * 5.5


def test_a_text_too_long_for_any_place_gives_way() -> None:
    frame = Frame(320, 0, Interval(0, 100 * S))
    texts = [SideText(0, "1 m 40.0 s " * 9, "1 m 40.0 s", 0, 100 * S), SideText(1, "x" * 99, "y" * 99, 0, 100 * S)]
    assert side_texts(texts, frame)["text"] == ["1 m 40.0 s", ""]


def test_edges_known_to_the_second_only_have_whiskers() -> None:
    sure, unsure = phase(0, 0, 10), replace(phase(1, 10, 4, name="image-pull"), precision=S)
    figure = drawn(bars([sure, unsure], [], [], WINDOW, 800))
    (whiskers,) = traces(figure, "whiskers")
    assert {x for x in whiskers["x"] if x is not None} == {9, 11, 13, 15}
    assert {round(y) for y in whiskers["y"] if y is not None} == {1}
    tips = [tip for trace in traces(figure, "bars") for tip in trace["hovertext"]]
    assert [("± 1.0 s at either edge" in tip) for tip in tips] == [False, True]
    assert traces(drawn(bars([sure], [], [], WINDOW, 800)), "whiskers") == []
