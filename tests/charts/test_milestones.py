from __future__ import annotations

from html import unescape
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from diagnostics.charts.labels import text_width
from diagnostics.charts.milestones import LEVEL_HEIGHT, LEVELS, marks
from diagnostics.charts.rows import Frame
from diagnostics.records import NS_PER_SECOND as S
from diagnostics.records import Interval

FRAME = Frame(1200, 0, Interval(0, 100 * S))


def test_each_is_a_line_and_a_name() -> None:
    lines, names, height = marks({"process_start": 0, "health_ok": 50 * S}, FRAME)
    assert [line["x0"] for line in lines] == [0, 50]
    assert [name["text"] for name in names] == ["process start", "health ok"]
    assert height == LEVEL_HEIGHT


def test_milestones_at_one_instant_share_a_name() -> None:
    _, names, _ = marks({"health_ok": S, "pod_ready": S}, FRAME)
    assert [name["text"] for name in names] == ["health ok · pod ready"]


def test_those_outside_the_window_are_left_out() -> None:
    assert marks({"process_start": -1, "pod_ready": 101 * S}, FRAME) == ([], [], 0)


@given(st.dictionaries(st.text(min_size=1, max_size=40), st.integers(0, 100 * S), max_size=12))
def test_names_neither_collide_nor_leave_the_plot(milestones: dict[str, int]) -> None:
    lines, names, height = marks(milestones, FRAME)
    assert len(lines) == len(set(milestones.values()))
    assert height <= LEVELS * LEVEL_HEIGHT
    levels: dict[int, list[tuple[float, float]]] = {}
    for name in names:
        left = FRAME.at(round(name["x"] * S)) + name["xshift"]
        right = left + min(text_width(unescape(name["text"])), 150) * 0.9
        assert left >= -0.2
        assert right <= FRAME.plot_width + 0.2
        levels.setdefault(name["yshift"], []).append((left, right))
    for spans in levels.values():
        assert all(before[1] <= after[0] + 0.2 for before, after in pairwise(spans))
