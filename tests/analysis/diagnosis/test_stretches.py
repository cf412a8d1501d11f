from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diagnostics.analysis.diagnosis.stretches import covered, most_hit, running_at, weighty
from diagnostics.records import Interval
from tests.analysis.diagnosis.cases import at, case, ns, phase

NESTED = (phase("model-load", 0, 60), phase("weights-load", 10, 50, parent=0), phase("http-start", 60, 61))


def test_what_bounds_the_launch_comes_longest_first_with_the_time_no_phase_covers() -> None:
    told = case(*NESTED, milestones={"ready_line": 80})

    found = [(stretch.path, stretch.cost) for stretch in weighty(told)]

    # http-start is less than a fiftieth of the launch.
    assert found == [("model-load/weights-load", ns(40)), ("model-load", ns(20)), (None, ns(19))]


def test_a_phase_beside_the_path_is_not_asked() -> None:
    told = case(phase("a", 1, 100), phase("b", 0, 90))

    assert [stretch.path for stretch in weighty(told)] == ["a"]


def test_a_launch_without_phases_is_one_stretch() -> None:
    told = case(milestones={"process_start": 0, "ready_line": 30})

    assert [(stretch.path, stretch.cost) for stretch in weighty(told)] == [(None, ns(30))]


def test_the_innermost_phase_is_the_one_that_runs() -> None:
    told = case(*NESTED)

    assert [stretch.path for at_ in (5, 20, 60.5) if (stretch := running_at(told, at(at_)))] == [
        "model-load",
        "model-load/weights-load",
        "http-start",
    ]


def test_clocks_may_differ_by_a_second() -> None:
    told = case(phase("a", 0, 10))

    late = running_at(told, at(10.9))
    assert late is not None
    assert late.path == "a"
    assert running_at(told, at(12)) is None


def test_between_phases_it_is_the_launch() -> None:
    told = case(phase("a", 0, 10), phase("b", 30, 40))

    between = running_at(told, at(20))

    assert between is not None
    assert between.path is None


def test_the_stretch_with_most_to_lose_is_hit() -> None:
    told = case(phase("a", 0, 30), phase("b", 30, 100))

    hit = most_hit(told, [Interval(at(20), at(90))])

    assert hit is not None
    assert (hit[0].path, hit[1]) == ("b", ns(60))
    assert most_hit(told, [Interval(at(200), at(300))]) is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8))
def test_covered_counts_every_instant_once(spans: list[tuple[int, int]]) -> None:
    window = Interval(10, 40)
    instants = {time for start, length in spans for time in range(start, start + length)}

    found = covered(window, [Interval(start, start + length) for start, length in spans])

    assert found == len(instants & set(range(10, 40)))
