from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.analysis.diagnosis.case import Usual


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.1, 1), (0.11, 2), (0.5, 5), (0.9, 9), (0.99, 10), (1.0, 10)]
)
def test_quantile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert Usual(range(1, 11)).quantile(share) == expected


def test_without_launches_nothing_is_usual() -> None:
    assert Usual([]).quantile(0.5) is None


@given(st.lists(st.integers(0, 1000), min_size=1), st.integers(0, 100))
def test_that_share_lies_at_or_below_it(durations: list[int], percent: int) -> None:
    ascending = sorted(durations)

    value = Usual(ascending).quantile(percent / 100)

    assert value is not None
    assert sum(one <= value for one in ascending) >= math.ceil(len(ascending) * percent / 100 - 1e-9)
