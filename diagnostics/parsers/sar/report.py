"""Reading a report section by section: which section a row belongs to, and what the lines between sections say."""

from __future__ import annotations

import re
from datetime import UTC
from itertools import groupby
from operator import itemgetter

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Tally
from diagnostics.parsers.sar import series
from diagnostics.parsers.sar.blocks import Block, before_last_sample
from diagnostics.parsers.sar.calendar import Timeline, Wall
from diagnostics.parsers.sar.days import Days
from diagnostics.parsers.sar.heading import AVERAGES, EXTREMES, SUMMARIES, Calendar, Heading, label_of, read_heading
from diagnostics.parsers.sar.plan import Pending, Plan, plan_of
from diagnostics.parsers.sar.stamps import Stamp, read_stamp
from diagnostics.parsers.sar.tables import Table, read_table
from diagnostics.parsers.sar.words import read_words
from diagnostics.parsers.source import Source
from diagnostics.parsers.sysstat_headers import is_header
from diagnostics.records import NS_PER_SECOND, Event, SampleSeries

PENDING = 65_536  # characters of a section's rows that wait for more of them, to be converted at once …
FEW = 64  # … and as many parts, so that series come in long pieces
ALL_PENDING = 32 * PENDING
SMALL = 4_096  # characters of rows that are read one by one when they are no table
ROWS = 20_000  # rows read one by one that wait
_CPUS = re.compile(r"\((\d+) CPU\)")


class Report:
    """The state of reading. What has been read waits in ``out``."""

    def __init__(self, source: Source, hints: Hints) -> None:
        self.out: list[Event | SampleSeries] = []
        self.tally = Tally()
        self.headings: list[Heading] = []
        self.averages = 0
        self.restarts: list[int] = []
        self.comments: dict[tuple[int, str], None] = {}
        self.first_stamp: Stamp | None = None
        self.intervals = series.Intervals()
        self.rows = series.Rows()
        self.without_ticks = 0
        self.calendar = Calendar(source, hints)
        self.days = Days(Wall(hints.zone))
        self.plans: dict[str, Plan] = {}  # by header, its stamp cut off
        self._plan: Plan | None = None
        self._width = 0  # of a stamp
        self._waiting = 0
        self.open_line = 0

    def take(self) -> list[Event | SampleSeries]:
        taken, self.out = self.out, []
        return taken

    def block(self, block: Block) -> None:
        """One section, or lines between sections."""
        line, text, is_rest = block
        if is_rest and self._plan:
            self._section(self._plan, text, line)
            return
        first, _, rest = text.partition("\n")
        plan = self._header(first)
        if plan is None:
            self._lines(text, line)
        elif rest:
            self._section(plan, rest, line + 1)

    def finish(self) -> None:
        for plan in list(self.plans.values()):
            self._convert(plan)
        self.out += self.rows.drain()

    # Rows

    def _section(self, plan: Plan, text: str, line: int) -> None:
        last = text.rfind("\n") + 1
        if text[last].isdigit():
            self._rows(plan, text, line, last)
            return
        end = _end_of_rows(text)
        if end:
            self._rows(plan, text[:end], line, text.rfind("\n", 0, end) + 1)
        self._after_rows(text, end, line)

    def _after_rows(self, text: str, end: int, line: int) -> None:
        after = text[end + 1 :] if end else text
        label = label_of(after)
        if label in AVERAGES and f"\n{after}".count(f"\n{label}") == after.count("\n") + 1:
            self.averages += after.count("\n") + 1
        else:
            self._lines(after, line + text[:end].count("\n") + bool(end))

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

    # Lines

    def _lines(self, text: str, line: int) -> None:
        for number, one in enumerate(text.split("\n"), line):
            if one.strip() and not self._line(one, number):
                self.tally.skip(number, one)

    def _line(self, text: str, number: int) -> bool:
        """Whether the line is understood."""
        if text.startswith("Linux ") and (heading := read_heading(text)):
            return self._heading(heading)
        stamp = read_stamp(text)
        if stamp is None:
            return self._label(text)
        rest = text[stamp.end :].strip()
        if rest.startswith("LINUX RESTART"):
            self._restart(stamp, rest, number)
        elif rest == "COM" or rest.startswith("COM "):
            self._comment(stamp, rest[4:], number)
        elif (number == self.open_line and self._is_cut(rest)) or not self._row(stamp, rest, text[: stamp.end]):
            return self._header(text) is not None or self._unknown(rest)
        return True

    def _unknown(self, rest: str) -> bool:
        # Rows below a header that nobody knows are of no section, least of all of the one above.
        if not any(word[0].isdigit() for word in rest.split()):
            self._plan = None
        return False

    def _heading(self, heading: Heading) -> bool:
        day = self.calendar.read(heading.date)
        if day is None:
            return False
        self.headings.append(heading)
        self.days.open(day.toordinal())
        self._plan = None
        for plan in self.plans.values():
            plan.timeline, plan.last_text = None, ""
        return True

    def _header(self, text: str) -> Plan | None:
        """The plan of a header line, which is now the current one; ``None`` for any other line."""
        plan = self.plans.get(text[self._width :].rstrip()) if self._width else None
        if plan is None or plan.timeline is None or plan.last_text != text[: self._width]:
            stamp = read_stamp(text)
            if stamp is None:
                return None
            plan = plan or self._new_plan(text[stamp.end :].rstrip(), stamp)
            if plan is None:
                return None
            self._begin(plan, stamp)
        for other in list(self.plans.values()) if plan.has_siblings else ():
            if other.activity is plan.activity and other is not plan:
                self._convert(other)
        self._plan = plan
        return plan

    def _new_plan(self, header: str, stamp: Stamp) -> Plan | None:
        names = header.split()
        if not is_header(names):
            return None
        known = next((plan for plan in self.plans.values() if plan.names == tuple(names)), None)
        if known and known.stamp_tokens == stamp.tokens:
            self.plans[header] = known
            return known
        plan = plan_of(header, stamp.tokens)
        for other in self.plans.values():
            if other.activity is plan.activity:
                other.has_siblings = plan.has_siblings = True
        self.plans[header] = plan
        self._width = stamp.end
        return plan

    def _begin(self, plan: Plan, stamp: Stamp) -> None:
        self._first(stamp)
        if not self.days.is_begin(stamp.seconds):
            self.finish()  # which tells what the latest instant is
        self.days.begin(plan, stamp.seconds)

    def _first(self, stamp: Stamp) -> None:
        if self.first_stamp is None:
            self.first_stamp = stamp
            if stamp.zone in ("UTC", "GMT"):
                self.days.wall = Wall(UTC)
        if self.days.now is None:
            self.days.open(self.calendar.assumed(stamp.seconds, self.days.wall).toordinal())

    def _row(self, stamp: Stamp, rest: str, written: str) -> bool:
        plan = self._plan
        row = plan.row(rest) if plan else None
        if plan is None or plan.timeline is None or row is None:
            return False
        timeline = plan.timeline
        self._convert(plan)
        (time,) = self.days.place(timeline, [stamp.seconds])
        self.intervals.note(plan, [time])
        plan.last_text, plan.decimals = written, _decimals(rest[rest.rfind(" ") + 1 :])
        self.rows.add(plan, time, *row)
        if self.rows.count >= ROWS:
            self.out += self.rows.drain()
        return True

    def _is_cut(self, rest: str) -> bool:
        """Whether the last line of the file may end in the midst of a number: it has fewer decimals than others."""
        plan = self._plan
        return plan is not None and _decimals(rest[rest.rfind(" ") + 1 :]) < max(plan.decimals, plan.decimals_of_tables)

    def _restart(self, stamp: Stamp, text: str, number: int) -> None:
        self.finish()
        self._first(stamp)
        time = self.days.restart(stamp.seconds)
        self._plan = None
        for plan in self.plans.values():
            plan.last_text = ""
        if time in self.restarts:
            return
        self.restarts.append(time)
        cpus = _CPUS.search(text)
        fields = {"cpu_count": int(cpus[1])} if cpus else {}
        self.out.append(_event(time, "LINUX RESTART", number, fields))

    def _comment(self, stamp: Stamp, text: str, number: int) -> None:
        self._first(stamp)
        if self._plan:
            self._convert(self._plan)
        key = (self.days.instant(stamp.seconds, self._plan), text.strip())
        if key not in self.comments:
            self.comments[key] = None
            self.out.append(_event(*key, number, {}))

    def _label(self, text: str) -> bool:
        """Averages, summaries and extremes are of no instant."""
        label = label_of(text)
        is_average = label in AVERAGES or label in SUMMARIES
        self.averages += is_average
        return is_average or label in EXTREMES


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


def _end_of_rows(text: str) -> int:
    """Where the last line that begins with a digit ends."""
    end = len(text)
    while end > 0:
        begin = text.rfind("\n", 0, end) + 1
        if text[begin : begin + 1].isdigit():
            return end
        end = begin - 1
    return 0


def _decimals(word: str) -> int:
    return len(word) - 1 - max(word.rfind("."), word.rfind(",")) if "." in word or "," in word else 0


def _event(time: int, text: str, line: int, fields: dict[str, int]) -> Event:
    return Event(time, text, "sar", line, precision=NS_PER_SECOND, fields=fields)
