"""Rows of sections, from text to series: they wait for more of their section and are then converted at once.

What is no table is read by its words, and what is not even that, line by line, by the report.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import groupby
from operator import itemgetter

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.sar import series
from diagnostics.parsers.sar.blocks import before_last_sample
from diagnostics.parsers.sar.calendar import Timeline, Wall
from diagnostics.parsers.sar.days import Days
from diagnostics.parsers.sar.plan import Pending, Plan
from diagnostics.parsers.sar.tables import Table, read_table
from diagnostics.parsers.sar.words import read_words
from diagnostics.records import Event, SampleSeries

PENDING = 65_536  # characters of a section's rows that wait for more of them, to be converted at once …
FEW = 64  # … and as many parts, so that series come in long pieces
ALL_PENDING = 32 * PENDING
SMALL = 4_096  # characters of rows that are read one by one when they are no table
ROWS = 20_000  # rows read one by one that wait


class Sections(ABC):
    """The rows that wait, and what has been made of others, which waits in ``out``."""

    def __init__(self, hints: Hints) -> None:
        self.out: list[Event | SampleSeries] = []
        self.intervals = series.Intervals()
        self.rows = series.Rows()
        self.without_ticks = 0
        self.days = Days(Wall(hints.zone))
        self.plans: dict[str, Plan] = {}  # by header, its stamp cut off
        self.open_line = 0
        self._plan: Plan | None = None
        self._width = 0  # of a stamp
        self._waiting = 0

    def take(self) -> list[Event | SampleSeries]:
        taken, self.out = self.out, []
        return taken

    def finish(self) -> None:
        for plan in list(self.plans.values()):
            self._convert(plan)
        self.out += self.rows.drain()

    def _rows(self, plan: Plan, rows: str, line: int, last: int) -> None:
        if plan.has_words or plan.timeline is None:
            self._lines(rows, line)
            return
        if self.open_line and line + rows.count("\n") == self.open_line:
            if last:
                self._rows(plan, rows[: last - 1], line, rows.rfind("\n", 0, last - 1) + 1)
            self._convert(plan)
            self._lines(rows[last:], self.open_line)
            return
        plan.pending.append((line, rows, plan.timeline))
        plan.pending_size += len(rows)
        plan.last_text = rows[last : last + self._width]
        self._waiting += len(rows)
        if self._is_enough(plan, rows):
            self._convert(plan)
        elif self._waiting > ALL_PENDING:
            self.finish()

    def _is_enough(self, plan: Plan, rows: str) -> bool:
        # Another header among the rows, in a report without blank lines, has to be read in its turn.
        if "%" in rows or "/" in rows:
            return True
        return plan.pending_size > PENDING and (len(plan.pending) >= FEW or len(rows) > PENDING)

    def _convert(self, plan: Plan) -> None:
        """The rows of a section that wait: as one table, as several, or line by line."""
        if not plan.pending:
            return
        pending, plan.pending = plan.pending, []
        self._waiting -= plan.pending_size
        plan.pending_size = 0
        table = read_table(plan, "\n".join(rows for _, rows, _ in pending))
        parts = _on_timelines(pending, table) if table else None
        if table and parts:
            self._add(plan, table, parts)
        else:
            self._in_parts(plan, pending)

    def _in_parts(self, plan: Plan, pending: list[Pending]) -> None:
        current = self._plan, plan.timeline, plan.last_text
        for line, rows, timeline in pending:
            self._plan, plan.timeline = plan, timeline
            self._part(plan, rows, line)
        # Of a report without blank lines, the last header among the rows holds from here on.
        if self._plan is plan or current[0] is not plan:
            self._plan, plan.timeline, plan.last_text = current

    def _part(self, plan: Plan, rows: str, line: int) -> None:
        """Narrows down to the few samples that are no table, so that the others are read at once."""
        if self._plan is plan and (self._table(plan, rows) or self._words(plan, rows)):
            return
        first, second = before_last_sample(rows[: rows.rfind("\n", 0, len(rows) // 2) + 1].rstrip("\n"))
        if self._plan is not plan or len(rows) < SMALL or not second:
            self._lines(rows, line)
            return
        self._part(plan, first, line)
        self._part(plan, rows[len(first) + 1 :], line + first.count("\n") + 1)

    def _table(self, plan: Plan, rows: str) -> bool:
        table = read_table(plan, rows)
        if table is None or plan.timeline is None:
            return False
        self._add(plan, table, [(plan.timeline, len(table.seconds))])
        return True

    def _words(self, plan: Plan, rows: str) -> bool:
        found = read_words(plan, rows)
        if found is None or plan.timeline is None:
            return False
        times = self.days.place(plan.timeline, found[0])
        self.intervals.note(plan, times)
        for time, key, values in zip(times, *found[1:], strict=True):
            self.rows.add(plan, time, key, values)
        if self.rows.count >= ROWS:
            self.out += self.rows.drain()
        return True

    def _add(self, plan: Plan, table: Table, parts: list[tuple[Timeline, int]]) -> None:
        """The series of a table; ``parts`` are how many of its samples are on which timeline."""
        self.out += self.rows.drain()
        times: list[int] = []
        for timeline, count in parts:
            times += self.days.place(timeline, table.seconds[len(times) : len(times) + count])
        self.intervals.note(plan, times)
        found, without = series.of_table(plan, table, times)
        self.out += found
        self.without_ticks += without

    @abstractmethod
    def _lines(self, text: str, line: int) -> None:
        """Read lines one by one; ``line`` is the number of the first."""


def _on_timelines(pending: list[Pending], table: Table) -> list[tuple[Timeline, int]] | None:
    """How many samples of the table are on which timeline, if each has whole ones."""
    if pending[0][2] is pending[-1][2]:
        return [(pending[0][2], len(table.seconds))]
    keys = len(table.keys)
    parts = []
    for timeline, of in groupby(pending, key=itemgetter(2)):
        samples, rest = divmod(sum(rows.count("\n") + 1 for _, rows, _ in of), keys)
        if rest:
            return None
        parts.append((timeline, samples))
    return parts
