"""Runs that follow each other's mood are worth fewer than they count: by how much, from what the cuts leave over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from diagnostics.analysis.change_points.levels import Array
from diagnostics.analysis.change_points.splits import scores


def effective_share(level: Array, cuts: Sequence[int]) -> float:
    """(1 − ρ) / (1 + ρ), ρ being the lag-1 autocorrelation of a first-order process; 1 where ρ is not beyond chance."""
    count = len(level)
    rest = np.concatenate([level[a:b] - _midmean(level[a:b]) for a, b in pairwise((0, *cuts, count))])
    # What is left of equal values is only the rounding of their mean.
    scored = scores(np.round(rest, 9))
    squares = float((scored**2).sum())
    if not squares:
        return 1.0
    rho = float((scored[1:] * scored[:-1]).sum()) / squares + 1 / count
    return (1 - rho) / (1 + rho) if rho > 3 / math.sqrt(count) else 1.0


def _midmean(values: Array) -> float:
    """The mean of the middle half: of few different values, where a median jumps, it does not."""
    quarter = len(values) // 4
    return float(np.sort(values)[quarter : len(values) - quarter].mean())
