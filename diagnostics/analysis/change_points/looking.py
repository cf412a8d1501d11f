"""One look at series side by side: did the level change since the last change, and where?

It asks how much better two levels tell the values than one, by a likelihood ratio of values cut off at three spreads,
quick to see a large change, and by one of normal scores, which no outlier fools.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc

from diagnostics.analysis.change_points.drift import line_gain
from diagnostics.analysis.change_points.levels import MAD, Array
from diagnostics.analysis.change_points.modes import without_modes
from diagnostics.analysis.change_points.settings import Settings
from diagnostics.analysis.change_points.splits import central, untied

_LEAST_SQUARE = 0.8
_LEAST_SPREAD = 0.003
_FEWEST_SUSPECT = 2
_BEYOND = 1.0  # spreads
_LOOKED_AT = 10  # about as many independent places as a look has: calibrated on unchanged series


@dataclass(frozen=True, slots=True)
class Seen:
    """The level changed by ``change`` (a logarithm) with the value at index ``cut``; ``ratio`` is the log likelihood
    ratio. Unless ``confirmed`` it is a suspicion."""

    cut: int
    change: float
    ratio: float
    confirmed: bool

    @property
    def p(self) -> float:
        """The chance of so clear a change in one look at an unchanged series, roughly."""
        return min(1.0, _LOOKED_AT * float(erfc(math.sqrt(self.ratio))))


def look(level: Array, since: NDArray[np.intp], settings: Settings) -> list[Seen | None]:
    """What is seen in each row of ``level`` (series, values; oldest first), of which the last ``since`` are those since
    the last confirmed change."""
    count = level.shape[1]
    level, ratio = _clearest(level, since, settings)
    confirmable = ratio[:, : count - settings.fresh]
    found: list[Seen | None] = [None] * len(level)
    for row in np.flatnonzero(ratio.max(axis=1) >= settings.suspected).tolist():
        start = count - int(since[row])
        at = _confirmed(level[row, start:], confirmable[row], settings)
        at = _sharpened(level[row], start, at, settings) if at else 0
        if at > count - settings.fresh or (at and _grows(level[row, start:], at - start, settings)):
            at = 0  # one of those that confirmed it is of the old level, or of one to come: wait for another
        curve, cut = (confirmable[row], at) if at else (ratio[row], int(ratio[row].argmax()) + 1)
        if not at and line_gain(level[row, start:], cut - start) >= settings.drift:
            continue  # a slow drift, not a step that may come
        change = float(np.median(level[row, cut:]) - np.median(level[row, start:cut]))
        found[row] = Seen(cut, change, float(curve.max()), at > 0)
    return found


def _clearest(level: Array, since: NDArray[np.intp], settings: Settings) -> tuple[Array, Array]:
    """The values and their ratios; of two modes, whichever shows more: the values as they are, or without modes."""
    ratio = _ratios(level, since, settings)
    calm, bimodal = without_modes(level)
    if len(bimodal):
        calmer = _ratios(calm, since[bimodal], settings)
        clearer = calmer.max(axis=1) > ratio[bimodal].max(axis=1)
        level, rows = level.copy(), bimodal[clearer]
        level[rows], ratio[rows] = calm[clearer], calmer[clearer]
    return level, ratio


def _confirmed(level: Array, ratio: Array, settings: Settings) -> int:
    """Where the new level starts, as an index of the window; 0 as long as this is no confirmed change.

    It is not if its place is still open (an alarm tells it once) or if a straight line since the last change, which
    are the values of ``level``, fits better.
    """
    if ratio.max() < settings.alarm:
        return 0
    place, sure = central(ratio, settings.margin)
    if sure < settings.placed:
        return 0
    before = len(ratio) + settings.fresh - len(level)
    return place + 1 if line_gain(level, place + 1 - before) < settings.sloping else 0


def _sharpened(level: Array, start: int, cut: int, settings: Settings) -> int:
    """Of a step that noise does not reach across, each value says itself on which side it lies. Cut off at ``clip``, a
    high one of the old level looks much like the new: it would be named as the launch, and the version, that did it."""
    old, new = np.median(level[start:cut]), np.median(level[cut:])
    spread = _spread(level[start:cut] - old).item()
    if abs(new - old) < 2 * settings.clip * spread:
        return cut
    is_new = np.abs(level - new) < np.abs(level - old)
    for _ in range(settings.margin):
        if cut + 1 < len(level) and not is_new[cut]:
            cut += 1
        elif cut - 1 > start and is_new[cut - 1]:
            cut -= 1
    return cut


def _grows(level: Array, cut: int, settings: Settings) -> bool:
    """Whether the newest value lies so far beyond a new level of some time ago that it may be the first of the real
    step: a mood of some runs before it, told at once, would be named in its stead."""
    if len(level) - cut <= settings.margin + 1:
        return False
    old, new = np.median(level[:cut]), np.median(level[cut:-1])
    spread = _spread(level[:cut] - old).item()
    return bool((level[-1] - new) * np.sign(new - old) > _BEYOND * spread)


def _ratios(level: Array, since: NDArray[np.intp], settings: Settings) -> Array:
    """Log likelihood ratio (series, places) of a change after each place, 0 where it may not be."""
    count = level.shape[1]
    old = level[:, : count - settings.fresh]
    away = level - np.median(old, axis=1, keepdims=True)
    spread = _spread(away[:, : count - settings.fresh])
    cut = np.clip(away / spread, -settings.clip, settings.clip)
    ranked = _scores(away)
    place = np.arange(count)[None, :]
    start = (count - since)[:, None]
    own, left = place >= start, (place + 1 - start).astype(float)
    allowed = (left >= settings.settled) & (count - 1 - place >= _FEWEST_SUSPECT)
    return np.maximum(*(_ratio(values, own, left, allowed) for values in (cut, ranked)))


def _spread(away: Array) -> Array:
    """Of values ``away`` from their level, along the last axis, which stays."""
    return np.maximum(MAD * np.median(np.abs(away), axis=-1, keepdims=True), _LEAST_SPREAD)


def _scores(values: Array) -> Array:
    """Normal scores along the rows; equal values share the mean of the first and the last of theirs."""
    count = values.shape[1]
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    rises = ordered[:, 1:] > ordered[:, :-1]
    place = np.broadcast_to(np.arange(count), values.shape)
    first, last = place.copy(), place.copy()
    first[:, 1:][~rises] = 0
    last[:, :-1][~rises] = count - 1
    table = untied(count)
    shared = table[np.maximum.accumulate(first, axis=1)]
    shared += table[np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]]
    scored = np.empty_like(values)
    np.put_along_axis(scored, order, shared / 2, axis=1)
    return scored


def _ratio(values: Array, own: NDArray[np.bool_], left: Array, allowed: NDArray[np.bool_]) -> Array:
    """``own`` marks the runs since the last change; those before it show the spread alone."""
    count = values.shape[1]
    since = own.sum(axis=1, keepdims=True)
    ours = np.where(own, values, 0.0)
    total = ours.sum(axis=1, keepdims=True)
    before = (values - ours).sum(axis=1, keepdims=True) / np.maximum(count - since, 1)
    squares = ((values - np.where(own, total / since, before)) ** 2).sum(axis=1, keepdims=True)
    # Values that hardly differ vary less than their spread, which has a least: one spike among them is no step.
    squares = np.maximum(squares, _LEAST_SQUARE * count)
    parts = np.where(allowed, left * (since - left), 1.0)
    between = np.where(allowed, (np.cumsum(ours, axis=1) - left * total / since) ** 2 * since / parts, 0.0)
    result: Array = -(count - 2) / 2 * np.log(np.maximum(1 - between / squares, 1e-9))
    return result
