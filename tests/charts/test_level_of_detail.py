from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.charts.level_of_detail import Bar, BarKind, bars, names
from diagnostics.charts.phase_tree import Hidden, WaterfallPhase
from diagnostics.records import NS_PER_SECOND as S
from diagnostics.records import Interval
from tests.charts.launches import ORIGIN, WINDOW, handed_over, made, phase

WIDTH = 800


def test_rows_are_depth_first_and_siblings_by_start() -> None:
    late = phase(0, 50, 60, name="late")
    early = phase(1, 0, 40, name="early")
    inner = [phase(2, 80, 10, name="b", parent=late), phase(3, 55, 10, name="a", parent=late)]
    rows = bars([late, early, *inner], [], [], WINDOW, WIDTH)
    assert [(row.label, row.depth) for row in rows] == [("early", 0), ("late", 0), ("a", 1), ("b", 1)]


def test_a_small_launch_is_shown_whole_however_short_its_phases() -> None:
    phases = [phase(n, n, 0.000_001) for n in range(12)]
    assert [row.kind for row in bars(phases, [], [], WINDOW, WIDTH)] == [BarKind.PHASE] * 12


def test_unaccounted_stretches_stand_in_start_order_among_the_top_rows() -> None:
    first, last = phase(0, 0, 10, name="first"), phase(1, 30, 10, name="last")
    inner = phase(2, 1, 2, name="inner", parent=first)
    gap = Interval(ORIGIN + 10 * S, ORIGIN + 30 * S)
    rows = bars([first, last, inner], [], [gap], WINDOW, WIDTH)
    assert [row.label for row in rows] == ["first", "inner", "unaccounted", "last"]
    assert (rows[2].kind, rows[2].start, rows[2].end, rows[2].duration) == (
        BarKind.UNACCOUNTED,
        gap.start,
        gap.end,
        20 * S,
    )


def test_many_gaps_keep_the_long_ones_and_sum_the_rest() -> None:
    gaps = [Interval(ORIGIN + n * S, ORIGIN + n * S + (n + 1) * 1000) for n in range(150)]
    gaps.append(Interval(ORIGIN + 151 * S, ORIGIN + 159 * S))
    rows = bars([], [], gaps, WINDOW, WIDTH, limit=40)
    assert sum(row.duration for row in rows) == sum(gap.duration for gap in gaps)
    assert [row.label for row in rows] == ["150 shorter unaccounted stretches", "unaccounted"]


def test_phases_shorter_than_a_pixel_share_one_row_at_the_end_of_their_parent() -> None:
    root = phase(0, 0, 160, name="root", children=80)
    long_ones = [phase(n, n, 1, parent=root) for n in range(1, 11)]
    short_ones = [phase(n, n, 0.01, parent=root, critical=n == 20) for n in range(11, 81)]
    rows = bars([root, *short_ones, *long_ones], [], [], WINDOW, WIDTH)
    others = rows[-1]
    assert len(rows) == 12
    assert (others.kind, others.label, others.count, others.depth) == (BarKind.OTHERS, "70 shorter phases", 70, 1)
    assert others.duration == sum(one.duration for one in short_ones)
    assert (others.start, others.end) == (short_ones[0].start_time, short_ones[-1].end_time)
    assert others.critical


def test_a_group_of_one_is_the_phase_itself() -> None:
    root = phase(0, 0, 160, children=60)
    rest = [phase(n, n, 1, parent=root) for n in range(1, 60)]
    alone = phase(60, 0, 0.000_001, name="alone", parent=root)
    rows = bars([root, *rest, alone], [], [], WINDOW, WIDTH)
    assert "alone" in [row.label for row in rows]
    assert not [row for row in rows if row.kind == BarKind.OTHERS]


def test_failed_then_critical_then_long_phases_come_first() -> None:
    phases = [phase(n, n * 0.5, 50 - n * 0.1) for n in range(200)]
    phases += [phase(200, 1, 1, name="critical", critical=True), phase(201, 2, 0.9, name="failed", failed=True)]
    rows = bars(phases, [], [], WINDOW, WIDTH, limit=5)
    assert sorted(row.label for row in rows) == ["198 shorter phases", "critical", "failed", "phase-0", "phase-1"][:5]


def test_a_folded_phase_hides_and_counts_everything_beneath_it() -> None:
    root = phase(0, 0, 100, children=1)
    middle = phase(1, 0, 90, parent=root, children=2)
    leaves = [phase(2, 0, 10, parent=middle), phase(3, 20, 10, parent=middle)]
    hidden = [Hidden(1, 7, ORIGIN, ORIGIN + S, S)]
    rows = bars([root, middle, *leaves], hidden, [], WINDOW, WIDTH, frozenset({0}))
    assert [(row.label, row.foldable, row.folded, row.count) for row in rows] == [("phase-0", True, True, 10)]
    opened = bars([root, middle, *leaves], hidden, [], WINDOW, WIDTH)
    assert [(row.label, row.foldable) for row in opened] == [
        ("phase-0", True), ("phase-1", True), ("phase-2", False), ("phase-3", False), ("7 shorter phases", False),
    ]  # fmt: skip


def test_what_was_not_handed_over_is_counted_where_it_ran() -> None:
    root, other = phase(0, 0, 50, name="root"), phase(1, 60, 50, name="other")
    stray = Hidden(999, 3, ORIGIN + 61 * S, ORIGIN + 70 * S, 5 * S)
    direct = Hidden(1, 4, ORIGIN + 60 * S, ORIGIN + 90 * S, 30 * S)
    rows = bars([root, other], [stray, direct], [], WINDOW, WIDTH)
    assert [(row.label, row.path) for row in rows] == [
        ("root", "root"),
        ("other", "other"),
        ("7 shorter phases", "other"),
    ]
    # The stray group's parent is in the direct group with all its time.
    assert rows[-1].duration == 30 * S


def test_a_window_shows_what_runs_in_it_with_its_ancestors() -> None:
    before = phase(0, 0, 10, name="before")
    around = phase(1, 5, 100, name="around")
    outside_its_parent = phase(2, 40, 5, name="late child", parent=before)
    instant = phase(3, 40, 0, name="instant")
    touching = phase(4, 20, 10, name="touching")
    window = Interval(ORIGIN + 30 * S, ORIGIN + 50 * S)
    rows = bars([before, around, outside_its_parent, instant, touching], [], [], window, WIDTH)
    assert [row.label for row in rows] == ["before", "late child", "around", "instant"]


def test_ghosts_go_by_path() -> None:
    ghost = Interval(ORIGIN, ORIGIN + S)
    rows = bars([phase(0, 0, 2), phase(1, 3, 2)], [], [], WINDOW, WIDTH, ghosts={"phase-1": ghost})
    assert [row.ghost for row in rows] == [None, ghost]


def test_a_lane_is_named_where_it_changes() -> None:
    root = phase(0, 0, 100, name="load", lane="TP0")
    inner = [
        phase(1, 0, 10, name="same", lane="TP0", parent=root),
        phase(2, 20, 10, name="else", lane="TP1", parent=root),
    ]
    assert names(bars([root, *inner], [], [], WINDOW, WIDTH)) == ["load · TP0", "same", "else · TP1"]


def test_nothing_to_show_is_no_rows() -> None:
    assert bars([], [], [], WINDOW, WIDTH) == []


def test_deep_nesting_is_no_trouble() -> None:
    chain: list[WaterfallPhase] = []
    for depth in range(3000):
        chain.append(phase(depth, 0, 160, parent=chain[-1] if chain else None))
    rows = bars(chain, [], [], WINDOW, WIDTH, limit=200)
    assert len(rows) == 200
    assert _counted(rows) == 3000


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 400),
    st.integers(0, 10**6),
    st.integers(1, 250),
    st.integers(50, 3000),
    st.integers(5, 400),
    st.frozensets(st.integers(0, 60), max_size=8),
)
def test_every_phase_is_a_row_or_counted_in_one(
    count: int, seed: int, limit: int, width: int, most: int, folded: frozenset[int]
) -> None:
    phases = made(count, seed)
    kept, hidden = handed_over(phases, most)
    rows = bars(kept, hidden, [], WINDOW, width, folded, limit)
    assert len(rows) <= limit
    assert _counted(rows) == count
    _check_order(rows)


@pytest.mark.parametrize("limit", [20, 200])
def test_a_hundred_thousand_phases_keep_the_limit(limit: int) -> None:
    phases = made(100_000)
    kept, hidden = handed_over(phases, 2000)
    rows = bars(kept, hidden, [Interval(ORIGIN, ORIGIN + S)], WINDOW, WIDTH, limit=limit)
    assert len(rows) <= limit
    assert _counted(rows) == 100_000


def _counted(rows: Sequence[Bar]) -> int:
    return sum((row.kind == BarKind.PHASE) + row.count for row in rows)


def _check_order(rows: Sequence[Bar]) -> None:
    """Each row is at most one deeper than the one above it, and siblings start in order, their group last."""
    last: list[Bar | None] = []
    for row in rows:
        assert row.depth <= len(last)
        del last[row.depth + 1 :]
        before = last[row.depth] if row.depth < len(last) else None
        if before is not None:
            assert before.kind != BarKind.OTHERS
            assert row.kind == BarKind.OTHERS or before.start <= row.start
        last[row.depth :] = [row]
