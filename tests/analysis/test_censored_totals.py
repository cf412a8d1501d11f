from __future__ import annotations

import random
from math import comb

import pytest

from diagnostics.analysis.censored_totals import gehan_p
from diagnostics.analysis.integer_median import censored_median, median


def p(before: list[int], after: list[int], failed: tuple[int, ...] = ()) -> float:
    """``failed``: places in before + after of launches that never got ready."""
    values = [*before, *after]
    censored = [place in failed for place in range(len(values))]
    return gehan_p(values, censored, [place >= len(before) for place in range(len(values))], [0] * len(values))


def test_without_censored_launches_it_is_the_exact_rank_test() -> None:
    assert p([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]) == 2 / comb(10, 5)
    assert p([1, 3, 5, 7], [2, 4, 6, 8]) == pytest.approx(0.686, abs=0.001)


def test_a_launch_that_timed_out_counts_as_longer() -> None:
    assert p([10, 11, 12, 13, 14], [60, 60, 60, 60, 60], failed=(5, 6, 7, 8, 9)) == 2 / comb(10, 5)


def test_a_launch_that_failed_early_says_nothing() -> None:
    assert p([10, 11, 12, 13, 14], [1, 1, 1, 1, 1], failed=(5, 6, 7, 8, 9)) == 1


def test_many_launches_are_shuffled_with_a_seed_and_p_is_never_0() -> None:
    before, after = list(range(20)), list(range(100, 120))
    assert p(before, after) == p(before, after) == 1 / 10_000


def test_chance_alone_keeps_its_level() -> None:
    draw = random.Random(4)
    seen = 0
    for _ in range(200):
        times = [draw.randrange(1000) for _ in range(10)]
        failed = tuple(place for place in range(10) if draw.random() < 0.3)
        seen += p(times[:5], times[5:], failed) < 0.05
    assert seen <= 18


def test_classes_are_shuffled_within_themselves() -> None:
    """Cold starts (100 and more) are only in the candidate's majority; within each class nothing differs."""
    values = [102, 10, 11, 13, 100, 101, 103, 12]
    strata = [1, 0, 0, 0, 1, 1, 1, 0]
    assert gehan_p(values, [False] * 8, [False] * 4 + [True] * 4, strata) > 0.2


@pytest.mark.parametrize(
    ("values", "censored", "expected"),
    [
        ([3, 1, 2], [False] * 3, 2),
        ([1, 2, 3, 50], [False, False, False, True], 2),
        # Two gave up at once: half of the three that are left had ended by 6.
        ([5, 6, 7, 1, 1], [False, False, False, True, True], 6),
        ([60, 60, 60, 5], [True, True, True, False], 60),
        ([7], [True], 7),
    ],
)
def test_censored_median(values: list[int], censored: list[bool], expected: int) -> None:
    assert censored_median(values, censored) == expected


@pytest.mark.parametrize(
    ("values", "expected"), [([3], 3), ([1, 4], 2), ([9, 1, 5], 5), ([2**62 + 1, 2**62 + 1], 2**62 + 1)]
)
def test_median(values: list[int], expected: int) -> None:
    assert median(values) == expected
