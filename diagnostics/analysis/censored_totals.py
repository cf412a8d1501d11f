"""Totals of which some are only known to be at least so long: launches that failed or timed out before ready.

Gehan's test (1965): every launch of one side is held against every one of the other; a pair counts if it is certain
which took longer. Its p comes from shuffling the sides, all ways if they are few, else ``SHUFFLES`` seeded ones, and is
(k + 1) / (n + 1): never 0. Launches are the unit, start classes are shuffled within themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

SHUFFLES = 9_999
_ALL_WAYS = 5_000
_SEED = 20_261_123


def gehan_p(
    values: Sequence[int], censored: Sequence[bool], is_candidate: Sequence[bool], strata: Sequence[int]
) -> float:
    """Two-sided p that the candidate's times are as long as the baseline's; 1 where a side is empty."""
    of, side = np.asarray(strata), np.asarray(is_candidate, dtype=bool)
    scores = np.zeros(len(side))
    for stratum in np.unique(of):
        here = of == stratum
        scores[here] = _scores(np.asarray(values, dtype=float)[here], np.asarray(censored, dtype=bool)[here])
    found = abs(scores[side].sum())
    shuffled, exact = _shuffled(scores, side, of)
    as_far = int((np.abs(shuffled) >= found - 1e-9).sum())
    return as_far / len(shuffled) if exact else (as_far + 1) / (len(shuffled) + 1)


def _scores(values: NDArray[np.float64], censored: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Of each launch: how many it certainly outlasted, less how many certainly outlasted it."""
    longer = (values[:, None] > values[None, :]) & ~censored[None, :]
    longer |= (values[:, None] == values[None, :]) & censored[:, None] & ~censored[None, :]
    return np.asarray(longer.sum(axis=1) - longer.sum(axis=0), dtype=np.float64)


def _shuffled(
    scores: NDArray[np.float64], side: NDArray[np.bool_], of: NDArray[np.int64]
) -> tuple[NDArray[np.float64], bool]:
    """Sums over the candidate side, and whether they are all that there are."""
    strata = np.unique(of)
    if len(strata) == 1 and comb(len(side), int(side.sum())) <= _ALL_WAYS:
        chosen = np.array(list(combinations(range(len(side)), int(side.sum()))), dtype=np.int64)
        return scores[chosen].sum(axis=1), True
    draw = np.random.default_rng(_SEED)
    total = np.zeros(SHUFFLES)
    for stratum in strata:
        here = np.flatnonzero(of == stratum)
        order = np.argsort(draw.random((SHUFFLES, len(here))), axis=1)[:, : int(side[here].sum())]
        total += scores[here][order].sum(axis=1)
    return total, False
