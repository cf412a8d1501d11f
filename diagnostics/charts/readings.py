"""Readings of a host as steps: each stands for the interval that it ends, and where none was taken there is a gap."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median_low

from diagnostics.records import Interval, SampleSeries

# A reading that comes later than this many usual intervals after the one before it says nothing about the rest.
LATE = 1.75

Column = Sequence[SampleSeries]  # summed, as user and nice time are
Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One reading of every column over ``start``..``end`` (ns); ``readings`` is among how many it was picked."""

    start: int
    end: int
    values: Values
    readings: int = 1


@dataclass(frozen=True, slots=True)
class Stepped:
    """Steps in time order, and the usual time (ns) between two readings, 0 when there is but one."""

    steps: Sequence[Step]
    interval: int


def stepped(columns: Sequence[Column], window: Interval, interval: int = 0) -> Stepped:
    """The readings of ``columns`` that say something about ``window``; ``interval`` (ns) for a lone reading."""
    rows = _rows(columns, window)
    times = sorted(rows)
    gaps = [after - before for before, after in pairwise(times)]
    usual = median_low(gaps) if gaps else interval
    steps = []
    for index, time in enumerate(times):
        before = times[index - 1] if index else None
        start = before if before is not None and time - before <= LATE * usual else time - usual
        if start < window.end and time > window.start:
            steps.append(Step(start, time, rows[time]))
    return Stepped(steps, usual)


def _rows(columns: Sequence[Column], window: Interval) -> dict[int, Values]:
    """Values by time, around the window only: a day of readings is not walked through for a minute of launch."""
    summed: list[dict[int, float]] = []
    for column in columns:
        sums: dict[int, float] = {}
        for series in column:
            # Three readings on either side tell the usual interval where the window holds none.
            first = max(0, bisect_left(series.times, window.start) - 3)
            last = bisect_right(series.times, window.end) + 3
            for time, value in zip(series.times[first:last], series.values[first:last], strict=True):
                sums[time] = sums.get(time, 0.0) + value
        summed.append(sums)
    return {time: tuple(sums.get(time) for sums in summed) for sums in summed for time in sums}


def runs(steps: Sequence[Step], pixel: float = 0) -> Iterator[list[Step]]:
    """Stretches without a gap; one narrower than ``pixel`` (ns) cannot be seen and does not part them."""
    run: list[Step] = []
    for step in steps:
        if run and step.start - run[-1].end > pixel:
            yield run
            run = []
        run.append(step)
    if run:
        yield run


def thinned(steps: Sequence[Step], most: int, pixel: float = 0) -> list[Step]:
    """About ``most`` steps that keep the least and the greatest value of every column in every stretch of time.

    What is kept are readings as they were taken; each is drawn until the next kept one of its run begins.
    """
    if len(steps) <= most:
        return list(steps)
    columns = len(steps[0].values)
    size = -(-len(steps) // max(1, most // (2 * columns)))
    kept = []
    for run in runs(steps, pixel):
        for first in range(0, len(run), size):
            kept += _extremes(run[first : first + size])
    return kept


def _extremes(group: Sequence[Step]) -> list[Step]:
    chosen: set[int] = set()
    for column in range(len(group[0].values)):
        known = [(value, index) for index, step in enumerate(group) if (value := step.values[column]) is not None]
        if known:
            chosen |= {min(known)[1], max(known)[1]}
    picked = sorted(chosen) or [0]
    # The first begins with the group and each ends where the next begins, so that nothing looks like a gap.
    starts = [group[0].start, *(group[index].start for index in picked[1:])]
    ends = [*starts[1:], group[-1].end]
    return [
        replace(group[index], start=start, end=end, readings=len(group))
        for index, start, end in zip(picked, starts, ends, strict=True)
    ]
