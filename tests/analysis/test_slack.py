from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.analysis.launch import analyse
from diagnostics.records import Phase
from tests.analysis.launches import launches, phases

ROOT: dict[str, Any] = {"is_root": True}


def after(*others: str) -> dict[str, Any]:
    return {"is_root": True, "depends_on": others}


@pytest.mark.parametrize(
    ("told", "ready", "slack"),
    [
        pytest.param(phases(("a", 0, 10, ROOT), ("b", 0, 3, ROOT)), None, {"a": 0, "b": 7}, id="beside a longer one"),
        pytest.param(
            phases(("a", 0, 10, ROOT), ("b", 12, 20, ROOT), ("x", 0, 3, ROOT)),
            None,
            {"a": 0, "b": 0, "x": 7},
            id="up to the end of the sibling on the path, not into the wait after it",
        ),
        pytest.param(
            phases(("a", 0, 8, ROOT), ("b", 0, 5, ROOT), ("x", 8, 9, ROOT)),
            20,
            {"a": 0, "b": 3, "x": 0},
            id="then ready",
        ),
        pytest.param(
            phases(("a", 0, 10, ROOT), ("x", 0, 4, ROOT), ("y", 5, 9, ROOT)),
            None,
            {"a": 0, "x": 2, "y": 1},
            id="a later sibling may have waited",
        ),
        pytest.param(
            phases(
                ("a", 0, 20, ROOT), ("w", 0, 12, ROOT), ("in", 1, 4, {"parent": "w"}), ("tail", 5, 12, {"parent": "w"})
            ),
            None,
            {"a": 0, "w": 8, "in": 9, "tail": 8},
            id="a scope off the path lends its own",
        ),
        pytest.param(
            phases(("w", 0, 10), ("c", 0, 10, {"parent": "w"}), ("d", 0, 6, {"parent": "w"})),
            None,
            {"w": 0, "c": 0, "d": 4},
            id="a covered wrapper on the path has none",
        ),
        pytest.param(
            # a(3) → c(4) ends 7, b(2) → d(1) → e(1) beside it, f alone.
            phases(
                ("a", 0, 3, ROOT),
                ("b", 0, 2, ROOT),
                ("c", 3, 7, after("a")),
                ("d", 2, 3, after("b")),
                ("e", 3, 4, after("d", "a")),
                ("f", 0, 1, ROOT),
            ),
            None,
            {"a": 0, "b": 3, "c": 0, "d": 3, "e": 3, "f": 6},
            id="total float with declared edges",
        ),
        pytest.param(
            phases(
                ("main", 0, 9, ROOT),
                ("rank", 0, 20, ROOT),
                ("fetch", 1, 4, {"parent": "main"}),
                ("init", 0, 6, {"parent": "rank"}),
                ("load", 6, 20, {"parent": "rank", "depends_on": ("fetch", "init")}),
            ),
            None,
            {"main": 2, "rank": 0, "fetch": 2, "init": 0, "load": 0},
            id="an edge across scopes holds the wrapper, too",
        ),
        pytest.param(
            phases(("a", 0, 10, ROOT), ("late", 12, 13, ROOT), ("over", 2, 14, ROOT), ("x", 0, 4, ROOT)),
            10,
            {"a": 0, "late": 0, "over": 0, "x": 6},
            id="nothing is promised beyond ready",
        ),
        pytest.param(
            phases(("a", 0, 10, ROOT), ("w", 0, 4, ROOT), ("in", 1, 6, {"parent": "w"})),
            None,
            {"a": 0, "w": 6, "in": 4},
            id="what overhangs its parent has used up that much",
        ),
        pytest.param(
            phases(("a", 0, 10, ROOT), ("m", 4, 4, ROOT), ("n", 4, 4, ROOT)),
            None,
            {"a": 0, "m": 6, "n": 6},
            id="points",
        ),
    ],
)
def test_by_hand(told: list[Phase], ready: int | None, slack: dict[str, int]) -> None:
    found = analyse(told, {} if ready is None else {"health_ok": ready})
    assert {placed.phase.name: placed.slack for placed in found.phases} == slack


@given(launches(), st.one_of(st.none(), st.integers(0, 40)))
def test_slack_ends_with_the_scope_and_the_path_has_none(told: list[Phase], ready: int | None) -> None:
    found = analyse(told, {"process_start": 0} | ({} if ready is None else {"health_ok": ready}))
    for placed in found.phases:
        assert placed.slack >= 0
        assert not placed.critical or placed.slack == 0
        if placed.slack:
            assert min(placed.phase.end_time, found.ready_time) + placed.slack <= found.ready_time


@st.composite
def plans(draw: st.DrawFn) -> list[tuple[int, tuple[int, ...]]]:
    """Tasks of (duration, dependencies on earlier tasks)."""
    count = draw(st.integers(1, 9))
    return [
        (draw(st.integers(1, 8)), tuple(draw(st.sets(st.integers(0, i - 1), max_size=3))) if i else ())
        for i in range(count)
    ]


def as_soon_as_possible(plan: list[tuple[int, tuple[int, ...]]]) -> list[Phase]:
    built: list[Phase] = []
    for position, (duration, depends_on) in enumerate(plan):
        start = max((built[other].end_time for other in depends_on), default=0)
        built.append(Phase(position, f"task {position}", start, duration, is_root=True, depends_on=depends_on))
    return built


@given(plans())
def test_in_a_plan_with_every_edge_declared_slack_is_exactly_what_can_be_lost(
    plan: list[tuple[int, tuple[int, ...]]],
) -> None:
    found = analyse(as_soon_as_possible(plan), {})
    for position, (duration, depends_on) in enumerate(plan):
        slack = found.phases[position].slack
        for growth, delay in ((slack, 0), (slack + 1, 1)):
            grown = [*plan[:position], (duration + growth, depends_on), *plan[position + 1 :]]
            assert max(phase.end_time for phase in as_soon_as_possible(grown)) == found.total + delay
