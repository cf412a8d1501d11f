"""Variances of many phases that lend each other certainty: the empirical Bayes of limma (Smyth 2004).

Three launches a side leave a phase four degrees of freedom: too few to tell a quiet phase from a lucky one. But how
spreads scatter over hundreds of phases says how much of a spread is luck, and each is drawn that far towards the
common one. Assumes normal errors on the log scale and independent phases for the prior; what it costs when they are
not is measured in docs/statistics.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, polygamma

Floats = NDArray[np.float64]

# Fewer phases than this cannot say how spreads scatter.
LEAST_PHASES = 8
# A spread below half a percent is luck or a coarse clock, not something a person could act on.
LEAST_VARIANCE = 0.005**2
_ENDLESS = 1e6


@dataclass(frozen=True, slots=True)
class Prior:
    """The common variance, and how many degrees of freedom it is worth; 0: there is none."""

    variance: float
    freedom: float


def prior(variances: Floats, freedom: Floats) -> Prior:
    """Moments of the log variances (Smyth 2004, section 6.2); rows without degrees of freedom say nothing."""
    told = (freedom > 0) & np.isfinite(variances)
    if int(told.sum()) < LEAST_PHASES:
        return Prior(0.0, 0.0)
    half = freedom[told] / 2
    logs = np.log(np.maximum(variances[told], LEAST_VARIANCE)) - digamma(half) + np.log(half)
    centre = float(logs.mean())
    scatter = float(logs.var(ddof=1)) - float(polygamma(1, half).mean())
    if scatter <= 0:
        return Prior(float(np.exp(centre)), _ENDLESS)
    worth = 2 * inverse_trigamma(scatter)
    return Prior(float(np.exp(centre + digamma(worth / 2) - np.log(worth / 2))), min(worth, _ENDLESS))


def moderated(variances: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """Per row the variance drawn towards the common one, and its degrees of freedom.

    The prior counts for at most a quarter of the square of a row's own: at three launches a side as much as the data,
    at ten all that it claims. A prior trusted in full at three a side lets one odd launch through in many phases.
    """
    common = prior(variances, freedom)
    weight = np.minimum(common.freedom, freedom**2 / 4)
    # Skew makes t optimistic where a phase has little to say for itself.
    whole = freedom + weight - np.where(weight > 0, np.clip(6 - freedom, 0, 2) / 2, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = (weight * common.variance + freedom * variances) / (weight + freedom)
    drawn = np.where(whole > 0, np.maximum(drawn, LEAST_VARIANCE), np.nan)
    return np.asarray(drawn, dtype=np.float64), np.asarray(whole, dtype=np.float64)


def inverse_trigamma(value: float) -> float:
    """The x > 0 with trigamma(x) = value > 0, by Newton on 1/trigamma, which is nearly straight."""
    if value > 1e7:
        return float(value**-0.5)
    if value < 1e-6:
        return 1 / value
    x = 0.5 + 1 / value
    for _ in range(50):
        found = float(polygamma(1, x))
        step = found * (1 - found / value) / float(polygamma(2, x))
        x += step
        if -step / x < 1e-9:
            break
    return x
