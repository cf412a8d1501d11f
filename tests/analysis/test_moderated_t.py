from __future__ import annotations

import numpy as np
import pytest
from scipy.special import polygamma

from diagnostics.analysis.moderated_t import LEAST_VARIANCE, inverse_trigamma, moderated, prior


@pytest.mark.parametrize("value", [1e-8, 1e-3, 0.2, 1.0, 7.5, 300.0, 1e8])
def test_inverse_trigamma(value: float) -> None:
    assert float(polygamma(1, inverse_trigamma(value))) == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize("worth", [4.0, 10.0])
def test_the_prior_is_recovered(worth: float) -> None:
    draw = np.random.default_rng(1)
    variances = 0.02 * worth / draw.chisquare(worth, 4000)
    found = prior(variances * draw.chisquare(8, 4000) / 8, np.full(4000, 8.0))
    assert found.variance == pytest.approx(0.02, rel=0.05)
    assert found.freedom == pytest.approx(worth, rel=0.15)


def test_equal_spreads_are_one_spread() -> None:
    draw = np.random.default_rng(2)
    seen = 0.02 * draw.chisquare(18, 300) / 18
    variances, freedom = moderated(seen, np.full(300, 18.0))
    assert variances.std() < seen.std() / 3
    assert freedom.max() == pytest.approx(18 + 18**2 / 4)


def test_few_rows_lend_each_other_nothing() -> None:
    variances, freedom = moderated(np.array([0.01, 0.04]), np.array([4.0, 6.0]))
    assert variances.tolist() == [0.01, 0.04]
    assert freedom.tolist() == [4, 6]


def test_three_launches_a_side_trust_the_prior_no_more_than_themselves() -> None:
    _, freedom = moderated(np.full(100, 0.01), np.full(100, 4.0))
    assert set(freedom.tolist()) == {4 + 4 - 1}


def test_a_row_that_says_nothing_takes_what_the_others_say() -> None:
    draw = np.random.default_rng(3)
    seen = np.append(0.02 * draw.chisquare(8, 50) / 8, np.nan)
    variances, freedom = moderated(seen, np.append(np.full(50, 8.0), 0.0))
    assert np.isfinite(variances[:50]).all()
    assert np.isnan(variances[50]) or freedom[50] <= 0


def test_no_spread_is_none() -> None:
    assert moderated(np.zeros(20), np.full(20, 8.0))[0].min() == LEAST_VARIANCE
