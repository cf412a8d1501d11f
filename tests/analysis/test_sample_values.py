from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from diagnostics.analysis.sample_values import Runs, compare_values
from diagnostics.records import Floors, Verdict

NO_FLOOR = Floors(duration=0)
STEADY: Runs = [[100.0, 101, 99, 102, 100]]
SLOW: Runs = [[150.0, 152, 149, 151, 150]]


def judged(baseline: Runs, candidate: Runs, floors: Floors = NO_FLOOR) -> Verdict:
    return compare_values({"a": (baseline, candidate)}, floors)["a"][0]


def test_verdicts() -> None:
    assert judged(STEADY, SLOW) == Verdict.REGRESSED
    assert judged(SLOW, STEADY) == Verdict.IMPROVED
    assert judged(STEADY, STEADY) == Verdict.UNCHANGED
    assert judged(STEADY, SLOW, Floors(duration=60)) == Verdict.UNCHANGED
    assert judged(STEADY, SLOW, Floors(duration=0, ratio=0.6)) == Verdict.UNCHANGED
    few: list[Runs] = [[], [[]], [[150.0]]]
    for too_few in few:
        assert judged(STEADY, too_few) == Verdict.NOT_ENOUGH_DATA


def test_runs_are_the_unit() -> None:
    """Thirty launches a side, but each run has a level of its own, and the sides' levels overlap."""
    baseline = [[level + jitter for jitter in range(10)] for level in (1000, 1100, 1050)]
    candidate = [[level + jitter for jitter in range(10)] for level in (1080, 1150, 1120)]
    pooled = [[value for run in side for value in run] for side in (baseline, candidate)]
    assert judged(pooled[:1], pooled[1:]) == Verdict.REGRESSED
    assert judged(baseline, candidate) == Verdict.UNCHANGED
    assert judged(baseline, [[3 * value for value in run] for run in candidate]) == Verdict.REGRESSED


def test_phases_of_different_lengths_are_read_in_order() -> None:
    phases = {"a": (STEADY, SLOW), "b": ([[100.0, 101, 99]], [[100.0, 99, 101, 100, 102, 98]])}
    found = compare_values(phases, NO_FLOOR)
    assert (found["a"][0], found["b"][0]) == (Verdict.REGRESSED, Verdict.UNCHANGED)
    finding = found["a"][1]
    assert finding is not None
    assert finding.low < 1.5 < finding.high


def test_nothing_to_compare() -> None:
    assert compare_values({}, NO_FLOOR) == {}
    assert judged([[0.0, 0, 0]], [[0.0, 0, 0]]) == Verdict.UNCHANGED


VALUES = st.one_of(st.sampled_from([0.0, 1.0, 5.0, 1e18]), st.floats(0, 1e15))
SIDE = st.lists(st.lists(VALUES, max_size=6), max_size=4)


@given(st.lists(st.tuples(SIDE, SIDE), max_size=30))
def test_any_values_have_an_answer_that_is_a_number_or_none(phases: list[tuple[Runs, Runs]]) -> None:
    found = compare_values({str(place): sides for place, sides in enumerate(phases)}, NO_FLOOR)
    assert len(found) == len(phases)
    for verdict, finding in found.values():
        if finding is None:
            assert verdict == Verdict.NOT_ENOUGH_DATA
        else:
            told = (finding.ratio, finding.low, finding.high, finding.q, finding.step, finding.common)
            assert all(math.isfinite(one) for one in told)
            assert finding.low <= finding.ratio <= finding.high
            assert 0 <= finding.q <= 1
