"""Looking back: the change points of a whole series of runs.

Binary segmentation (Vostrikova 1981) on the levels of the runs; the levels are then estimated again with what was found
taken out, and the search repeated. Each cut is placed anew between its neighbours and must hold there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import stdtrit

from diagnostics.analysis.change_points.autocorrelation import effective_share
from diagnostics.analysis.change_points.drift import drifts
from diagnostics.analysis.change_points.levels import Array, Launches, launches, levels, medians
from diagnostics.analysis.change_points.settings import DEFAULT, Settings
from diagnostics.analysis.change_points.splits import (
    LEAST_VALUES,
    best_split,
    central_split,
    passing,
    split_p,
)

_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """``index`` is the first run of the new level. ``ratio`` is new level / old level with its 95 % interval ``low`` …
    ``high`` (for a series with negative values, which has no ratios, the difference). ``p`` is the chance of so clear a
    change between the neighbouring change points, at any place, if nothing changed."""

    index: int
    ratio: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Drift:
    """A slow change between the runs with indices ``first`` and ``last``, by ``ratio`` from one end to the other."""

    first: int
    last: int
    ratio: float
    p: float


def change_points(runs: Sequence[Sequence[float]], settings: Settings = DEFAULT) -> list[ChangePoint]:
    """The change points of a series: ``runs`` in order of time, each with the durations of its launches in one unit.

    Empty runs and missing values (NaN) are passed over; an index counts them. Less than 8 runs have none; never raises
    for numbers.
    """
    return look_back(runs, settings)[0]


def look_back(runs: Sequence[Sequence[float]], settings: Settings = DEFAULT) -> tuple[list[ChangePoint], list[Drift]]:
    """The change points of a series, and what changed slowly instead; see ``change_points``."""
    data = launches(runs)
    if len(data.places) < LEAST_VALUES:
        return [], []
    level = levels(data)
    cuts = segment(level, settings)
    if not cuts:
        return [], _drifts(level, cuts, data, settings)
    middle = medians(data)
    for _ in range(_ROUNDS):
        # A level's score is bounded, so a large step must be taken out before the levels are right on both sides of it.
        level, before = levels(data, _medians_between(middle, cuts)), cuts
        cuts = segment(level, settings)
        if cuts == before:
            break
    points = [_described(level, place, data) for place in _triples(cuts, len(level))]
    return points, _drifts(level, cuts, data, settings)


def _drifts(level: Array, steps: Sequence[int], data: Launches, settings: Settings) -> list[Drift]:
    """What would be steps but for a line that fits better, as one drift between two steps."""
    cuts = _clear(level, settings)
    sloping = drifts(level, cuts, settings.drift)
    found = []
    for start, end in pairwise((0, *steps, len(level))):
        if any(start < cut < end for cut in sloping) and end - start >= LEAST_VALUES:
            third = (end - start) // 3
            change = float(np.median(level[end - third : end]) - np.median(level[start : start + third]))
            ratio = math.exp(min(change, 700)) if data.logarithmic else change
            p = split_p(level[start:end])
            found.append(Drift(int(data.places[start]), int(data.places[end - 1]), ratio, p))
    return found


def segment(level: Array, settings: Settings = DEFAULT) -> list[int]:
    """The cuts of a series of levels: increasing indices of the first value of each new level."""
    cuts = _clear(level, settings)
    cuts = [cut for cut in cuts if cut not in drifts(level, cuts, settings.drift)]
    share = effective_share(level, cuts)
    if share < 1:
        cuts = [c for a, c, b in _triples(cuts, len(level)) if split_p(level[a:b]) ** share <= settings.kept]
    return _moved(level, cuts, settings.margin)


def _clear(level: Array, settings: Settings) -> list[int]:
    cuts = _moved(level, sorted(_cut(level, settings)))
    return _held(level, _moved(level, cuts), settings)


def _cut(level: Array, settings: Settings) -> list[int]:
    cuts: list[int] = []
    waiting = [(0, len(level), settings.first, settings.passing)]
    while waiting:
        start, end, p, p_passing = waiting.pop()
        found = _found(level[start:end], p, p_passing)
        cuts += [start + cut for cut in found]
        if found:
            borders = [start, *(start + cut for cut in found), end]
            less = settings.passing * settings.further / settings.first
            waiting += [(a, b, settings.further, less) for a, b in pairwise(borders)]
    return cuts


def _found(values: Array, p: float, p_passing: float) -> list[int]:
    if len(values) < LEAST_VALUES:
        return []
    if split_p(values) <= p:
        return [best_split(values)]
    # A level that came and went hides from a single split: what is before and after it is the same.
    chance, first, end = passing(values)
    return [first, end] if chance <= p_passing else []


def _moved(level: Array, cuts: Sequence[int], margin: int = 0) -> list[int]:
    """Each cut at its best place between the one before it, already moved, and the next."""
    moved: list[int] = []
    for _, cut, end in _triples(cuts, len(level)):
        start = moved[-1] if moved else 0
        if end - start < LEAST_VALUES:
            moved.append(cut)
            continue
        values = level[start:end]
        moved.append(start + (central_split(values, margin) if margin else best_split(values)))
    return moved


def _held(level: Array, cuts: list[int], settings: Settings) -> list[int]:
    """Take the least sure cut out until each holds between its neighbours."""
    while len(cuts) > 1:
        chances = [split_p(level[start:end]) for start, _, end in _triples(cuts, len(level))]
        worst = int(np.argmax(chances))
        if chances[worst] <= settings.kept:
            break
        cuts = _moved(level, cuts[:worst] + cuts[worst + 1 :])
    return cuts


def _triples(cuts: Sequence[int], count: int) -> list[tuple[int, int, int]]:
    """Each cut with the borders of the segments beside it."""
    borders = [0, *cuts, count]
    return list(zip(borders, borders[1:-1], borders[2:], strict=False))


def _medians_between(level: Array, cuts: Sequence[int]) -> Array:
    flat = np.empty(len(level))
    for start, end in pairwise((0, *cuts, len(level))):
        flat[start:end] = np.median(level[start:end])
    return flat


def _described(level: Array, place: tuple[int, int, int], data: Launches) -> ChangePoint:
    start, cut, end = place
    before, after = level[start:cut], level[cut:end]
    change = float(after.mean() - before.mean())
    freedom = max(len(before) + len(after) - 2, 1)
    squares = ((before - before.mean()) ** 2).sum() + ((after - after.mean()) ** 2).sum()
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(squares / freedom * (1 / len(before) + 1 / len(after)))
    low, ratio, high = change - half, change, change + half
    if data.logarithmic:
        low, ratio, high = (math.exp(min(value, 700)) for value in (low, ratio, high))
    return ChangePoint(int(data.places[cut]), ratio, low, high, split_p(level[start:end]))
