"""Cases worked out by hand, and what must hold for any launch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.analysis.launch import analyse
from diagnostics.records import Milestone, Phase
from tests.analysis.launches import launches, names, phases

ROOT: dict[str, Any] = {"is_root": True}


def after(*others: str) -> dict[str, Any]:
    return {"is_root": True, "depends_on": others}


# name: (phases, ready or None, order on the path, critical_time by name, waiting)
CASES: dict[str, tuple[list[Phase], int | None, list[str], dict[str, int], int]] = {
    "one after the other": (
        phases(("a", 0, 3), ("b", 3, 5), ("c", 5, 9)),
        None,
        ["a", "b", "c"],
        {"a": 3, "b": 2, "c": 4},
        0,
    ),
    "side by side, the longer one bounds": (
        phases(("a", 0, 3, ROOT), ("b", 0, 8, ROOT), ("c", 8, 9)),
        None,
        ["b", "c"],
        {"b": 8, "c": 1},
        0,
    ),
    "a wrapper owns what its children leave": (
        phases(("w", 0, 10), ("a", 1, 4), ("b", 4, 9)),
        None,
        ["w", "a", "b"],
        {"w": 2, "a": 3, "b": 5},
        0,
    ),
    "a covered wrapper owns nothing": (
        phases(("w", 0, 10), ("a", 0, 4), ("b", 4, 10)),
        None,
        ["a", "b"],
        {"a": 4, "b": 6},
        0,
    ),
    "three levels": (
        phases(("w", 0, 20), ("x", 2, 18), ("y", 5, 10), ("z", 12, 18)),
        None,
        ["w", "x", "y", "z"],
        {"w": 4, "x": 5, "y": 5, "z": 6},
        0,
    ),
    "an overlap is stepped over to who had finished": (
        phases(("a", 0, 6, ROOT), ("b", 4, 9, ROOT), ("c", 8, 14, ROOT)),
        None,
        ["a", "c"],
        {"a": 6, "c": 6},
        2,
    ),
    "nothing had finished before an overlap": (
        phases(("a", 0, 8, ROOT), ("b", 4, 14, ROOT)),
        None,
        ["b"],
        {"b": 10},
        4,
    ),
    "a gap at the top is waiting": (
        phases(("a", 0, 3), ("b", 5, 9)),
        12,
        ["a", "b"],
        {"a": 3, "b": 4},
        5,
    ),
    "a dependency goes before whoever finished last": (
        phases(("a", 0, 3, ROOT), ("b", 0, 7, ROOT), ("c", 8, 10, after("a"))),
        None,
        ["a", "c"],
        {"a": 3, "c": 2},
        5,
    ),
    "of several dependencies the last to finish": (
        phases(("a", 0, 3, ROOT), ("b", 0, 5, ROOT), ("c", 5, 10, after("a", "b"))),
        None,
        ["b", "c"],
        {"b": 5, "c": 5},
        0,
    ),
    "a dependency that ended a moment late is cut": (
        phases(("a", 0, 6, ROOT), ("b", 5, 10, after("a"))),
        None,
        ["a", "b"],
        {"a": 5, "b": 5},
        0,
    ),
    "a dependency that started later counts for nothing": (
        phases(("x", 0, 5, ROOT), ("a", 7, 8, ROOT), ("b", 5, 10, after("a"))),
        None,
        ["x", "b"],
        {"x": 5, "b": 5},
        0,
    ),
    "a dependency in another scope: the path changes lanes": (
        phases(
            ("main", 0, 12, {"is_root": True, "lane": "main"}),
            ("fetch", 2, 7, {"parent": "main", "lane": "main"}),
            ("rank", 0, 20, {"is_root": True, "lane": "rank"}),
            ("start", 0, 1, {"parent": "rank", "lane": "rank"}),
            ("load", 8, 20, {"parent": "rank", "lane": "rank", "depends_on": ("fetch",)}),
        ),
        None,
        ["main", "fetch", "rank", "load"],
        {"main": 2, "fetch": 5, "rank": 1, "load": 12},
        0,
    ),
    "lanes that hand over to and fro": (
        phases(
            ("m", 0, 20, ROOT),
            ("m1", 0, 5, {"parent": "m"}),
            ("m2", 10, 20, {"parent": "m", "depends_on": ("r1",)}),
            ("r", 0, 18, ROOT),
            ("r1", 5, 10, {"parent": "r", "depends_on": ("m1",)}),
        ),
        None,
        ["m1", "r1", "m2"],
        {"m1": 5, "r1": 5, "m2": 10},
        0,
    ),
    "a wrapper that began with its first phase inherits what that waited for": (
        phases(
            ("a", 0, 4, ROOT),
            ("b", 0, 6, ROOT),
            ("w", 6, 10, ROOT),
            ("w1", 6, 10, {"parent": "w", "depends_on": ("a",)}),
        ),
        None,
        ["a", "w1"],
        {"a": 4, "w1": 4},
        2,
    ),
    "over before the wrapper began: the wrapper's start is what counts": (
        phases(
            ("a", 0, 4, ROOT),
            ("b", 0, 6, ROOT),
            ("w", 6, 10, ROOT),
            ("w1", 7, 10, {"parent": "w", "depends_on": ("a",)}),
        ),
        None,
        ["b", "w", "w1"],
        {"b": 6, "w": 1, "w1": 3},
        0,
    ),
    "dependencies on an ancestor are ignored": (
        phases(("w", 0, 10), ("a", 0, 4), ("b", 4, 10, {"parent": "w", "depends_on": ("w",)})),
        None,
        ["a", "b"],
        {"a": 4, "b": 6},
        0,
    ),
    "an overhanging child is cut at its parent's end": (
        phases(("w", 0, 10), ("a", 4, 15, {"parent": "w"}), ("b", 10, 12, ROOT)),
        12,
        ["w", "a", "b"],
        {"w": 4, "a": 6, "b": 2},
        0,
    ),
    "a child outside its parent is dropped": (
        phases(("w", 0, 10), ("a", 11, 15, {"parent": "w"})),
        15,
        ["w"],
        {"w": 10},
        5,
    ),
    "what lasts beyond ready is cut, what starts there is out": (
        phases(("a", 0, 4), ("b", 4, 20, ROOT), ("c", 10, 12, ROOT), ("d", 15, 16, ROOT)),
        10,
        ["a", "b"],
        {"a": 4, "b": 6},
        0,
    ),
    "a point in the chain is critical and owns nothing": (
        phases(("a", 0, 4), ("mark", 4, 4, ROOT), ("b", 4, 9), ("aside", 2, 2, ROOT)),
        None,
        ["a", "mark", "b"],
        {"a": 4, "mark": 0, "b": 5},
        0,
    ),
    "a chain of points by dependency": (
        phases(("a", 0, 4, ROOT), ("m", 6, 6, after("a")), ("b", 8, 9, after("m"))),
        None,
        ["a", "m", "b"],
        {"a": 4, "m": 0, "b": 1},
        4,
    ),
    "only points": (phases(("m", 5, 5)), None, ["m"], {"m": 0}, 0),
    "of twins the first told": (phases(("a", 0, 4), ("b", 0, 4)), None, ["a"], {"a": 4}, 0),
}


@pytest.mark.parametrize("case", CASES)
def test_by_hand(case: str) -> None:
    told, ready, order, times, waiting = CASES[case]
    found = analyse(told, {} if ready is None else {Milestone.HEALTH_OK: ready})
    assert names(told, found.critical_path) == order
    assert {name: found.phases[i].critical_time for i, name in zip(found.critical_path, order, strict=True)} == times
    assert found.waiting == waiting
    assert [placed.critical for placed in found.phases] == [phase.name in times for phase in told]


@given(launches(), st.one_of(st.none(), st.integers(0, 40)))
def test_the_path_adds_up_to_the_total(told: list[Phase], ready: int | None) -> None:
    milestones = {"process_start": 0} | ({} if ready is None else {"ready_line": ready})
    found = analyse(told, milestones)
    times = [placed.critical_time for placed in found.phases]
    assert sum(times) + found.waiting == found.total
    assert min([*times, found.waiting]) >= 0
    assert len(set(found.critical_path)) == len(found.critical_path)
    for placed in found.phases:
        phase = placed.phase
        shown = min(phase.end_time, found.ready_time) - max(phase.start_time, found.start_time)
        assert placed.critical_time <= max(shown, 0)
        assert placed.critical == (phase.position in found.critical_path)
        assert not placed.critical or placed.critical_time > 0 or phase.duration == 0


@given(launches())
def test_the_same_phases_give_the_same_path(told: list[Phase]) -> None:
    assert analyse(told, {"process_start": 0}) == analyse(list(told), {"process_start": 0})
