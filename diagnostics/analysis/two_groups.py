"""Do two groups of launches differ, phase by phase? A moderated t on log durations, false discovery controlled.

The unit is the launch where each side is one run, else the run: its mean stands for it, and the spread of the runs
(of both sides, and of history where it is given) is the noise. How far runs far apart lie from each other is worse
than how far neighbours do, and heavy-tailed: see ``RUN_FREEDOM`` and ``RUN_STRETCH``. Within each stratum (start
class) the sides are compared with each other only, then the differences are combined by their information.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from diagnostics.analysis.false_discovery import false_discovery
from diagnostics.analysis.launch_factor import CHORUS, common_change, without_launch_factors
from diagnostics.analysis.measured_table import BASELINE, CANDIDATE, Floats, Table
from diagnostics.analysis.moderated_t import moderated

LEVEL = 0.05
# Levels that nobody touched wander between runs like Student's t with so few degrees of freedom, however many runs
# there are, by this factor more than neighbouring runs differ: 120 configurations over two years, 30 days apart.
RUN_FREEDOM = 2.3
RUN_STRETCH = 1.3


@dataclass(frozen=True, slots=True)
class Common:
    """What all phases changed by together, on the log scale, with the half-width of its 95 % interval."""

    change: float
    reach: float
    p: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Per row, NaN where the launches cannot tell; changes are log(candidate / baseline).

    ``change`` and ``reach`` (half-width of the 95 % interval) are net of ``common``. ``step`` is the half-width at the
    level that a flag would have needed here, several tests allowed for: the change that had an even chance to be seen.
    """

    change: Floats
    reach: Floats
    step: Floats
    q: Floats
    common: Common | None


@dataclass(frozen=True, slots=True)
class _Fit:
    """The difference of the sides, its standard error and degrees of freedom, per row."""

    change: Floats
    error: Floats
    freedom: Floats


def weigh(measured: Table, worth: NDArray[np.bool_]) -> Evidence:
    """Evidence per row. ``worth``: rows long enough to raise a flag. They are a family of their own, so that the rest
    do not make it harder for them; if ``CHORUS`` of them vote, only they tell the launches' common factor."""
    shared = measured.shared()
    voters = worth if int(worth.sum()) >= CHORUS else np.ones(len(worth), dtype=bool)
    steadied = without_launch_factors(shared, voters)
    runs = shared.has_runs
    units = steadied.table.by_run() if runs else steadied.table
    fit = _fit(units)
    common = common_change(np.where(voters, fit.change, np.nan), fit.error)
    net = fit.change - common
    error = fit.error * (_stretch(net, fit, voters) if runs else 1.0)
    freedom = np.minimum(fit.freedom, RUN_FREEDOM) if runs else fit.freedom
    net = np.where(_has_launches(shared), net, np.nan)
    q, needed = _rates(net, error, freedom, worth)
    return Evidence(
        change=np.where(np.isfinite(error), net, np.nan),
        reach=_quantile(freedom, 1 - LEVEL / 2) * error,
        step=_quantile(freedom, 1 - needed / 2) * error,
        q=q,
        common=_common(shared, steadied.factors, common) if int(voters.sum()) >= CHORUS else None,
    )


def _fit(units: Table) -> _Fit:
    """Cell means and the spread within cells; a cell is a stratum of a side."""
    squares, freedom = _within(units)
    change, information = _between(units)
    variance, whole = moderated(squares / np.where(freedom > 0, freedom, np.nan), freedom)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(variance / information)
    return _Fit(change, np.where(information > 0, error, np.nan), whole)


def _within(units: Table) -> tuple[Floats, Floats]:
    squares, freedom = np.zeros(len(units.logs)), np.zeros(len(units.logs))
    for columns in units.cells():
        counts, means = _moments(units.logs[:, columns])
        away = units.logs[:, columns] - means[:, None]
        squares += np.nansum(away * away, axis=1)
        freedom += np.maximum(counts - 1, 0)
    return squares, freedom


def _between(units: Table) -> tuple[Floats, Floats]:
    """The difference of the sides over all strata, and what it weighs: n·m / (n + m), summed."""
    total, information = np.zeros(len(units.logs)), np.zeros(len(units.logs))
    for stratum in np.unique(units.stratum):
        here = units.stratum == stratum
        before, after = (_moments(units.logs[:, here & (units.side == side)]) for side in (BASELINE, CANDIDATE))
        both = (before[0] > 0) & (after[0] > 0)
        weight = np.where(both, before[0] * after[0] / np.maximum(before[0] + after[0], 1), 0.0)
        total += np.where(both, weight * (after[1] - before[1]), 0.0)
        information += weight
    with np.errstate(divide="ignore", invalid="ignore"):
        return total / information, information


def _moments(logs: Floats) -> tuple[Floats, Floats]:
    has = ~np.isnan(logs)
    counts = has.sum(axis=1).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return counts, np.where(has, logs, 0.0).sum(axis=1) / counts


def _has_launches(shared: Table) -> NDArray[np.bool_]:
    """Has each side two launches with the phase?"""
    counts = [(~np.isnan(shared.logs[:, shared.side == side])).sum(axis=1) for side in (BASELINE, CANDIDATE)]
    return np.asarray(np.minimum(counts[0], counts[1]) > 1)


def _stretch(net: Floats, fit: _Fit, voters: NDArray[np.bool_]) -> float:
    """By how much the bulk of the phases lies farther apart between the sides than within them; never closer."""
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.abs(net) / fit.error
    told = voters & np.isfinite(away) & (fit.freedom > 0)
    if int(told.sum()) < CHORUS:
        return RUN_STRETCH
    return max(1.0, float(np.median(away[told] / _quantile(fit.freedom[told], 0.75))))


def _rates(change: Floats, error: Floats, freedom: Floats, worth: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The false discovery rate per row, and the level that one more flag would have needed, per row."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(freedom, -np.abs(change) / error)
    q, needed = np.full(len(p), np.nan), np.full(len(p), LEVEL)
    for family in (worth, ~worth):
        tested = family & np.isfinite(p) & (freedom > 0)
        if tested.any():
            q[tested] = false_discovery(p[tested])
            needed[family] = min(LEVEL * (int((q[tested] < LEVEL).sum()) + 1) / int(tested.sum()), LEVEL)
    return q, needed


def _common(shared: Table, factors: Floats, change: float) -> Common | None:
    """The common change against the spread of the launches' (or the runs') own factors."""
    moods = Table(factors[None, :], shared.side, shared.run, shared.stratum)
    units = moods.by_run() if shared.has_runs else moods
    squares, freedom = _within(units)
    information = _between(units)[1]
    if not (freedom[0] > 0 and information[0] > 0):
        return None
    error = float(np.sqrt(max(squares[0] / freedom[0], 1e-12) / information[0]))
    limited = np.array([min(freedom[0], RUN_FREEDOM) if shared.has_runs else freedom[0]])
    stretched = error * (RUN_STRETCH if shared.has_runs else 1.0)
    p = float(2 * stdtr(limited[0], -abs(change) / stretched))
    return Common(change, float(_quantile(limited, 1 - LEVEL / 2)[0]) * stretched, p)


def _quantile(freedom: Floats, chance: float | Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(stdtrit(np.where(freedom > 0, freedom, np.nan), chance), dtype=np.float64)
