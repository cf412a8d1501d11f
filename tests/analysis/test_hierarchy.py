from __future__ import annotations

import pytest
from hypothesis import assume, given

from diagnostics.analysis.hierarchy import MAX_DEPTH, MAX_PATH_BYTES, nest
from diagnostics.records import ParseError, Phase
from tests.analysis.launches import launches, phases


def parents_of(told: list[Phase]) -> dict[str, str | None]:
    found = nest(told)
    return {p.name: None if (parent := found.parents[p.position]) is None else told[parent].name for p in told}


@pytest.mark.parametrize(
    ("told", "parents"),
    [
        pytest.param(
            phases(("w", 0, 10), ("a", 1, 5), ("b", 2, 4), ("c", 6, 10), ("d", 11, 12)),
            {"w": None, "a": "w", "b": "a", "c": "w", "d": None},
            id="by time",
        ),
        pytest.param(
            phases(("b", 2, 4), ("a", 1, 5), ("w", 0, 10)),
            {"b": "a", "a": "w", "w": None},
            id="in any order of arrival",
        ),
        pytest.param(
            phases(("w", 0, 10), ("a", 2, 12), ("b", 5, 9), ("c", 5, 11)),
            {"w": None, "a": None, "b": "c", "c": "a"},
            id="overlap is not containment, and the latest start is the parent",
        ),
        pytest.param(
            phases(("w", 0, 10), ("x", 2, 5), ("y", 2, 5), ("in", 3, 4)),
            {"w": None, "x": "w", "y": "w", "in": "y"},
            id="twins are siblings",
        ),
        pytest.param(
            phases(("w", 0, 10), ("point", 5, 5), ("edge", 10, 10), ("twin", 5, 5)),
            {"w": None, "point": "w", "edge": "w", "twin": "w"},
            id="points, on the edge too",
        ),
        pytest.param(
            phases(
                ("all", 0, 20),
                ("r0", 1, 9, {"lane": "0"}),
                ("r1", 1, 9, {"lane": "1"}),
                ("load", 2, 5, {"lane": "1"}),
                ("bare", 2, 3),
            ),
            {"all": None, "r0": "all", "r1": "all", "load": "r1", "bare": "all"},
            id="a lane contains its own, no lane contains any",
        ),
        pytest.param(
            phases(("w", 0, 20), ("a", 1, 9), ("b", 2, 8, {"depends_on": ("a",)})),
            {"w": None, "a": "w", "b": "w"},
            id="never inside what it depends on",
        ),
        pytest.param(
            phases(("e", 0, 6), ("d", 2, 8), ("r", 3, 5, {"depends_on": ("d",)})),
            {"e": None, "d": None, "r": "e"},
            id="behind the dependency, who overlaps it",
        ),
        pytest.param(
            phases(("a", 0, 10), ("b", 2, 4, {"is_root": True}), ("c", 2, 3), ("d", 20, 21, {"parent": "a"})),
            {"a": None, "b": None, "c": "b", "d": "a"},
            id="what the sender said stands",
        ),
        pytest.param(
            phases(("a", 0, 10, {"parent": "b"}), ("b", 2, 4)),
            {"a": "b", "b": None},
            id="an inferred edge against an explicit one is dropped",
        ),
    ],
)
def test_parents(told: list[Phase], parents: dict[str, str | None]) -> None:
    assert parents_of(told) == parents


def inferred(told: list[Phase], phase: Phase) -> int | None:
    """The rule as the contract words it, in the slowest way."""

    def contains(other: Phase) -> bool:
        around = other.start_time <= phase.start_time and phase.end_time <= other.end_time
        twin = (other.start_time, other.end_time) == (phase.start_time, phase.end_time)
        return around and not twin and other.lane in ("", phase.lane) and other.position not in phase.depends_on

    found = [other for other in told if contains(other)]
    key = lambda p: (p.start_time, -p.end_time, p.lane == phase.lane, p.position)  # noqa: E731
    return max(found, key=key).position if found else None


@given(launches())
def test_a_parent_is_the_told_one_or_the_latest_started_around(told: list[Phase]) -> None:
    found = nest(told)
    for phase, parent in zip(told, found.parents, strict=True):
        if phase.parent is not None or phase.is_root:
            assert parent == phase.parent
        elif parent is not None:
            assert parent == inferred(told, phase)
    if all(phase.parent is None for phase in told):
        assert found.parents == [None if phase.is_root else inferred(told, phase) for phase in told]


@given(launches())
def test_the_tree_is_one(told: list[Phase]) -> None:
    found = nest(told)
    assert sorted(found.top_down) == sorted(found.by_start) == list(range(len(told)))
    seen = set[int]()
    for position in found.top_down:
        parent = found.parents[position]
        assert parent is None or parent in seen
        assert found.depths[position] == (0 if parent is None else found.depths[parent] + 1)
        assert position in (found.roots if parent is None else found.children[parent])
        seen.add(position)
    for siblings in (found.roots, *found.children):
        assert list(siblings) == sorted(siblings, key=lambda i: (told[i].start_time, i))


@given(launches())
def test_paths_are_unique_and_lead_through_the_parent(told: list[Phase]) -> None:
    found = nest(told)
    assert len(set(found.paths)) == len(told)
    for path, parent in zip(found.paths, found.parents, strict=True):
        assert path.rpartition("/")[0] == ("" if parent is None else found.paths[parent])


@given(launches(edges=False))
def test_a_permutation_of_the_snapshot_nests_alike(told: list[Phase]) -> None:
    assume(len({(p.start_time, p.end_time) for p in told}) == len(told))
    turned = [
        Phase(i, p.name, p.start_time, p.duration, lane=p.lane)
        for i, p in enumerate(sorted(told, key=lambda p: p.name))
    ]
    as_pairs = [
        {(p.start_time, p.end_time): path for p, path in zip(way, nest(way).paths, strict=True)}
        for way in (told, turned)
    ]
    names = [{span: path.count("/") for span, path in pairs.items()} for pairs in as_pairs]
    assert names[0] == names[1]


@pytest.mark.parametrize(
    ("told", "paths"),
    [
        (phases(("w", 0, 10), ("a/b", 1, 3), ("~", 4, 5)), ["w", "w/a~1b", "w/~0"]),
        (phases(("w", 0, 9, {"lane": "x"}), ("a", 1, 3, {"lane": "x"})), ["w@x", "w@x/a"]),
        (phases(("w", 0, 9), ("a", 1, 3, {"lane": "x/y"}), ("b", 1, 3)), ["w", "w/a@x~1y", "w/b"]),
        ([Phase(0, "a", 4, 1), Phase(1, "a", 0, 1), Phase(2, "a", 2, 1)], ["a#3", "a", "a#2"]),
        ([Phase(0, "a", 0, 1), Phase(1, "a", 2, 1), Phase(2, "a#2", 4, 1)], ["a", "a#3", "a#2"]),
    ],
)
def test_paths(told: list[Phase], paths: list[str]) -> None:
    assert nest(told).paths == paths


def test_long_paths_are_cut_stably_and_stay_apart() -> None:
    names = ["模" * 400 + "x", "模" * 400 + "y", "模" * 400 + "x"]
    told = [Phase(i, name, i * 10, 9) for i, name in enumerate(names)] + [Phase(3, "leaf", 1, 2)]
    paths = nest(told).paths
    assert max(len(path.encode()) for path in paths) <= MAX_PATH_BYTES
    assert len(set(paths)) == 4
    assert paths[0] == nest(told[:1]).paths[0]
    assert paths[3].startswith("模" * 300)


def test_a_path_of_exactly_the_limit_is_left_alone() -> None:
    name = "n" * MAX_PATH_BYTES
    assert nest([Phase(0, name, 0, 1)]).paths == [name]
    assert nest([Phase(0, name + "n", 0, 1)]).paths != [name + "n"]


def nested(depth: int) -> list[Phase]:
    return [Phase(i, f"level {i}", i, 10_000 - 2 * i) for i in range(depth)]


def test_depth_has_a_limit() -> None:
    assert max(nest(nested(MAX_DEPTH + 1)).depths) == MAX_DEPTH
    with pytest.raises(ParseError) as refused:
        nest(nested(MAX_DEPTH + 2))
    assert refused.value.where == f"$.phases[{MAX_DEPTH + 1}]"


@pytest.mark.parametrize(
    ("told", "where", "sentence"),
    [
        (
            phases(("a", 0, 1), ("b", 0, 2, {"parent": "c"}), ("c", 0, 3, {"parent": "b"})),
            "$.phases[1].parent",
            "Phases are each other's parents in a circle: “b” (1) → “c” (2) → “b” (1).",
        ),
        (
            phases(("a", 0, 1, {"parent": "a"})),
            "$.phases[0].parent",
            "Phases are each other's parents in a circle: “a” (0) → “a” (0).",
        ),
        (
            phases(
                ("x", 0, 1, {"depends_on": "a"}), ("a", 0, 1, {"depends_on": "b"}), ("b", 0, 1, {"depends_on": "a"})
            ),
            "$.phases[1].depends_on",
            "Phases depend on each other in a circle: “a” (1) → “b” (2) → “a” (1).",
        ),
        ([Phase(0, "a", 0, 1, depends_on=(0,))], "$.phases[0].depends_on", "“a” (0) → “a” (0)"),
        ([Phase(0, "a", 0, 1, parent=1)], "$.phases[0].parent", "names a parent that is not there"),
        ([Phase(0, "a", 0, 1, depends_on=(-1,))], "$.phases[0].depends_on", "depends on a phase that is not there"),
    ],
)
def test_refusals_name_the_phases_and_the_place(told: list[Phase], where: str, sentence: str) -> None:
    with pytest.raises(ParseError) as refused:
        nest(told)
    assert refused.value.where == where
    assert sentence in refused.value.message


def test_a_long_circle_is_told_shortly() -> None:
    told = [Phase(i, "n" * 500, 0, 1, parent=(i + 1) % 1000) for i in range(1000)]
    with pytest.raises(ParseError) as refused:
        nest(told)
    assert len(refused.value.message) < 700
    assert "994 more" in refused.value.message


def test_positions_must_match() -> None:
    with pytest.raises(ValueError, match="positions"):
        nest([Phase(1, "a", 0, 1)])
