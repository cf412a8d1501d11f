"""A slow drift, told apart from a step: a straight line through both sides that fits clearly better than two levels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from diagnostics.analysis.change_points.levels import Array


def drifts(level: Array, cuts: Sequence[int], gain: float) -> set[int]:
    """The cuts that are no steps but a drift seen as steps.

    A line must beat a step by ``gain`` of log likelihood; both have two levels' worth of parameters, and the step's
    place was chosen too, so this errs towards calling it a step. Stairs in one direction have more parameters than one
    line, which Schwarz's criterion allows for.
    """
    found = set().union(*(flight for flight in _flights(level, cuts) if _flight_gain(level, cuts, flight) >= gain))
    borders = [0, *(cut for cut in cuts if cut not in found), len(level)]
    while True:
        worst = max(((line_gain(level[a:b], c - a), c) for a, c, b in _places(borders)), default=(0.0, 0))
        if worst[0] < gain:
            return found
        found.add(worst[1])
        borders.remove(worst[1])


def _places(borders: Sequence[int]) -> list[tuple[int, int, int]]:
    return list(zip(borders, borders[1:-1], borders[2:], strict=False))


def _flights(level: Array, cuts: Sequence[int]) -> list[list[int]]:
    """Neighbouring cuts that go the same way, two at least together."""
    rises = [np.median(level[c:b]) > np.median(level[a:c]) for a, c, b in _places([0, *cuts, len(level)])]
    flights: list[list[int]] = []
    for place, cut in enumerate(cuts):
        if place and rises[place] == rises[place - 1]:
            flights[-1].append(cut)
        else:
            flights.append([cut])
    return [flight for flight in flights if len(flight) > 1]


def _flight_gain(level: Array, cuts: Sequence[int], flight: Sequence[int]) -> float:
    borders = [0, *cuts, len(level)]
    start, end = borders[borders.index(flight[0]) - 1], borders[borders.index(flight[-1]) + 1]
    inner = [cut - start for cut in flight]
    return _gain(level[start:end], inner) + (len(flight) - 0.5) * float(np.log(end - start))


def line_gain(level: Array, cut: int) -> float:
    """By how much log likelihood a straight line fits better than the step at ``cut``; below 0: the step is better."""
    return _gain(level, [cut])


def _gain(level: Array, cuts: Sequence[int]) -> float:
    borders = list(pairwise((0, *cuts, len(level))))
    stairs = np.concatenate([np.full(b - a, np.median(level[a:b])) for a, b in borders])
    # One spike at an end would bend the line: the wildest values count no more than four times the usual.
    limit = 4 * float(np.median(np.abs(level - stairs))) + 1e-12
    # Of values in two modes a median is one of the modes, and their mean, through which a line goes, is far from it.
    means = np.concatenate([np.full(b - a, level[a:b].mean()) for a, b in borders])
    steps = min(_squares(level - stairs, limit), _squares(level - means, limit))
    line = _line(np.arange(len(level), dtype=np.float64), level)
    return len(level) / 2 * float(np.log(steps / _squares(level - line, limit)))


def _line(at: Array, values: Array) -> Array:
    away = at - at.mean()
    line: Array = values.mean() + away * float((away * values).sum() / (away**2).sum())
    return line


def _squares(rest: Array, limit: float) -> float:
    return float((np.clip(rest, -limit, limit) ** 2).sum()) + 1e-12
