"""The history of a total or a phase as people look at it: where its level changed, sort by sort of launches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from diagnostics.analysis.change_points.offline import look_back
from diagnostics.analysis.change_points.perfherder import perfherder_alerts
from diagnostics.analysis.launch_runs import Circumstances, runs
from diagnostics.records import Floors

ENOUGH_RUNS = 20  # from which on the run is the unit
REPEATED = 0.8  # fewer runs than this share of the launches: they are worth a unit of their own
NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One successful launch: ``sort`` is what it may be held against, ``duration`` is in ns."""

    launch: str
    sort: tuple[str, str]
    duration: int
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class LevelChange:
    """``launch`` is the first of the new level (of a drift: of its stretch); ``before`` and ``after`` are ns. ``kind``
    is step or drift; ``low``, ``high`` and ``p`` are ``None`` where the method has none."""

    launch: str
    time: int
    sort: tuple[str, str]
    before: int
    after: int
    ratio: float
    low: float | None
    high: float | None
    p: float | None
    kind: str = "step"


@dataclass(frozen=True, slots=True)
class Level:
    """Between two changes launches of one sort took ``duration`` ns, the median; from ``start`` to ``end`` (ns)."""

    start: int
    end: int
    duration: int


@dataclass(frozen=True, slots=True)
class History:
    changes: Sequence[LevelChange]
    levels: Sequence[Level]


def look_over(measured: Sequence[Measured], floors: Floors, method: str = "own") -> History:
    """Changes beyond the floors, in order of time, and the levels between them. Needs 8 units of a sort."""
    changes: list[LevelChange] = []
    levels: list[Level] = []
    for sort in sorted({one.sort for one in measured}):
        ours = sorted((one for one in measured if one.sort == sort), key=lambda one: one.circumstances.start_time)
        units = _units(ours, method)
        found = _alerts(units) if method == "perfherder" else _changes(units, floors)
        changes += found
        levels += _levels(ours, [one.time for one in found if one.kind == "step"])
    return History(sorted(changes, key=lambda one: one.time), levels)


def _units(ours: Sequence[Measured], method: str) -> list[list[Measured]]:
    """The launches by run where there are enough of them, else each by itself; Perfherder always has its runs."""
    (names,) = runs([one.circumstances for one in ours])
    by_run: dict[str, list[Measured]] = {}
    for one, name in zip(ours, names, strict=True):
        by_run.setdefault(name, []).append(one)
    many = ENOUGH_RUNS <= len(by_run) < REPEATED * len(ours)
    told = method == "perfherder" and len(by_run) >= ENOUGH_RUNS
    return list(by_run.values()) if many or told else [[one] for one in ours]


def _changes(units: Sequence[Sequence[Measured]], floors: Floors) -> list[LevelChange]:
    points, drifts = look_back([[one.duration / NS_PER_MS for one in unit] for unit in units])
    found = []
    for start, point, end in _between([point.index for point in points], len(units)):
        known = next(one for one in points if one.index == point)
        before, after = _middle(units[start:point]), _middle(units[point:end])
        first = units[point][0]
        found.append(_change(first, before, after, (known.ratio, known.low, known.high, known.p)))
    for drift in drifts:
        third = max(1, (drift.last + 1 - drift.first) // 3)
        before = _middle(units[drift.first : drift.first + third])
        after = _middle(units[drift.last + 1 - third : drift.last + 1])
        found.append(_change(units[drift.first][0], before, after, (drift.ratio, None, None, drift.p), "drift"))
    return [one for one in found if _worth(one, floors)]


def _alerts(units: Sequence[Sequence[Measured]]) -> list[LevelChange]:
    points = perfherder_alerts([[one.duration / NS_PER_MS for one in unit] for unit in units])
    found = []
    for start, point, end in _between(points, len(units)):
        before, after = _middle(units[start:point]), _middle(units[point:end])
        found.append(_change(units[point][0], before, after, (after / max(before, 1), None, None, None)))
    return found


def _change(
    first: Measured,
    before: int,
    after: int,
    told: tuple[float, float | None, float | None, float | None],
    kind: str = "step",
) -> LevelChange:
    return LevelChange(first.launch, first.circumstances.start_time, first.sort, before, after, *told, kind)


def _worth(one: LevelChange, floors: Floors) -> bool:
    moved = abs(one.after - one.before)
    return moved > floors.duration and moved > floors.ratio * one.before


def _between(points: Sequence[int], count: int) -> list[tuple[int, int, int]]:
    borders = [0, *points, count]
    return list(zip(borders, borders[1:-1], borders[2:], strict=False))


def _middle(units: Sequence[Sequence[Measured]]) -> int:
    return round(median(median(one.duration for one in unit) for unit in units))


def _levels(ours: Sequence[Measured], steps: Sequence[int]) -> list[Level]:
    borders = [ours[0].circumstances.start_time, *steps, ours[-1].circumstances.start_time + 1] if ours else []
    levels = []
    for start, end in pairwise(borders):
        took = [one.duration for one in ours if start <= one.circumstances.start_time < end]
        if took and steps:
            levels.append(Level(start, end, round(median(took))))
    return levels
