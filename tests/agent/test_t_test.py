"""Student's t without SciPy, against SciPy."""

from __future__ import annotations

import pytest
from scipy.stats import t as students

from diagnostics.agent.t_test import chance, t_test


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 12])
@pytest.mark.parametrize("far", [0.0, 0.3, 2.5, 40.0])
def test_chance(far: float, freedom: int) -> None:
    assert chance(far, freedom) == pytest.approx(2 * students.sf(far, freedom), abs=1e-12)


def test_three_a_side_tell_of_a_doubling() -> None:
    told = t_test([100, 103, 98], [200, 210, 190])
    assert told is not None
    assert told.p < 0.001
    assert told.low < 2 < told.high
    assert told.could_tell


def test_what_cannot_be_told() -> None:
    assert t_test([100, 103], [200, 210]) is None
    assert t_test([100, 103, 0], [200, 210, 190]) is None
    wild = t_test([100, 900, 30], [50, 700, 200])
    assert wild is not None
    assert not wild.could_tell
    same = t_test([100, 100, 100], [100, 100, 100])
    assert same is not None
    assert same.p == 1
