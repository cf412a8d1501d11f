"""Two groups of launches compared by ranks, for many phases at once.

Test: two-sided Mann-Whitney U (Mann & Whitney 1947), exact for samples without ties, else the normal approximation
corrected for ties and continuity, never below the least p that the exact test could give. Over all phases together the
Benjamini-Hochberg procedure (1995) bounds the share of false flags. The interval on the ratio is the distribution-free
one that belongs to the Hodges-Lehmann shift of the logarithms (Hollander & Wolfe, 4.3). Assumes that launches are
independent of each other. The null distribution is computed here, because importing scipy.stats takes longer than a
launch page may.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

LEVEL = 0.05
# Groups beyond this are thinned evenly: a few hundred more launches sharpen nothing that a person acts on.
MOST = 100
_EXACT_PAIRS = 2_500
_PAIRS_AT_ONCE = 2_000_000

_Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What ranks say about one phase. ``low``/``high`` bound candidate / baseline at 95 %.

    ``step`` is the half-width (as ratio − 1) of the interval at the level that a flag would have needed here, several
    tests allowed for: about the least change that had an even chance to be seen. ``None``: no change, however large,
    could have been significant.
    """

    q: float
    low: float | None
    high: float | None
    step: float | None


def weigh(pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[Evidence | None]:
    """Evidence for each (baseline, candidate) pair of durations in ns; ``None`` for less than two launches a side."""
    shapes: dict[tuple[int, int], list[int]] = {}
    for index, (baseline, candidate) in enumerate(pairs):
        if min(len(baseline), len(candidate)) > 1:
            shapes.setdefault((min(len(baseline), MOST), min(len(candidate), MOST)), []).append(index)
    groups = [(rows, _array(pairs, rows, 0), _array(pairs, rows, 1)) for rows in shapes.values()]
    order = [index for rows in shapes.values() for index in rows]
    if not order:
        return [None] * len(pairs)
    q = false_discovery(np.concatenate([p_values(baseline, candidate) for _, baseline, candidate in groups]))
    # What one more rejection would have needed, given those that there are.
    needed = min(LEVEL * (int((q < LEVEL).sum()) + 1) / len(order), LEVEL)
    found: list[Evidence | None] = [None] * len(pairs)
    bounds = (row for _, baseline, candidate in groups for row in _bounds(baseline, candidate, needed))
    for index, value, (low, high, step) in zip(order, q.tolist(), bounds, strict=True):
        found[index] = Evidence(value, low, high, step)
    return found


def p_values(baseline: NDArray[Any], candidate: NDArray[Any]) -> _Rows:
    """Two-sided p per row of two arrays (rows, launches)."""
    n, m = baseline.shape[1], candidate.shape[1]
    u = np.concatenate([_u(*part) for part in _parts(baseline, candidate)])
    pooled = np.sort(np.concatenate([baseline, candidate], axis=1), axis=1)
    tied = (pooled[:, 1:] == pooled[:, :-1]).any(axis=1)
    ties = np.array([_tie_sum(row) if has else 0 for row, has in zip(pooled, tied, strict=True)], dtype=float)
    total = n + m
    spread = np.sqrt(n * m / 12 * np.maximum(total + 1 - ties / (total * (total - 1)), 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(spread > 0, (np.abs(u - n * m / 2) - 0.5) / spread, 0.0)
    p = np.maximum(2 * ndtr(-np.maximum(z, 0)), least_p(n, m))
    if n * m <= _EXACT_PAIRS:
        p = np.where(tied, p, 2 * null_distribution(n, m)[np.minimum(u, n * m - u).astype(int)])
    return np.asarray(np.minimum(p, 1.0), dtype=np.float64)


def least_p(n: int, m: int) -> float:
    """The least two-sided p that ``n`` against ``m`` launches can give: all of one side beyond all of the other."""
    return 2 / math.comb(n + m, n)


def false_discovery(p: _Rows) -> _Rows:
    """Benjamini-Hochberg adjusted p: the least false discovery rate at which each would be flagged."""
    count = len(p)
    falling = np.argsort(-p, kind="stable")
    q = np.empty(count)
    q[falling] = np.minimum.accumulate(p[falling] * count / np.arange(count, 0, -1))
    return np.minimum(q, 1.0)


@lru_cache(maxsize=256)
def null_distribution(n: int, m: int) -> _Rows:
    """P(U ≤ u) for u = 0 … n·m when nothing differs and nothing ties."""
    rows = [np.ones(1)] * (m + 1)
    for i in range(1, n + 1):
        row = [np.ones(1)]
        for j in range(1, m + 1):
            # The largest value is one of the first sample, beating all j, or one of the second.
            density = np.zeros(i * j + 1)
            density[j:] += rows[j] * (i / (i + j))
            density[: i * (j - 1) + 1] += row[-1] * (j / (i + j))
            row.append(density)
        rows = row
    return np.minimum(np.cumsum(rows[m]), 1.0)


def _array(pairs: Sequence[tuple[Sequence[int], Sequence[int]]], rows: Sequence[int], side: int) -> NDArray[Any]:
    return np.array([_thinned(pairs[index][side]) for index in rows], dtype=np.int64)


def _thinned(values: Sequence[int]) -> Sequence[int]:
    if len(values) <= MOST:
        return values
    return [values[i * len(values) // MOST] for i in range(MOST)]


def _parts(baseline: NDArray[Any], candidate: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    rows = max(1, _PAIRS_AT_ONCE // (baseline.shape[1] * candidate.shape[1]))
    for start in range(0, len(baseline), rows):
        yield baseline[start : start + rows], candidate[start : start + rows]


def _u(baseline: NDArray[Any], candidate: NDArray[Any]) -> _Rows:
    above = (candidate[:, :, None] > baseline[:, None, :]).sum(axis=(1, 2), dtype=float)
    level = (candidate[:, :, None] == baseline[:, None, :]).sum(axis=(1, 2), dtype=float)
    halves: _Rows = above + level / 2
    return halves


def _tie_sum(values: NDArray[Any]) -> int:
    counts = np.unique(values, return_counts=True)[1].astype(int)
    return int((counts**3 - counts).sum())


def _rank(n: int, m: int, level: float) -> int:
    """How many of the ordered differences lie outside a two-sided interval, at each end; -1: none can be spared."""
    if n * m <= _EXACT_PAIRS:
        return int(np.searchsorted(null_distribution(n, m), level / 2)) - 1
    spread = math.sqrt(n * m * (n + m + 1) / 12)
    return math.floor(n * m / 2 + float(ndtri(level / 2)) * spread - 0.5)


def _bounds(
    baseline: NDArray[Any], candidate: NDArray[Any], needed: float
) -> Iterator[tuple[float | None, float | None, float | None]]:
    """Per row the 95 % bounds of the ratio and the step; 0 ns counts as 1 ns, which ranks do not notice."""
    pairs = baseline.shape[1] * candidate.shape[1]
    outside = [_rank(baseline.shape[1], candidate.shape[1], level) for level in (LEVEL, needed)]
    kept = sorted({place for k in outside if k >= 0 for place in (k, pairs - 1 - k)})
    for ours, theirs in _parts(np.log(np.maximum(baseline, 1)), np.log(np.maximum(candidate, 1))):
        shifts = (theirs[:, :, None] - ours[:, None, :]).reshape(len(ours), pairs)
        if kept:
            shifts.partition(kept, axis=1)
        yield from _read(shifts, outside)


def _read(shifts: _Rows, outside: Sequence[int]) -> Iterator[tuple[float | None, float | None, float | None]]:
    usual, needed = outside
    last = shifts.shape[1] - 1
    for row in shifts:
        low, high = (math.exp(row[usual]), math.exp(row[last - usual])) if usual >= 0 else (None, None)
        step = math.exp((row[last - needed] - row[needed]) / 2) - 1 if needed >= 0 else None
        yield low, high, step
