"""One launch against the launches before it: a first rule, cautious enough for hundreds of phases at once.

Durations are taken as logarithms. A phase is flagged if it lies outside its prediction interval, which is the median of
its history ± t · spread · √(1 + 1/n), and beyond both floors. The choices, measured in docs/statistics.md:

- Spread is the standard deviation, but at most 1.5 times what the MAD suggests (1.4826 · MAD with the small-sample
  factors of Croux & Rousseeuw, 1992), so that one odd launch in the history does not hide the next. A MAD of 0 among
  differing values (times read from a coarse clock) limits nothing.
- Spread is at least 1 %: less is luck in a short history, not something a person could act on.
- t is Student's quantile with n − 2 degrees of freedom, which is what that spread is worth, for a chance of 5 % to flag
  anything in a launch while nothing changed: half of it for the total, half shared by the phases long enough to pass
  the floors (Bonferroni).
- From 8 such phases on they lend each other certainty: the spread is at least their median spread, with four more
  degrees of freedom.
- From 20 such phases on, what all phases of a launch have in common (a busy machine) is taken out of the history. The
  judged launch's own common factor only widens the interval: slower together is one flag on the total, not one on each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from diagnostics.records import Flag, Floors, Sample, Verdict

CHANCE = 0.05
LEAST_SPREAD = 0.01
ODD = 1.5
OFTENER = 0.01
POOL = 8
POOL_FREEDOM = 4
CHORUS = 20
_CROUX = np.array([1, 1, 1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107])

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Past:
    """Histories of several phases, one row each, in ns. NaN: that launch lacks the phase; ``runs`` counts the rest."""

    values: _Floats
    runs: NDArray[np.int64]
    expected: _Floats
    actual: _Floats


def judge(launch: Sample, history: Sequence[Sample], floors: Floors, least: int = 5) -> Sequence[Flag]:
    """Flags of a launch against ``history`` (order does not matter): the total first, then the largest change.

    Phases, and the total, that fewer than ``least`` (itself at least 3) launches of the history have are not judged,
    nor are phases that the launch lacks. ``Flag.low`` and ``high`` are in ns, ``expected`` is the median.
    """
    least = max(least, 3)
    if len(history) < least:
        return []
    totals = _past([sample.total for sample in history], np.array([[launch.total]]))
    flags = list(_flags([None], totals, _interval(totals, floors, CHANCE / 2), floors))
    paths, phases = _history(launch, history, least)
    if paths:
        worth = int((phases.expected >= floors.duration).sum())
        share = CHANCE / 2 / max(worth, 1)
        flags += sorted(
            _flags(paths, phases, _interval(phases, floors, share), floors),
            key=lambda flag: (-abs(flag.actual - flag.expected), flag.phase or ""),
        )
    return flags


def opens_regression(flags_of_newest: Sequence[bool], needed: int = 3, of: int = 5) -> bool:
    """Were ``needed`` of the newest ``of`` launches (newest first) beyond their interval for the worse?"""
    return sum(flags_of_newest[:of]) >= needed


def comes_oftener(before: Sequence[int], since: Sequence[int], middle: float) -> bool:
    """Do durations (ns) beyond ``middle`` come oftener since than before, or is it a mode that was seen already?

    Fisher's exact test, one-sided. A cache that misses half of the time makes three slow launches in a row, too.
    """
    slow = sum(one >= middle for one in since)
    known = slow + sum(one >= middle for one in before)
    count, all_of_them = len(since), len(before) + len(since)
    ways = sum(math.comb(known, k) * math.comb(all_of_them - known, count - k) for k in range(slow, count + 1))
    return ways <= OFTENER * math.comb(all_of_them, count)


def _history(launch: Sample, history: Sequence[Sample], least: int) -> tuple[list[str], _Past]:
    paths = list(launch.durations)
    values = np.array([[sample.durations.get(path, np.nan) for sample in history] for path in paths], dtype=float)
    values = values.reshape(len(paths), len(history))
    enough = (~np.isnan(values)).sum(axis=1) >= least
    kept = [path for path, judged in zip(paths, enough, strict=True) if judged]
    return kept, _past(values[enough], np.array([[launch.durations[path]] for path in kept], dtype=float))


def _past(values: Any, actual: NDArray[Any]) -> _Past:
    rows = np.atleast_2d(np.asarray(values, dtype=float))
    runs = (~np.isnan(rows)).sum(axis=1)
    return _Past(rows, runs, _median(rows, runs), actual.reshape(-1).astype(float))


def _median(rows: _Floats, runs: NDArray[np.int64]) -> _Floats:
    # Sorting puts NaN last; numpy's own nanmedian takes many times longer on short rows.
    ordered = np.sort(rows, axis=1)
    low, high = ((runs - 1) // 2)[:, None], (runs // 2)[:, None]
    middle = (np.take_along_axis(ordered, low, axis=1) + np.take_along_axis(ordered, high, axis=1)) / 2
    return np.asarray(middle[:, 0], dtype=np.float64)


def _interval(past: _Past, floors: Floors, chance: float) -> tuple[_Floats, _Floats]:
    """The prediction interval in ns. A thousandth of the floor is added before taking logarithms: then 0 ns has one,
    and differences far too small for a flag do not count as large."""
    offset = max(floors.duration / 1000, 1.0)
    logs, actual = np.log(past.values + offset), np.log(past.actual + offset)
    centre = _median(logs, past.runs)
    worth = past.expected >= floors.duration
    common = 0.0
    if int(worth.sum()) >= CHORUS:
        moods = (logs - centre[:, None]).T
        logs = logs - _median(moods, (~np.isnan(moods)).sum(axis=1))
        centre = _median(logs, past.runs)
        common = float(np.median(actual - centre))
    spread = _spread(logs, centre, past.runs)
    freedom = past.runs - 2
    if int(worth.sum()) >= POOL:
        spread = np.maximum(spread, np.median(spread[worth]))
        freedom = freedom + POOL_FREEDOM
    reach = stdtrit(freedom, 1 - chance / 2) * spread * np.sqrt(1 + 1 / past.runs)
    low, high = centre + min(common, 0) - reach, centre + max(common, 0) + reach
    # A history of nearly nothing but noise reaches beyond what a float can hold: that far, anything is expected.
    return np.maximum(np.exp(low) - offset, 0), np.exp(np.minimum(high, 43)) - offset


def _spread(logs: _Floats, centre: _Floats, runs: NDArray[np.int64]) -> _Floats:
    away = np.abs(logs - centre[:, None])
    factor = np.where(runs < len(_CROUX), _CROUX[np.minimum(runs, len(_CROUX) - 1)], runs / (runs - 0.8))
    robust = 1.4826 * factor * _median(away, runs)
    spread = np.nanstd(logs, axis=1, ddof=1)
    spread = np.where(robust > 0, np.minimum(spread, ODD * robust), spread)
    return np.asarray(np.maximum(spread, LEAST_SPREAD), dtype=np.float64)


def _flags(
    phases: Sequence[str | None], past: _Past, interval: tuple[_Floats, _Floats], floors: Floors
) -> Iterator[Flag]:
    low, high = interval
    change = past.actual - past.expected
    far = (np.abs(change) > floors.duration) & (np.abs(change) > floors.ratio * past.expected)
    for row in np.flatnonzero(far & ((past.actual < low) | (past.actual > high))).tolist():
        yield Flag(
            phase=phases[row],
            actual=int(past.actual[row]),
            expected=int(past.expected[row]),
            low=round(float(low[row])),
            high=round(float(high[row])),
            runs=int(past.runs[row]),
            verdict=Verdict.REGRESSED if change[row] > 0 else Verdict.IMPROVED,
        )
