"""Import times as nested phases: the real recording keeps its sums, and nothing sticks out of its parent."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent.import_time import Import, parse, phases, place

PANDAS = Path(__file__).parent / "data" / "rec-importtime-pandas.txt"
NS = 10**9


def rows() -> list[Import]:
    return [row for row in (parse(line, NS) for line in PANDAS.read_text().splitlines()) if row]


def test_a_row() -> None:
    assert parse("import time:       580 |        734 |     encodings", 7) == Import(
        "encodings", 7, 580_000, 734_000, 2
    )
    assert parse("import time: self [us] | cumulative | imported package", 7) is None
    assert parse("import time:       -12 |        734 | a", 7) == Import("a", 7, -12_000, 734_000, 0)
    assert parse("ordinary output", 7) is None


def test_a_real_recording_keeps_every_module_and_its_sum() -> None:
    placed = place(rows())
    assert len(placed) == 595
    pandas = next(item for item in placed if item.module == "pandas")
    assert pandas.end - pandas.start == 487_570_000
    outermost = [item for item in placed if item.parent is None]
    assert abs(sum(item.end - item.start for item in outermost) - 494_180_000) < 1_000_000
    assert sum(item.own for item in placed) == 494_180_000


def test_the_snapshot_gets_what_takes_a_millisecond_or_with_verbose_all() -> None:
    few, every = phases(rows()), phases(rows(), verbose=True)
    assert (len(few), len(every)) == (241, 595)
    assert min(phase["duration_ns"] for phase in few) >= 1_000_000
    assert {phase["phase"] for phase in phases(rows(), least=400_000_000)} == {"import pandas"}
    known = {phase["id"] for phase in few}
    assert all(phase.get("parent", next(iter(known))) in known for phase in few)
    assert "parent" not in next(phase for phase in few if phase["phase"] == "import pandas")


def test_a_negative_time_of_its_own_is_none_in_the_snapshot() -> None:
    (told,) = phases([Import("a", 5_000, -1_000, 4_000, 0)], verbose=True)
    assert (told["duration_ns"], told["attributes"]) == (4_000, {"self_ns": 0})


def test_rows_that_arrive_as_they_are_printed_stand_where_they_happened() -> None:
    told = [
        Import("b", 1_000, 100, 100, 1),
        Import("c", 2_000, 300, 300, 1),
        Import("a", 2_500, 600, 1_000, 0),
        Import("d", 9_000, 50, 50, 0),
    ]
    assert [(item.module, item.start, item.end, item.parent) for item in place(told)] == [
        ("a", 1_500, 2_500, None),
        ("b", 1_500, 1_500, 0),
        ("c", 1_700, 2_000, 0),
        ("d", 8_950, 9_000, None),
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 6)), max_size=60
    )
)
def test_whatever_is_mixed_in_children_stay_inside_their_parents(told: list[tuple[int, int, int, int]]) -> None:
    mixed = [Import(f"m{n}", arrived, own, total, depth) for n, (arrived, own, total, depth) in enumerate(told)]
    placed = place(mixed)
    assert sorted(item.module for item in placed) == sorted(row.module for row in mixed)
    for number, item in enumerate(placed):
        assert item.start <= item.end
        if item.parent is not None:
            assert item.parent < number
            assert placed[item.parent].start <= item.start
            assert item.end <= placed[item.parent].end
