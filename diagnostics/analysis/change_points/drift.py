"""A slow drift, told apart from a step: a straight line through both sides that fits clearly better than two levels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diagnostics.analysis.change_points.levels import Array


def drifts(level: Array, cuts: Sequence[int], gain: float) -> set[int]:
    """The cuts that are steps of a drift. A line must beat the step by ``gain`` of log likelihood; both have two means'
    worth of parameters, and the step's place was chosen too, so this errs towards calling it a step."""
    borders, left = [0, *cuts, len(level)], set(cuts)
    found: set[int] = set()
    while True:
        worst = max(((_gain(level, *place), place[1]) for place in _places(borders)), default=(0.0, 0))
        if worst[0] < gain:
            return found & left
        found.add(worst[1])
        borders.remove(worst[1])


def _places(borders: Sequence[int]) -> list[tuple[int, int, int]]:
    return list(zip(borders, borders[1:-1], borders[2:], strict=False))


def _gain(level: Array, start: int, cut: int, end: int) -> float:
    # Without the wildest values: one spike at an end would bend the line.
    around = level[start:end]
    step = np.where(np.arange(start, end) < cut, np.median(level[start:cut]), np.median(level[cut:end]))
    at = np.arange(end - start, dtype=np.float64)
    line = _line(at, around)
    limit = 4 * float(np.median(np.abs(around - step))) + 1e-12
    return len(around) / 2 * float(np.log(_squares(around - step, limit) / _squares(around - line, limit)))


def _line(at: Array, values: Array) -> Array:
    slope, intercept = np.polyfit(at, values, 1)
    line: Array = intercept + slope * at
    return line


def _squares(rest: Array, limit: float) -> float:
    return float((np.clip(rest, -limit, limit) ** 2).sum()) + 1e-12
