from __future__ import annotations

import numpy as np
import pytest

from diagnostics.analysis.change_points.levels import launches, levels, medians
from diagnostics.analysis.change_points.splits import central_split, passing, scores, split_p
from tests.analysis.change_points.series import made


@pytest.mark.parametrize("count", [16, 45, 100, 170])
def test_the_tabulated_chance_is_that_of_permutations(count: int) -> None:
    draw = np.random.default_rng(count)
    chances = np.array([split_p(draw.permutation(count).astype(float)) for _ in range(3000)])
    for level in (0.1, 0.03, 0.01):
        assert (chances <= level).mean() == pytest.approx(level, abs=4 * (level / 3000) ** 0.5)


@pytest.mark.parametrize("count", [45, 100])
def test_so_is_that_of_a_passing_level(count: int) -> None:
    draw = np.random.default_rng(count)
    chances = np.array([passing(draw.permutation(count).astype(float))[0] for _ in range(1500)])
    for level in (0.1, 0.03):
        assert (chances <= level).mean() == pytest.approx(level, abs=4 * (level / 1500) ** 0.5)


def test_many_equal_values_have_a_chance_of_their_own() -> None:
    draw = np.random.default_rng(1)
    chances = np.array([split_p(draw.integers(0, 2, 60).astype(float)) for _ in range(300)])
    assert (chances <= 0.05).mean() <= 0.09


def test_scores_are_those_of_the_ranks_whatever_the_values() -> None:
    values = np.array([3.0, 1.0, 2.0, 9.0, 4.0])
    assert scores(values) == pytest.approx(scores(np.exp(values)))
    shared = scores(np.array([1.0, 2.0, 2.0, 3.0]))
    assert shared[1] == shared[2]
    assert shared.sum() == pytest.approx(0)


def test_a_clear_step_is_placed_exactly() -> None:
    values = np.r_[np.zeros(30), np.ones(30)] + np.random.default_rng(2).normal(0, 0.1, 60)
    assert central_split(values, 5) == 30


def test_levels_tell_more_than_medians() -> None:
    draw = np.random.default_rng(3)
    # A sharp lower edge and a long tail, as cold starts have.
    runs = np.exp(draw.exponential(0.3, (200, 10))).tolist()
    data = launches(runs)
    assert levels(data).std() < 0.75 * medians(data).std()


def test_levels_move_with_their_run_and_ignore_the_order() -> None:
    runs = made(60)
    level = levels(launches(runs))
    order = np.random.default_rng(4).permutation(60)
    assert levels(launches([runs[i] for i in order])) == pytest.approx(level[order])
    assert levels(launches([[7 * v for v in run] for run in runs])) == pytest.approx(level + np.log(7), abs=1e-6)
