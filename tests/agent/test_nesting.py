"""What the agent says of a snapshot on the host is what the server will say of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent.nesting import instant, nest, union
from diagnostics.analysis.launch import analyse
from diagnostics.parsers import Hints
from diagnostics.parsers.snapshot import parse
from diagnostics.records import LaunchStatus
from tests.data.snapshots import MS, T0, encoded, phase, snapshot

DATA = Path(__file__).resolve().parents[1] / "data" / "snapshot"
GOLDEN = sorted(path for path in DATA.glob("*.json") if ".expected" not in path.name)


def both(document: Any) -> tuple[Any, Any]:
    parsed = parse(encoded(document), Hints(received_at=2**62))
    return nest(document), analyse(parsed.phases, parsed.milestones)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_real_snapshots_read_alike(path: Path) -> None:
    mine, server = both(json.loads(path.read_text()))
    assert (mine.start_time, mine.total, mine.unaccounted) == (
        server.start_time,
        server.total,
        server.unaccounted_time,
    )
    assert sorted((item["path"], item["depth"], item["self_ns"]) for item in mine.items) == sorted(
        (placed.path, placed.depth, placed.self_time) for placed in server.phases
    )
    assert mine.failed == (server.status == LaunchStatus.FAILED)


phases = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 40), st.sampled_from(["a", "b", "c"])), min_size=1, max_size=8
)


@given(phases)
def test_made_snapshots_have_the_same_total_and_gaps(made: list[tuple[int, int, str]]) -> None:
    mine, server = both(snapshot(*(phase(name, start, took) for start, took, name in made)))
    assert (mine.start_time, mine.total, mine.unaccounted) == (
        server.start_time,
        server.total,
        server.unaccounted_time,
    )


@pytest.mark.parametrize(
    "document",
    [{}, [], None, 5, {"phases": [{}]}, {"phases": 3}, [{"phase": "x", "start_time": "soon", "duration_ns": 1}]],
)
def test_what_is_no_snapshot(document: Any) -> None:
    with pytest.raises(ValueError):
        nest(document)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2025-11-24T16:00:00Z", T0),
        ("2025-11-24T17:00:00.000000001+01:00", T0 + 1),
        ("2025-11-24t16:00:00.5z", T0 + 500 * MS),
    ],
)
def test_instants(text: str, ns: int) -> None:
    assert instant(text) == ns


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8))
def test_union_counts_each_moment_once(intervals: list[tuple[int, int]]) -> None:
    counted = {moment for start, end in intervals for moment in range(start, end)}
    assert union(intervals, 10, 40) == len(counted & set(range(10, 40)))
