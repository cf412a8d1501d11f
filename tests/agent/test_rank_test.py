"""The exact rank-sum test against SciPy's, and what it promises."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from diagnostics.agent import rank_test

groups = st.lists(st.integers(1, 10**12), min_size=1, max_size=7, unique=True)


@pytest.mark.parametrize(
    ("before", "after", "p"),
    [
        ([1, 2, 3], [4, 5, 6], 0.1),
        ([1, 2, 3, 4], [5, 6, 7, 8], 2 / 70),
        ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 2 / 252),
        ([1, 3], [2, 4], 2 / 3),
        ([5, 5, 5], [5, 5, 5], 1.0),
        ([], [1], 1.0),
        ([1], [], 1.0),
    ],
)
def test_known_values(before: list[int], after: list[int], p: float) -> None:
    assert rank_test.p_value(before, after) == pytest.approx(p)


@settings(max_examples=60, deadline=None)
@given(groups, groups)
def test_it_is_scipys_without_ties(before: list[int], after: list[int]) -> None:
    after = [value for value in after if value not in before]
    if after:
        theirs = stats.mannwhitneyu(before, after, method="exact").pvalue
        assert rank_test.p_value(before, after) == pytest.approx(theirs)


def test_ties_are_counted_as_every_split_would() -> None:
    before, after = [1, 2, 2, 3], [2, 3, 3, 4]
    ranks = rank_test.doubled_ranks([*before, *after])
    middle = sum(ranks) / 2
    splits = [sum(chosen) for chosen in itertools.combinations(ranks, 4)]
    own = abs(sum(ranks[4:]) - middle)
    assert rank_test.p_value(before, after) == sum(abs(one - middle) >= own for one in splits) / len(splits)


def test_large_groups_are_approximated_as_scipy_does() -> None:
    chance = random.Random(5)
    before = [chance.randrange(10**9, 2 * 10**9) for _ in range(40)]
    after = [round(value * 1.2) for value in before]
    theirs = stats.mannwhitneyu(before, after, method="asymptotic").pvalue
    assert rank_test.p_value(before, after) == pytest.approx(theirs)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_false_discovery_rate_is_scipys(p_values: list[float]) -> None:
    assert rank_test.adjusted(p_values) == pytest.approx(list(stats.false_discovery_control(p_values)))


@pytest.mark.parametrize(("before", "after"), [(3, 3), (4, 4), (5, 8), (26, 30)])
def test_the_interval_is_the_test_turned_round(before: int, after: int) -> None:
    chance = random.Random(before)
    old = [chance.randrange(900_000, 1_100_000) for _ in range(before)]
    new = [chance.randrange(1_900_000, 2_100_000) for _ in range(after)]
    told = rank_test.interval(old, new)
    if rank_test.least_p(before, after) >= 0.05:
        assert told is None
        return
    assert told is not None
    low, high = told
    assert 1.7 < low < 2 < high < 2.4
    for bound, inside in ((low, 1.0001), (high, 0.9999)):
        moved = [round(value / (bound * inside) * 10**6) for value in new]
        assert rank_test.p_value([value * 10**6 for value in old], moved) >= 0.05


def test_a_duration_of_nothing_has_no_ratio() -> None:
    assert rank_test.interval([0, 1, 2, 3], [1, 2, 3, 4]) is None
    assert rank_test.ratio([0, 0], [1]) is None
    assert rank_test.ratio([2, 4], [6]) == 2.0


def test_nothing_changed_is_seldom_flagged() -> None:
    chance = random.Random(1)
    seen = 0
    for _ in range(400):
        values = [chance.randrange(10**9) for _ in range(10)]
        seen += rank_test.p_value(values[:5], values[5:]) < 0.05
    assert seen <= 30
