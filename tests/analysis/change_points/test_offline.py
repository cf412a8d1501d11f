from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.analysis.change_points import change_points
from tests.analysis.change_points.series import Runs, made, needs_shared, shared, times


def found(runs: Runs) -> list[int]:
    return [point.index for point in change_points(runs)]


@pytest.mark.parametrize("ratio", [1.1, 1.3, 1 / 1.3, 3])
@pytest.mark.parametrize("at", [15, 50, 84])
def test_a_step_is_found_where_it_is_and_as_large_as_it_is(ratio: float, at: int) -> None:
    [point] = change_points(times(made(100), ratio, at))
    assert abs(point.index - at) <= 1
    assert point.low < point.ratio < point.high
    assert point.ratio == pytest.approx(ratio, rel=0.04)
    assert point.p < 1e-4


def test_steps_one_after_the_other_and_a_level_that_comes_and_goes() -> None:
    stairs = times(times(made(120, seed=2), 1.2, 40), 1.3, 80)
    passing = times(made(100, seed=3), 1.3, 45, 58)
    assert found(stairs) == pytest.approx([40, 80], abs=1)
    assert found(passing) == pytest.approx([45, 58], abs=1)


@pytest.mark.parametrize("launches", [1, 2, 10])
def test_series_in_which_nothing_changed_are_left_alone(launches: int) -> None:
    flagged = [bool(found(made(100, seed=seed, launches=launches))) for seed in range(100)]
    assert sum(flagged) <= 3


@pytest.mark.parametrize(
    "runs",
    [
        [],
        [[5.0]],
        [[]] * 30,
        [[5.0] * 10] * 100,
        [[0.0] * 3] * 60,
        [[math.nan, 5.0 + i % 3] for i in range(60)],
        [[math.inf] * 3] * 30,
        [[1.0], [2.0]] * 50,
        made(7),
    ],
    ids=["none", "one run", "all empty", "constant", "zeros", "nan", "infinite", "alternating", "seven runs"],
)
def test_what_shows_no_change_has_none(runs: Runs) -> None:
    assert found(runs) == []


def test_single_spikes_are_not_steps() -> None:
    assert found(times(times(made(100), 8, 30, 31), 8, 60, 61)) == []
    assert found(times([[10.0]] * 100, 3, 50, 52)) == []


@pytest.mark.parametrize("daily", [1.002, 1.01])
def test_a_slow_drift_is_not_a_step(daily: float) -> None:
    drifting = [[value * daily**i for value in run] for i, run in enumerate(made(100))]
    assert found(drifting) == []


def test_a_step_on_a_slow_drift_is_found() -> None:
    drifting = [[value * 1.001**i for value in run] for i, run in enumerate(made(100))]
    [at] = found(times(drifting, 1.4, 60))
    assert abs(at - 60) <= 2


def test_runs_that_are_missing_or_short_are_counted_and_passed_over() -> None:
    whole = times(made(100), 1.5, 50)
    gaps = [run if i % 3 else [] for i, run in enumerate(whole)]
    ragged = [run[: 1 + i % 7] for i, run in enumerate(whole)]
    assert found(gaps) == [50]
    assert found(ragged) == [50]


def test_few_different_values() -> None:
    draw = np.random.default_rng(4)
    coarse = [[float(value)] for value in 10 + draw.integers(0, 2, 100)]
    assert found(coarse) == []
    stepped = [[value + (i >= 50) for value in run] for i, run in enumerate(coarse)]
    assert found(stepped) == pytest.approx([50], abs=2)
    assert found([[5.0]] * 40 + [[6.0]] * 40) == [40]


def test_values_that_are_no_durations_have_a_difference() -> None:
    draw = np.random.default_rng(5)
    [point] = change_points([[float(value)] for value in [*draw.normal(-1, 1, 50), *draw.normal(4, 1, 50)]])
    assert point.index == 50
    assert point.low <= 5 <= point.high


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=4), max_size=40))
def test_no_numbers_make_it_fail(runs: Runs) -> None:
    points = change_points(runs)
    assert all(0 < point.index < len(runs) and 0 <= point.p <= 1 for point in points)


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-3, 1e9), st.integers(0, 50))
def test_the_unit_does_not_matter(unit: float, seed: int) -> None:
    runs = times(made(60, seed=seed), 1.2, 30)
    assert found([[value * unit for value in run] for run in runs]) == found(runs)


def test_the_interval_covers_the_truth() -> None:
    points = [change_points(times(made(60, seed=seed), 1.4, 30)) for seed in range(60)]
    covered = [any(point.low <= 1.4 <= point.high for point in own) for own in points]
    assert sum(covered) >= 51


@needs_shared
def test_a_spike_and_the_steps_of_a_real_history() -> None:
    at = found([[value] for value in shared("tigerbeetle/tigerbeetle.json")["values"]])
    assert at[:2] == [15, 71]
    assert not {9, 10, 11} & set(at)
