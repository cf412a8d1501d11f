"""Does a phase have two ways of being long: a cache hit or a miss, one volume or another?

The sorted values of a group are split where the two halves are tightest, and the halves count as two modes if their
means lie far apart beside their spread (Ashman's D). The split is the best of all, so even one normal mode seems to
have a D of 3 to 10 in small groups; the thresholds are what 1 normal group in 1,000 exceeds (simulated).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from diagnostics.analysis.measured_table import Floats

LEAST_LAUNCHES = 8
_SHARE = 0.2
# Two modes closer than this (logs) are not worth a word.
_APART = 0.1


def bimodal(logs: Floats) -> NDArray[np.bool_]:
    """Per row of a group's log durations (NaN: missing). Rows with less than ``LEAST_LAUNCHES`` values are not."""
    found = np.zeros(len(logs), dtype=bool)
    counts = (~np.isnan(logs)).sum(axis=1)
    ordered = np.sort(logs, axis=1)
    for count in np.unique(counts[counts >= LEAST_LAUNCHES]).tolist():
        rows = np.flatnonzero(counts == count)
        found[rows] = _split(ordered[rows, :count])
    return found


def threshold(count: int) -> float:
    """Ashman's D that one mode does not reach in a group of so many."""
    return 3.4 + 160.0 / (count * math.sqrt(count))


def _split(ordered: Floats) -> NDArray[np.bool_]:
    count = ordered.shape[1]
    least = max(2, int(np.ceil(_SHARE * count)))
    shifted = ordered - ordered.mean(axis=1, keepdims=True)
    sums, squares = np.cumsum(shifted, axis=1), np.cumsum(shifted**2, axis=1)
    below = np.arange(least, count - least + 1)
    above = count - below
    first, last = sums[:, below - 1] / below, (sums[:, -1:] - sums[:, below - 1]) / above
    spread_first = np.maximum(squares[:, below - 1] - below * first**2, 0)
    spread_last = np.maximum(squares[:, -1:] - squares[:, below - 1] - above * last**2, 0)
    best = np.argmin(spread_first + spread_last, axis=1)[:, None]
    within = np.take_along_axis((spread_first + spread_last) / (count - 2), best, axis=1)[:, 0]
    apart = np.take_along_axis(last - first, best, axis=1)[:, 0]
    ashman = np.sqrt(2) * apart / np.sqrt(2 * np.maximum(within, 1e-12))
    return np.asarray((apart > _APART) & (ashman > threshold(count)))
