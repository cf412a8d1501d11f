"""Converted rows as series: one for each column and key, pieces of a long file's series one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, pairwise

import numpy as np

from diagnostics.parsers.sar.plan import Plan
from diagnostics.parsers.sar.tables import Table
from diagnostics.records import NS_PER_SECOND, SampleSeries


@dataclass(slots=True)
class Intervals:
    """How far apart samples are, by the first section that has any."""

    plan: Plan | None = None
    last: int | None = None
    counts: Counter[int] = field(default_factory=Counter)

    def note(self, plan: Plan, times: list[int]) -> None:
        if self.plan is None:
            self.plan = plan
        if plan is not self.plan:
            return
        known = times if self.last is None else [self.last, *times]
        self.counts.update((b - a) // NS_PER_SECOND for a, b in pairwise(known) if b > a)
        self.last = times[-1]

    def typical(self) -> int | None:
        """The median, in seconds."""
        if not self.counts:
            return None
        ordered = sorted(self.counts.elements())
        return ordered[len(ordered) // 2]


def of_table(plan: Plan, table: Table, times: list[int]) -> tuple[list[SampleSeries], int]:
    """The series of a table, whose samples are at ``times`` (ns), and how many rows counted no tick."""
    samples, keys = len(times), len(table.keys)
    cube = table.values.reshape(samples, keys, -1)
    if (ascending := sorted(times)) != times:  # a clock that was set back
        cube, times = cube[np.argsort(times, kind="stable")], ascending
    columns = np.ascontiguousarray(cube.transpose(1, 2, 0)).tolist()
    idle = (cube == 0).all(axis=2) if plan.counts_ticks else None
    if idle is None or not idle.any():
        named = [(column.metric, column.suffix) for _, column in plan.columns]
        return [
            SampleSeries(metric, key + suffix, times, values)
            for key, of_key in zip(table.keys, columns, strict=True)
            for (metric, suffix), values in zip(named, of_key, strict=True)
        ], 0
    series: list[SampleSeries] = []
    for place, (key, of_key) in enumerate(zip(table.keys, columns, strict=True)):
        kept = (~idle[:, place]).tolist()
        left = list(compress(times, kept))
        for (_, column), values in zip(plan.columns, of_key, strict=True) if left else ():
            series.append(SampleSeries(column.metric, key + column.suffix, left, list(compress(values, kept))))
    return series, int(idle.sum())


class Rows:
    """Rows read one by one, kept by key until there are enough of them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str], tuple[Plan, list[int], list[Sequence[float]]]] = {}
        self.count = 0
        self.without_ticks = 0

    def add(self, plan: Plan, time: int, key: str, values: Sequence[float]) -> None:
        if plan.counts_ticks and not any(values):
            self.without_ticks += 1
            return
        kept = self._kept.setdefault((id(plan), key), (plan, [], []))
        kept[1].append(time)
        kept[2].append(values)
        self.count += 1

    def drain(self) -> Iterator[SampleSeries]:
        for (_, key), (plan, times, rows) in self._kept.items():
            order = sorted(range(len(times)), key=times.__getitem__)  # a clock that was set back
            times = [times[place] for place in order]
            for (_, column), values in zip(plan.columns, zip(*rows, strict=True), strict=True):
                yield SampleSeries(column.metric, key + column.suffix, times, [values[place] for place in order])
        self._kept.clear()
        self.count = 0
