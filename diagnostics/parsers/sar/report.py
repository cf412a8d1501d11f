"""Reading a report section by section: which section a row belongs to, and what the lines between sections say."""

from __future__ import annotations

import re
from datetime import UTC

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Tally
from diagnostics.parsers.sar.blocks import Block
from diagnostics.parsers.sar.calendar import Wall
from diagnostics.parsers.sar.heading import AVERAGES, EXTREMES, SUMMARIES, Calendar, Heading, label_of, read_heading
from diagnostics.parsers.sar.plan import Plan, plan_of
from diagnostics.parsers.sar.sections import ROWS, Sections
from diagnostics.parsers.sar.stamps import Stamp, read_stamp
from diagnostics.parsers.source import Source
from diagnostics.parsers.sysstat_headers import is_header
from diagnostics.records import NS_PER_SECOND, Event

_CPUS = re.compile(r"\((\d+) CPU\)")


class Report(Sections):
    """The state of reading."""

    def __init__(self, source: Source, hints: Hints) -> None:
        super().__init__(hints)
        self.tally = Tally()
        self.headings: list[Heading] = []
        self.averages = 0
        self.restarts: list[int] = []
        self.comments: dict[tuple[int, str], None] = {}
        self.first_stamp: Stamp | None = None
        self.calendar = Calendar(source, hints)

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
