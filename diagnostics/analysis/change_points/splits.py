"""One series of values, one split (or one passing change): how much better two levels tell it than one.

The values are replaced by normal scores of their ranks, so that the null distribution depends on the number of values
and nothing else, spikes weigh little, and no permutation has to be drawn (van der Waerden's scores; the efficiency
against the t-test is at least 1 whatever the distribution: Chernoff & Savage 1958). The statistic is the log of the
mean likelihood ratio over all places (Shiryaev's mixture, not the maximum: a little more power for faint steps).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from diagnostics.analysis.change_points.levels import Array
from diagnostics.analysis.change_points.nulls import p_passing, p_split

LEAST_VALUES = 8
_LEAST_SEGMENT = 8
_PASSING_ENDS = 64
_TIED_SHARE = 0.1
_AS_GOOD = 0.001
_SHARP = 0.5


def least_segment(count: int) -> int:
    """The fewest values on a side of a split: 8, in short series a quarter, never less than 3."""
    return min(_LEAST_SEGMENT, max(3, count // 4))


def scores(values: Array) -> Array:
    """Normal scores of the ranks, equal values sharing their mean rank; centred."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    found = np.empty(len(values))
    if (ordered[1:] > ordered[:-1]).all():
        found[order] = untied(len(values))
        return found
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    found[:] = ndtri((ranks[inverse] - 0.375) / (len(values) + 0.25))
    found -= found.mean()
    return found


@lru_cache(maxsize=1024)
def untied(count: int) -> Array:
    """Normal scores of so many different values, in rising order."""
    found: Array = np.asarray(ndtri((np.arange(count) + 0.625) / (count + 0.25)), dtype=np.float64)
    return found


def curve(scored: Array) -> Array:
    """The log likelihood ratio of each possible split of the last axis; the first is at ``least_segment``."""
    count = scored.shape[-1]
    least = least_segment(count)
    left = np.arange(least, count - least + 1)
    return _ratio(np.cumsum(scored, axis=-1)[..., left - 1], left, scored)


def split_p(values: Array) -> float:
    """The chance of a split this clear, anywhere, in exchangeable values; 1 for too few of them."""
    if len(values) < LEAST_VALUES:
        return 1.0
    scored = scores(values)
    if _is_tied(values):
        return _drawn_p(scored)
    return p_split(float(_mixture(curve(scored))), len(values))


def best_split(values: Array) -> int:
    """The likeliest place of one change: the index of the first value after it."""
    return int(curve(scores(values)).argmax()) + least_segment(len(values))


def central_split(values: Array, margin: int) -> int:
    """``central`` of the splits of the values: the index of the first value after it."""
    return central(curve(scores(values)), margin)[0] + least_segment(len(values))


def central(ratio: Array, margin: int) -> tuple[int, float]:
    """Of places with their log likelihood ratios, the one that most probably lies within ``margin`` of the change (the
    likeliest one if it has half of the weight, or where several are as good), and that probability.

    For a faint step the likelihood is ragged, and its top is often far from where most of its weight lies.
    """
    top = int(ratio.argmax())
    weight = np.exp(ratio - ratio[top])
    weight /= weight.sum()
    within = np.convolve(weight, np.ones(2 * margin + 1))[margin : margin + len(weight)]
    if weight[top] > _SHARP:
        return top, float(within[top])
    good = np.flatnonzero(within >= within.max() - _AS_GOOD)
    place = int(good[np.abs(good - top).argmin()])
    return place, float(within[place])


def passing(values: Array) -> tuple[float, int, int]:
    """p, first and past-the-end index of a level that came and went (Olshen & Venkatraman's circular segmentation)."""
    first, end = _pairs(len(values))
    if not len(first) or _is_tied(values):
        return 1.0, 0, 0
    scored = scores(values)
    total = np.cumsum(scored)
    ratio = _ratio(total[end - 1] - total[first - 1], end - first, scored)
    best = int(ratio.argmax())
    return p_passing(float(_mixture(ratio)), len(values)), int(first[best]), int(end[best])


def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    ends = np.arange(_LEAST_SEGMENT, count - _LEAST_SEGMENT + 1, -(-count // _PASSING_ENDS))
    i, j = np.triu_indices(len(ends), 1)
    long = ends[j] - ends[i] >= _LEAST_SEGMENT
    return ends[i[long]], ends[j[long]]


def _ratio(inside: Array, size: NDArray[np.intp], scored: Array) -> Array:
    """Centred ``scored``: ``inside`` is the sum of ``size`` of them."""
    count = scored.shape[-1]
    all_squares = (scored**2).sum(axis=-1, keepdims=True)
    between = inside**2 * count / (size * (count - size))
    result: Array = -count / 2 * np.log(np.maximum(1 - between / np.maximum(all_squares, 1e-300), 1e-12))
    return result


def _mixture(ratio: Array) -> Array:
    top = ratio.max(axis=-1)
    mixed: Array = top + np.log(np.exp(ratio - top[..., None]).mean(axis=-1))
    return mixed


def _is_tied(values: Array) -> bool:
    ordered = np.sort(values)
    # A value is shared by more than `most` if it is found again that many places on.
    most = max(2, int(_TIED_SHARE * len(values)))
    return bool((ordered[most:] == ordered[:-most]).any())


def _drawn_p(scored: Array) -> float:
    """Many equal values have a null distribution of their own: draw it, always the same way, unless it is hopeless."""
    seen = _mixture(curve(scored))
    draw = np.random.default_rng(len(scored))
    beyond, drawn = 0, 0
    for batch in (99, 900):
        order = draw.permuted(np.broadcast_to(scored, (batch, len(scored))), axis=1)
        # Equal arrangements differ in the last bit of their sums.
        beyond += int((_mixture(curve(order)) >= seen - 1e-9).sum())
        drawn += batch
        if beyond > 10:
            break
    return (beyond + 1) / (drawn + 1)
