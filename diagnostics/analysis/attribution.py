"""What each phase adds to the change of the time to ready, and how sure that is.

A phase's part is the difference of its median times on the critical path (0 in launches without it), so a phase that
appeared, vanished, or grew beside the path has its due; ``unaccounted`` carries the rest: waiting, and what medians
that do not add up leave. The parts sum to the change of the total, exactly. Intervals: the 95 % percentiles over
launches drawn anew (seeded, each launch with all of its phases, so that what moves together stays together).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.analysis.integer_median import censored_median, median
from diagnostics.records import Sample

# With fewer launches on a side, drawing them anew says nothing of how they vary.
LEAST_LAUNCHES = 4
_SEED = 20_261_123
_MOST_DRAWS, _LEAST_DRAWS, _WORK = 1_000, 200, 2_000_000
_ENDS = (0.025, 0.975)
# Of very long paths only the largest parts get an interval; of very large groups, launches spread evenly over them.
MOST_PATHS, MOST_LAUNCHES = 500, 100


@dataclass(frozen=True, slots=True)
class Part:
    """Signed ns of the total's change; the bounds are ``None`` with too few launches."""

    change: int
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """``phases``: those that any launch has on its critical path. All parts sum to ``total``."""

    total: int
    phases: Mapping[str, Part]
    unaccounted: Part


def attribute(baseline: Sequence[Sample], candidate: Sequence[Sample]) -> Attribution:
    """Split the change of the median total between two groups of at least one launch each."""
    paths = list(dict.fromkeys(p for s in (*baseline, *candidate) for p, own in s.critical_times.items() if own))
    changes = _changes(paths, baseline, candidate)
    total = total_of(candidate) - total_of(baseline)
    rest = total - sum(changes)
    if min(len(baseline), len(candidate)) < LEAST_LAUNCHES:
        return Attribution(total, {p: Part(c) for p, c in zip(paths, changes, strict=True)}, Part(rest))
    largest = sorted(range(len(paths)), key=lambda place: -abs(changes[place]))[:MOST_PATHS]
    low, high = _intervals([paths[place] for place in largest], baseline, candidate)
    parts = {path: Part(change) for path, change in zip(paths, changes, strict=True)}
    for row, place in enumerate(largest):
        parts[paths[place]] = _bounded(changes[place], low[row], high[row])
    whole = len(largest) == len(paths)
    return Attribution(total, parts, _bounded(rest, low[-1], high[-1]) if whole else Part(rest))


def total_of(side: Sequence[Sample]) -> int:
    """The median total of a side; launches that never got ready count as longer than they were seen."""
    return censored_median([one.total for one in side], [one.censored for one in side])


def ended(side: Sequence[Sample]) -> Sequence[Sample]:
    """The launches that got ready, which alone have a path to ready; all, if none did."""
    return [one for one in side if not one.censored] or side


def _bounded(change: int, low: float, high: float) -> Part:
    return Part(change, min(change, int(low)), max(change, int(high)))


def _changes(paths: Sequence[str], baseline: Sequence[Sample], candidate: Sequence[Sample]) -> list[int]:
    before, after = ended(baseline), ended(candidate)
    return [
        median(one.critical_times.get(path, 0) for one in after)
        - median(one.critical_times.get(path, 0) for one in before)
        for path in paths
    ]


def _intervals(
    paths: Sequence[str], baseline: Sequence[Sample], candidate: Sequence[Sample]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of each path's part and, last, of the rest."""
    before, after = (_matrix(paths, _thinned(ended(side))) for side in (baseline, candidate))
    draws = int(np.clip(_WORK // (len(before) * (before.shape[1] + after.shape[1])), _LEAST_DRAWS, _MOST_DRAWS))
    draw = np.random.default_rng(_SEED)
    moved = _drawn_medians(after, draws, draw) - _drawn_medians(before, draws, draw)
    moved[:, -1] -= moved[:, :-1].sum(axis=1)
    moved.sort(axis=0)
    ends = [round(share * (draws - 1)) for share in _ENDS]
    return np.floor(moved[ends[0]]), np.ceil(moved[ends[1]])


def _thinned(side: Sequence[Sample]) -> Sequence[Sample]:
    if len(side) <= MOST_LAUNCHES:
        return side
    return [side[place * len(side) // MOST_LAUNCHES] for place in range(MOST_LAUNCHES)]


def _matrix(paths: Sequence[str], side: Sequence[Sample]) -> NDArray[np.float64]:
    rows = [[one.critical_times.get(path, 0) for one in side] for path in paths]
    return np.array([*rows, [one.total for one in side]], dtype=np.float64)


def _drawn_medians(values: NDArray[np.float64], draws: int, draw: np.random.Generator) -> NDArray[np.float64]:
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
