"""Perfherder's alerts, for those who want to compare: the rule of Mozilla's Treeherder, written anew.

At every run the 12 to 24 values before it (more the longer nothing was seen) are held against the next 12 by a t
statistic with linearly weighted means, the nearest runs counting most. A run is alerted if both windows are full, t
exceeds 7 and neither neighbour's t is larger. The variances are those around the weighted means, over n − 1 values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

BACK, MOST_BACK, FORE, THRESHOLD = 12, 24, 12, 7.0

_Runs = Sequence[Sequence[float]]


def perfherder_alerts(runs: _Runs) -> list[int]:
    """Indices of the runs alerted, each the first of a new level. Empty runs are passed over; an index counts them."""
    places = [index for index, run in enumerate(runs) if run]
    kept = [runs[index] for index in places]
    ts, full, quiet = [0.0], [False], 0
    for index in range(1, len(kept)):
        back, fore = _before(kept, index, quiet), _after(kept, index)
        ts.append(_t(back, fore))
        full.append(sum(map(len, back)) >= BACK and sum(map(len, fore)) >= FORE)
        quiet = 0 if ts[-1] > THRESHOLD else quiet + 1
    return [places[i] for i in range(1, len(kept)) if full[i] and _is_peak(ts, i)]


def _is_peak(ts: Sequence[float], index: int) -> bool:
    following = ts[index + 1] if index + 1 < len(ts) else 0.0
    return ts[index] > THRESHOLD and ts[index - 1] <= ts[index] >= following


def _before(runs: _Runs, index: int, quiet: int) -> _Runs:
    """The runs before ``index``, the nearest first."""
    window: list[Sequence[float]] = []
    values, reach = 0, min(max(quiet, BACK), MOST_BACK)
    for run in reversed(runs[max(index - reach, 0) : index]):
        if values >= MOST_BACK:
            break
        window.append(run)
        values += len(run)
    return window


def _after(runs: _Runs, index: int) -> _Runs:
    window: list[Sequence[float]] = []
    values = 0
    for run in runs[index : index + FORE]:
        if values >= FORE:
            break
        window.append(run)
        values += len(run)
    return window


def _t(back: _Runs, fore: _Runs) -> float:
    (mean, variance, count), (new_mean, new_variance, new_count) = _weighed(back), _weighed(fore)
    if mean == new_mean:
        return 0.0
    error = variance / count + new_variance / new_count
    return abs(new_mean - mean) / math.sqrt(error) if error else math.inf


def _weighed(window: _Runs) -> tuple[float, float, int]:
    """Weighted mean, variance around it, number of values."""
    count = len(window)
    weights = [(count - place) / count for place in range(count)]
    weighted = sum(value * weight for run, weight in zip(window, weights, strict=True) for value in run)
    mean = weighted / sum(len(run) * weight for run, weight in zip(window, weights, strict=True))
    values = [value for run in window for value in run]
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1) if len(values) > 1 else 0.0
    return mean, variance, len(values)
