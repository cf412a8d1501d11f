"""The newest launch of a sort has come: which of its series have changed their level, and since which launch?

The total is tested on its own. Phases share the launch's mood, so what they have in common in a unit is taken out first
(from 20 phases on), and false discovery is controlled over them. Where launches are the unit, a change must be larger
than what their runs differ by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from diagnostics.analysis.change_points.levels import Array
from diagnostics.analysis.change_points.looking import Seen, look
from diagnostics.analysis.change_points.online import weights
from diagnostics.analysis.change_points.perfherder import perfherder_alerts
from diagnostics.analysis.change_points.settings import DEFAULT, Settings
from diagnostics.analysis.change_points.watched import LEAST_DURATION, TOTAL, Kept, Watched
from diagnostics.analysis.false_discovery import false_discovery

CHORUS = 20  # phases from which on they show the mood of a launch
FALSE_DISCOVERY = 0.05
MOOD = 0.001  # the chance that runs differ as much by themselves, beyond which a change of launches is no news
FAR = 3.0
_PRIOR_FREEDOM, _PRIOR_SHARE = 4, 0.25  # of the variance within runs: real cold starts have 11 % (median) to 40 % (p90)
_FEWEST_RUNS = 3
_MIDDLE = 2

# Of each series, when its confirmed changes began (ns) and by how much its logarithm moved.
Changes = Mapping[int, Sequence[tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class Changed:
    """A series took ``before`` ns until ``first``, the first launch of the new level, and ``after`` ns since; ``low``
    and ``high`` bound the ratio at 95 %. ``change`` is that of the logarithm without the mood of the launches."""

    series: int
    first: Kept
    before: int
    after: int
    low: float
    high: float
    p: float
    change: float
    units: tuple[int, int]
    slow: tuple[int, ...]
    confirmed: bool
    by_run: bool

    @property
    def ratio(self) -> float:
        return self.after / max(self.before, 1)


@dataclass(frozen=True, slots=True)
class Judged:
    """``short``: series whose history is too short for change points; ``far``: those whose newest run lies much
    farther out than any before, which nobody should wait for."""

    changed: Sequence[Changed]
    short: frozenset[int]
    far: frozenset[int]
    known: frozenset[int]


def judge(watched: Watched, present: Iterable[int], changes: Changes, method: str = "own") -> Judged:
    """Look at the series of the newest launch; ``present`` are those that it has."""
    firsts, levels = watched.units()
    asked = set(present)
    rows = np.array([row for row, series in enumerate(watched.series) if series in asked], dtype=np.intp)
    here = ~np.isnan(levels[:, :, _MIDDLE])
    known = here.sum(axis=1)
    # With as many before it, the other rule still looks at the launch: nobody falls between the two.
    short = frozenset(watched.series[row] for row in rows.tolist() if known[row] <= DEFAULT.start)
    if not len(rows):
        return Judged([], short, frozenset(), frozenset())
    starts = np.array([one.start for one in firsts])
    shifted, since = _centred(watched.series, levels, starts, changes)
    if method == "perfherder":
        seen = _alerted(watched, rows, firsts, here)
    else:
        seen = _seen(watched, rows, _calm(shifted, watched.series), here, since)
    found = [_described(watched, row, one, firsts, shifted, here, since) for row, one in seen]
    far = _far_out(watched, rows, shifted, here) if watched.by_run else frozenset()
    return Judged(found, short, far, frozenset(watched.series))


def _centred(
    series: Sequence[int], levels: Array, starts: NDArray[np.int64], changes: Changes
) -> tuple[Array, NDArray[np.int64]]:
    """Levels with what came before a confirmed change moved to the new level; and when the newest change began."""
    since = np.zeros(len(series), dtype=np.int64)
    moved = levels
    for row, one in enumerate(series):
        for start, change in changes.get(one, ()):
            if moved is levels:
                moved = levels.copy()
            moved[row, starts < start] += change
            since[row] = max(since[row], start)
    return moved, since


def _calm(levels: Array, series: Sequence[int]) -> Array:
    """Phases without what they have in common in each unit; the total stays as it is."""
    middle = levels[:, :, _MIDDLE]
    steady = np.array([one != TOTAL for one in series]) & ((~np.isnan(middle)).sum(axis=1) >= DEFAULT.settled)
    if steady.sum() < CHORUS:
        return levels
    away = middle[steady] - _medians(middle[steady])[:, None]
    enough = (~np.isnan(away)).sum(axis=0) >= CHORUS
    mood = np.zeros(levels.shape[1])
    mood[enough] = _medians(away[:, enough].T)
    calm = levels - mood[None, :, None]
    total = [row for row, one in enumerate(series) if one == TOTAL]
    calm[total] = levels[total]
    return calm


def _medians(rows: Array) -> Array:
    """Of each row, what is missing left out: numpy's own takes many times longer."""
    ordered = np.sort(rows, axis=1)  # NaN last
    count = np.maximum((~np.isnan(rows)).sum(axis=1), 1)[:, None]
    low = np.take_along_axis(ordered, (count - 1) // 2, axis=1)
    found: Array = ((low + np.take_along_axis(ordered, count // 2, axis=1)) / 2)[:, 0]
    return found


def _seen(
    watched: Watched, rows: NDArray[np.intp], levels: Array, here: NDArray[np.bool_], since: NDArray[np.int64]
) -> list[tuple[int, Seen]]:
    """What is seen in each row, ``cut`` as an index of all units."""
    starts = np.array([one.start for one in watched.units()[0]])
    known = here[rows].sum(axis=1)
    found: list[tuple[int, Seen]] = []
    looked: list[int] = []
    for count in np.unique(known[known >= DEFAULT.start]).tolist():
        same = rows[known == count]
        present = here[same]
        window = levels[same][present].reshape(len(same), count, -1)
        flat = window[:, :, _MIDDLE] if not watched.by_run else np.einsum("rnq,rq->rn", window, weights(window))
        own = (present & (starts[None, :] >= since[same][:, None])).sum(axis=1)
        looked += same.tolist()
        for row, one in zip(same.tolist(), look(flat, np.maximum(own, 1), DEFAULT), strict=True):
            if one is not None:
                found.append((row, replace(one, cut=int(np.flatnonzero(here[row])[one.cut]))))
    return _controlled(watched, found, looked)


def _controlled(watched: Watched, found: Sequence[tuple[int, Seen]], looked: Sequence[int]) -> list[tuple[int, Seen]]:
    """The total as it is; of the phases looked at, only those that stand the control of false discovery confirmed."""
    phases = [row for row in looked if watched.series[row] != TOTAL]
    p = dict.fromkeys(phases, 1.0) | {row: one.p for row, one in found if row in set(phases)}
    q = dict(zip(phases, false_discovery(np.array([p[row] for row in phases])).tolist(), strict=True))
    return [(row, replace(one, confirmed=one.confirmed and q.get(row, 0.0) <= FALSE_DISCOVERY)) for row, one in found]


def _described(
    watched: Watched,
    row: int,
    seen: Seen,
    firsts: Sequence[Kept],
    levels: Array,
    here: NDArray[np.bool_],
    since: NDArray[np.int64],
) -> Changed:
    starts = np.array([one.start for one in firsts])
    own = here[row] & (starts >= since[row])
    place = np.arange(len(firsts))
    middle = levels[row, :, _MIDDLE]
    old, new = np.flatnonzero(own & (place < seen.cut)), np.flatnonzero(own & (place >= seen.cut))
    before, after = middle[old], middle[new]
    low, high = _interval(before, after)
    holds = watched.by_run or _beyond_moods(
        before, after, [firsts[at].run for at in old.tolist()], [firsts[at].run for at in new.tolist()]
    )
    return Changed(
        series=watched.series[row],
        first=firsts[int(seen.cut)],
        before=_duration(before),
        after=_duration(after),
        low=low,
        high=high,
        p=seen.p,
        change=seen.change,
        units=(len(old), len(new)),
        slow=tuple(int(one) for one in starts[new]),
        confirmed=seen.confirmed and holds,
        by_run=watched.by_run,
    )


def _duration(logs: Array) -> int:
    return max(0, round(math.exp(float(np.median(logs))) - LEAST_DURATION))


def _interval(before: Array, after: Array) -> tuple[float, float]:
    change, freedom = float(after.mean() - before.mean()), max(len(before) + len(after) - 2, 1)
    squares = ((before - before.mean()) ** 2).sum() + ((after - after.mean()) ** 2).sum()
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(squares / freedom * (1 / len(before) + 1 / len(after)))
    return math.exp(min(change - half, 700)), math.exp(min(change + half, 700))


def _beyond_moods(before: Array, after: Array, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether runs that differ as usual would hardly differ so much. With fewer than three before, nobody can tell: the
    launches are believed. The variance between runs leans on what is usual: few runs know little of it."""
    sides = [_by_run(before, old), _by_run(after, new)]
    if len(sides[0]) < _FEWEST_RUNS or (old[-1] == new[0] and len(sides[1]) == 1):
        return True
    rest = np.concatenate([run - run.mean() for side in sides for run in side])
    counts = [len(side) for side in sides]
    freedom = len(rest) - sum(counts)
    if freedom < _FEWEST_RUNS:
        return True  # runs of one launch each: they are what was tested
    within = float((rest**2).sum()) / freedom
    means = [np.array([run.mean() for run in side]) for side in sides]
    squares = sum(float(((side - side.mean()) ** 2).sum()) for side in means)
    own = sum(counts) - 2
    luck = within * float(np.mean([1 / len(run) for side in sides for run in side]))
    between = (_PRIOR_FREEDOM * _PRIOR_SHARE * within + own * max(squares / own - luck, 0)) / (_PRIOR_FREEDOM + own)
    error = between * sum(1 / count for count in counts) + within * (1 / len(before) + 1 / len(after))
    t = abs(float(after.mean() - before.mean())) / math.sqrt(max(error, 1e-12))
    return 2 * (1 - float(stdtr(_PRIOR_FREEDOM + own, t))) <= MOOD


def _by_run(values: Array, runs: Sequence[str]) -> list[Array]:
    names = np.array(runs)
    return [values[names == name] for name in dict.fromkeys(runs)]


def _far_out(watched: Watched, rows: NDArray[np.intp], levels: Array, here: NDArray[np.bool_]) -> frozenset[int]:
    found = set()
    for row in rows.tolist():
        middle = levels[row, here[row], _MIDDLE]
        old = middle[:-1]
        if len(old) and middle[-1] > np.median(old) + FAR * (old.max() - np.median(old)):
            found.add(watched.series[row])
    return frozenset(found)


def _alerted(
    watched: Watched,
    rows: NDArray[np.intp],
    firsts: Sequence[Kept],
    here: NDArray[np.bool_],
    settings: Settings = DEFAULT,
) -> list[tuple[int, Seen]]:
    """Perfherder's alerts: a run is what its values are grouped by, and there is nothing suspected."""
    by_run = len({one.run for one in firsts}) >= DEFAULT.start
    names = [one.run if by_run else one.launch for one in firsts]
    starts = list(dict.fromkeys(names))
    found = []
    for row in rows.tolist():
        runs: list[list[float]] = [[] for _ in starts]
        for place in range(len(watched.launches)):
            if here[row, place]:
                runs[starts.index(names[place])].append(math.exp(float(watched.raw[row, place])) - LEAST_DURATION)
        for at in perfherder_alerts(runs):
            cut = names.index(starts[at])
            middle = np.log([value for run in runs[:at][-12:] for value in run] or [1.0])
            after = np.log([value for run in runs[at:][:12] for value in run])
            change = float(np.median(after) - np.median(middle))
            found.append((row, Seen(cut, change, settings.alarm, True)))
    return found
