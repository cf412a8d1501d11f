from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, mannwhitneyu

from diagnostics.analysis.ranks import MOST, false_discovery, least_p, null_distribution, p_values, weigh

values = st.lists(st.integers(0, 10**12), min_size=2, max_size=30)


@given(values, values)
def test_p_is_that_of_scipy(baseline: list[int], candidate: list[int]) -> None:
    tied = len(set(baseline + candidate)) < len(baseline) + len(candidate)
    method = "asymptotic" if tied else "exact"
    expected = mannwhitneyu(candidate, baseline, method=method).pvalue
    # Scipy knows no answer when all values are one.
    wanted = 1.0 if math.isnan(expected) else max(expected, least_p(len(baseline), len(candidate)))
    assert p_values(np.array([baseline]), np.array([candidate]))[0] == pytest.approx(wanted)


def test_large_groups_take_the_normal_approximation() -> None:
    draw = np.random.default_rng(7)
    baseline, candidate = draw.normal(100, 9, (4, 80)), draw.normal(103, 9, (4, 90))
    expected = mannwhitneyu(candidate, baseline, axis=1, method="asymptotic").pvalue
    assert p_values(baseline, candidate) == pytest.approx(expected)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 3), (3, 3), (5, 2), (4, 6)])
def test_the_null_distribution_counts_every_arrangement(n: int, m: int) -> None:
    scores = [sum(rank - i for i, rank in enumerate(ranks)) for ranks in combinations(range(n + m), n)]
    counted = [sum(score <= u for score in scores) / math.comb(n + m, n) for u in range(n * m + 1)]
    assert null_distribution(n, m) == pytest.approx(counted)
    assert 2 * null_distribution(n, m)[0] == pytest.approx(least_p(n, m))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_false_discovery_is_that_of_scipy(p: list[float]) -> None:
    assert false_discovery(np.array(p)) == pytest.approx(false_discovery_control(p))


def test_the_interval_is_made_of_ordered_ratios() -> None:
    # 4 against 4: P(U ≤ 0) = 1/70 ≤ 2.5 % < P(U ≤ 1), so the interval spans all sixteen ratios.
    found = weigh([([10, 11, 13, 17], [20, 23, 29, 31])])[0]
    assert found is not None
    assert found.low == pytest.approx(20 / 17)
    assert found.high == pytest.approx(31 / 10)
    assert found.q == pytest.approx(2 / 70)


@pytest.mark.parametrize("launches", [2, 3])
def test_three_a_side_cannot_tell(launches: int) -> None:
    found = weigh([(list(range(1, launches + 1)), list(range(101, launches + 101)))])[0]
    assert found is not None
    assert (found.low, found.high, found.step) == (None, None, None)


def test_many_phases_need_more_launches_for_the_first_flag() -> None:
    same = ([10, 11, 12, 13, 14], [10, 11, 12, 13, 15])
    alone, *_ = weigh([same])
    among, *_ = weigh([same] * 100)
    assert alone is not None
    assert among is not None
    assert alone.step is not None
    assert among.step is None


def test_a_single_launch_has_no_evidence() -> None:
    assert weigh([([5], [6, 7])]) == [None]
    assert weigh([]) == []


def test_coverage_of_the_interval() -> None:
    draw = np.random.default_rng(11)
    baseline = np.exp(draw.normal(12, 0.3, (2000, 8))).astype(int)
    candidate = (np.exp(draw.normal(12, 0.3, (2000, 8))) * 1.5).astype(int)
    found = weigh([(b, c) for b, c in zip(baseline.tolist(), candidate.tolist(), strict=True)])
    hits = [e.low <= 1.5 <= e.high for e in found if e and e.low is not None and e.high is not None]
    assert len(hits) == 2000
    assert 0.94 <= sum(hits) / 2000 <= 0.98


def test_beyond_the_most_launches_are_thinned_evenly() -> None:
    long = list(range(1, 10 * MOST + 1))
    found = weigh([(long, [2 * value for value in long])])[0]
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert 1.5 < found.low < 2 < found.high < 2.6
