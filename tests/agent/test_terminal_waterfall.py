from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent.nesting import nest, union
from diagnostics.agent.tables import width
from diagnostics.agent.terminal_waterfall import bottleneck, bottleneck_sentence, draw, uncovered
from tests.data.snapshots import MS, phase, snapshot

LAUNCH = list(
    nest(
        snapshot(
            phase("pull", 0, 2000),
            phase("model-init", 2000, 6000, id="m", parent=None),
            phase("weights", 2000, 5000, parent="m", status="failed"),
            phase("warm-up", 8000, 2000),
        )
    ).items
)


def test_bars_stand_where_their_time_is() -> None:
    assert draw(LAUNCH, 70).splitlines() == [
        "                    0 s                  10.00 s",
        "pull        2.00 s  █████▋",
        "model-init  6.00 s       ▐████████████████▌",
        "  weights   5.00 s       ▐█████████████▋          ◀ bottleneck, failed",
        "warm-up     2.00 s                        ▐█████",
    ]


def test_time_of_no_phase_has_a_row_of_its_own() -> None:
    start = LAUNCH[0]["start_time"]
    drawn = draw(LAUNCH[:1] + LAUNCH[3:], 60, span=(start, start + 12_000 * MS)).splitlines()
    assert drawn == [
        "                    0 s                12.00 s",
        "pull        2.00 s  ████▍                       ◀ bottleneck",
        "warm-up     2.00 s                   ████▊",
        "(no phase)  8.00 s      ░░░░░░░░░░░░░     ░░░░",
    ]


def test_silence_longer_than_the_bottleneck_is_told() -> None:
    span = (LAUNCH[0]["start_time"], LAUNCH[0]["start_time"] + 20_000 * MS)
    slowest = bottleneck(LAUNCH)
    assert slowest is not None
    assert bottleneck_sentence(LAUNCH, slowest, span).splitlines() == [
        "Bottleneck: model-init/weights, 5.00 s of 20.00 s (25.0 %)",
        "No phase covers 10.00 s (50.0 %): more than the bottleneck takes",
    ]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8))
def test_gaps_are_what_union_leaves(intervals: list[tuple[int, int]]) -> None:
    proper = [(first, last) for first, last in intervals if first <= last]
    gaps = uncovered(proper, 10, 40)
    assert sum(last - first for first, last in gaps) == 30 - union(proper, 10, 40)
    assert all(10 <= first < last <= 40 for first, last in gaps)


def test_a_terminal_without_unicode_gets_plain_characters() -> None:
    drawn = draw(LAUNCH, 70, ascii_only=True)
    assert drawn.isascii()
    assert "< bottleneck" in drawn


def test_the_bottleneck_is_what_takes_time_itself() -> None:
    slowest = bottleneck(LAUNCH)
    assert slowest is not None
    assert slowest["phase"] == "weights"
    assert bottleneck_sentence(LAUNCH, slowest) == "Bottleneck: model-init/weights, 5.00 s of 10.00 s (50.0 %)"


def test_only_the_critical_path_has_bottlenecks() -> None:
    on_path = [{**item, "critical": item["phase"] == "pull"} for item in LAUNCH]
    slowest = bottleneck(on_path)
    assert slowest is not None
    assert slowest["phase"] == "pull"


def test_too_many_phases_are_told() -> None:
    drawn = draw(nest([phase(f"p{n}", n, 1 + n) for n in range(100)]).items, 80, most=10)
    assert len(drawn.splitlines()) == 12
    assert "90 shorter" in drawn
    assert "p99" in drawn


def test_no_phase_at_all() -> None:
    assert draw([], 80) == "There is no phase to draw."


made = st.lists(st.tuples(st.text(max_size=30), st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=12)


@pytest.mark.parametrize("ascii_only", [False, True])
@given(
    made=made,
    columns=st.integers(60, 200),
    span=st.none() | st.tuples(st.integers(0, 10**5), st.integers(10**5, 10**7)),
)
def test_no_line_is_wider_than_the_terminal(
    made: list[tuple[str, int, int]], columns: int, ascii_only: bool, span: tuple[int, int] | None
) -> None:
    items: list[dict[str, Any]] = [
        {"phase": name, "start_time": start, "duration_ns": took, "self_ns": took, "depth": 1, "status": "success"}
        for name, start, took in made
    ]
    drawn = draw(items, columns, ascii_only=ascii_only, span=span)
    assert all(width(line) <= columns for line in drawn.splitlines())
    assert len(drawn.splitlines()) - len(made) in (1, 2)  # the axis, and the time of no phase


def test_a_slash_within_a_name_is_read_as_one() -> None:
    item = {**LAUNCH[0], "path": "POST ~1v1~1chat/a~0b"}
    assert bottleneck_sentence([item], item).startswith("Bottleneck: POST /v1/chat/a~b, ")
