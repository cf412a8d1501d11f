"""Values in two modes (a cache that hits or misses): which mode a value is of says nothing of the level, and is taken
out, so that a step much smaller than their distance can be seen."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from diagnostics.analysis.change_points.levels import MAD, Array

_LEAST_SHARE, _FEWEST = 0.15, 3  # of the values in the rarer mode: fewer are spikes
_APART = 3.0  # the gap between the modes, in spreads of the values within them
_WIDE = 0.5  # a gap smaller than this share of the standard deviation is never so wide


def without_modes(levels: Array) -> tuple[Array, NDArray[np.intp]]:
    """The rows of ``levels`` (series, values) that have two modes, the higher one moved onto the lower; their indices.

    A step is two modes too: what is left then shows none, so both are to be looked at.
    """
    count = levels.shape[1]
    least = max(_FEWEST, math.ceil(_LEAST_SHARE * count))
    if count < 2 * least:
        return levels[:0], np.empty(0, dtype=np.intp)
    ordered = np.sort(levels, axis=1)
    gaps = np.diff(ordered, axis=1)[:, least - 1 : count - least]
    gap = gaps.max(axis=1)
    rows = np.flatnonzero(gap > _WIDE * levels.std(axis=1))
    border = ordered[rows, gaps[rows].argmax(axis=1) + least - 1, None]
    moved = _joined(levels[rows], levels[rows] > border)
    away = np.abs(moved - np.median(moved, axis=1, keepdims=True))
    apart = gap[rows] > _APART * MAD * np.median(away, axis=1)
    return moved[apart], rows[apart]


def _joined(levels: Array, high: NDArray[np.bool_]) -> Array:
    distance = np.array(
        [np.median(row[upper]) - np.median(row[~upper]) for row, upper in zip(levels, high, strict=True)]
    )
    joined: Array = levels - np.where(high, distance.reshape(-1, 1), 0.0)
    return joined
