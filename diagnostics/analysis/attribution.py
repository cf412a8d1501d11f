"""What each phase adds to the change of the time to ready, and how sure that is.

A phase's part is the difference of its median times on the critical path (0 in launches without it), so a phase that
appeared, vanished, or grew beside the path has its due; ``unaccounted`` carries the rest: waiting, and what medians
that do not add up leave. The parts sum to the change of the total, exactly. Intervals: the 95 % percentiles over
launches drawn anew (seeded, each launch with all of its phases, so that what moves together stays together).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnostics.analysis.integer_median import censored_median
from diagnostics.records import Sample

# With fewer launches on a side, drawing them anew says nothing of how they vary.
LEAST_LAUNCHES = 4
_SEED = 20_261_123
_MOST_DRAWS, _LEAST_DRAWS, _WORK = 1_000, 100, 800_000
_ENDS = (0.025, 0.975)
# Of very long paths only the largest parts get an interval; of very large groups, launches spread evenly over them.
MOST_PATHS, MOST_LAUNCHES = 500, 100

Times = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """Signed ns of the total's change; the bounds are ``None`` with too few launches. ``on_path``: is the phase on the
    critical path of half of the launches of a side?"""

    change: int
    low: int | None = None
    high: int | None = None
    on_path: bool = True


@dataclass(frozen=True, slots=True)
class Attribution:
    """``phases``: those that any launch has on its critical path. All parts sum to ``total``."""

    total: int
    phases: Mapping[str, Part]
    unaccounted: Part


def attribute(baseline: Sequence[Sample], candidate: Sequence[Sample]) -> Attribution:
    """Split the change of the median total between two groups of at least one launch each."""
    paths = list(dict.fromkeys(p for s in (*baseline, *candidate) for p, own in s.critical_times.items() if own))
    before, after = (_matrix(paths, ended(side)) for side in (baseline, candidate))
    usual = [_medians(side) for side in (before, after)]
    changes = (usual[1] - usual[0])[:-1]
    total = total_of(candidate) - total_of(baseline)
    rest = total - int(changes.sum())
    usually = (np.maximum(*usual) > 0).tolist()
    told = zip(paths, changes.tolist(), usually, strict=False)  # the last row of ``usually`` is the total's
    parts = {path: Part(change, on_path=is_usual) for path, change, is_usual in told}
    if min(len(baseline), len(candidate)) < LEAST_LAUNCHES:
        return Attribution(total, parts, Part(rest))
    largest = np.argsort(-np.abs(changes), kind="stable")[:MOST_PATHS]
    kept = np.append(largest, len(paths))
    low, high = (ends.tolist() for ends in _intervals(before[kept], after[kept]))
    for row, place in enumerate(largest.tolist()):
        parts[paths[place]] = _bounded(parts[paths[place]], low[row], high[row])
    whole = len(largest) == len(paths)
    return Attribution(total, parts, _bounded(Part(rest), low[-1], high[-1]) if whole else Part(rest))


def total_of(side: Sequence[Sample]) -> int:
    """The median total of a side; launches that never got ready count as longer than they were seen."""
    return censored_median([one.total for one in side], [one.censored for one in side])


def ended(side: Sequence[Sample]) -> Sequence[Sample]:
    """The launches that got ready, which alone have a path to ready; all, if none did."""
    return [one for one in side if not one.censored] or side


def _bounded(part: Part, low: float, high: float) -> Part:
    return replace(part, low=min(part.change, int(low)), high=max(part.change, int(high)))


def _matrix(paths: Sequence[str], side: Sequence[Sample]) -> Times:
    """Rows of what each path owns of the launches' critical paths and, last, of their totals."""
    columns = [[*(one.critical_times.get(path, 0) for path in paths), one.total] for one in side]
    return np.ascontiguousarray(np.array(columns, dtype=np.int64).T)


def _medians(values: Times) -> Times:
    """Rounded down, as ``integer_median``'s."""
    ordered = np.sort(values, axis=1)
    low, high = ordered[:, (values.shape[1] - 1) // 2], ordered[:, values.shape[1] // 2]
    return np.asarray(low + (high - low) // 2)


def _intervals(before: Times, after: Times) -> tuple[Floats, Floats]:
    """Bounds of each row's part and, last, of what they leave of the total's."""
    before, after = _thinned(before), _thinned(after)
    draws = int(np.clip(_WORK // (len(before) * (before.shape[1] + after.shape[1])), _LEAST_DRAWS, _MOST_DRAWS))
    draw = np.random.default_rng(_SEED)
    moved = _drawn_medians(after, draws, draw) - _drawn_medians(before, draws, draw)
    moved[:, -1] -= moved[:, :-1].sum(axis=1)
    ends = [round(share * (draws - 1)) for share in _ENDS]
    moved.partition(ends, axis=0)
    return np.floor(moved[ends[0]]), np.ceil(moved[ends[1]])


def _thinned(values: Times) -> Times:
    launches = values.shape[1]
    if launches <= MOST_LAUNCHES:
        return values
    return values[:, np.arange(MOST_LAUNCHES) * launches // MOST_LAUNCHES]


def _drawn_medians(values: Times, draws: int, draw: np.random.Generator) -> Floats:
    """(draws, rows): the medians of launches drawn anew. Sorted once, a draw only counts how often each came."""
    rows, launches = values.shape
    times = draw.multinomial(launches, np.full(launches, 1 / launches), size=draws).astype(np.uint8)
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    reached = np.cumsum(times[:, order], axis=2, dtype=np.uint8)
    low = (reached < (launches + 1) // 2).sum(axis=2)
    high = (reached < launches // 2 + 1).sum(axis=2)
    row = np.arange(rows)
    return np.asarray((ordered[row, low] + ordered[row, high]) / 2)
