from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, theilslopes

from diagnostics.agent import trend
from diagnostics.agent.trend import FALLING, NOT_ENOUGH, RISING, STEADY

MS = 10**6


@pytest.mark.parametrize(
    ("values", "arrow"),
    [
        ([100, 120, 140, 160, 180], RISING),
        ([180, 160, 140, 120, 100], FALLING),
        ([100, 120, 140, 160], NOT_ENOUGH),
        ([100, 101, 102, 103, 104], STEADY),  # in order, but 4 ms matter to nobody
        ([10_000, 10_030, 10_060, 10_090, 10_120], STEADY),  # 120 ms of 10 s is 1.2 %
        ([100, 300, 90, 310, 95, 305], STEADY),
        ([100] * 8, STEADY),
        ([100, 100, 100, 100, 200, 200, 200, 200], RISING),
    ],
)
def test_arrows(values: list[int], arrow: str) -> None:
    assert trend.arrow([value * MS for value in values]) == arrow


@given(st.lists(st.integers(0, 10**12), min_size=5, max_size=12))
def test_slope_is_theil_sen(values: list[int]) -> None:
    assert trend.slope(values) == pytest.approx(theilslopes(values).slope, rel=1e-9, abs=1e-6)


@given(st.lists(st.integers(0, 10**6), min_size=8, max_size=20, unique=True))
def test_p_is_near_the_exact_one_of_kendall(values: list[int]) -> None:
    exact = kendalltau(range(len(values)), values, method="exact").pvalue
    assert trend.p_value(values) == pytest.approx(exact, abs=0.03)
