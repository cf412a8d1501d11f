"""The parser itself: how the file is written, then its events one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.kernel_log import journal, stamped, syslog
from diagnostics.parsers.kernel_log.boot_dates import boot_times, first_year, telling
from diagnostics.parsers.kernel_log.dates import Calendar
from diagnostics.parsers.kernel_log.dmesg_json import DmesgJson
from diagnostics.parsers.kernel_log.forms import LOOKED_AT, Form, form_of, is_kernel_log
from diagnostics.parsers.kernel_log.hosts import Hosts
from diagnostics.parsers.kernel_log.reading import Understanding
from diagnostics.parsers.kernel_log.stamped import BootTimes, Reader
from diagnostics.parsers.kernel_log.text import COLOUR, TextLines
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import NS_PER_SECOND, Event, HostFacts, Lines, Parsed, ParseError

PARSER = "kernel-log/1"
SINCE_BOOT = (Form.RAW, Form.MONOTONIC, Form.DELTA, Form.KMSG, Form.DMESG_JSON)
BLOCKS = {
    Form.JOURNAL_PRETTY: journal.pretty_entries,
    Form.JOURNAL_EXPORT: journal.export_entries,
    Form.JOURNAL_VERBOSE: journal.verbose_entries,
}
# In these a line without a stamp may be a message: a kernel begins to write stamps when it is told to.
BARE_LINES = (Form.RAW, Form.CTIME, Form.ISO, Form.RELATIVE, Form.DELTA, Form.BARE)
CALENDAR_DMESG = (Form.CTIME, Form.ISO, Form.RELATIVE)
LONGEST_PRETTY_LINE = 32_768
HEADER_FIELD = re.compile(r"(Boot ID|Head Realtime Timestamp|Tail Realtime Timestamp): (.*)")
IN_HEX = re.compile(r"\(([0-9a-f]{10,16})\)$")
MOST_BOOT_IDS = 20
DATED_WITHIN = 50_000  # lines: a kernel reads its clock in the first seconds, and a ring buffer holds one boot


def parse(source: Source, hints: Hints) -> Reading:
    """Read a kernel log of any form, one event a message. Raises ``ParseError`` for what is none."""
    head = [COLOUR.sub("", line) for line in islice(source.lines(), LOOKED_AT)]
    form = form_of(head)
    if form is Form.JOURNAL_HEADER:
        return _journal_header(source)
    if form is Form.BARE and not is_kernel_log(head):
        raise ParseError("No line of it has a kernel's or a system log's stamp", "line 1", "not_a_kernel_log")
    return (yield from KernelLog(source, hints, form).reading())


class KernelLog:
    """One file of a known form."""

    def __init__(self, source: Source, hints: Hints, form: Form) -> None:
        self.source = source
        self.hints = hints
        self.form = form
        self.tally = Tally()
        self.hosts = Hosts()
        self.journal = journal.Journal(self.hosts, self.tally)
        self.text = TextLines((), self.tally, has_bare=form in BARE_LINES, has_tags=form is Form.KMSG)
        self.understanding = Understanding()
        self.dated = self._dated()

    def reading(self) -> Reading:
        boots = BootTimes(self.dated)
        yield from self.understanding.records(self._events(boots))
        if self.understanding.first_time is None:
            raise ParseError("No line of it could be read as a kernel's message", "line 1", "not_a_kernel_log")
        return self._parsed()

    def _dated(self) -> list[tuple[int, int]]:
        """Boot times by first line: what the upload said, else what the file says."""
        if self.form not in SINCE_BOOT:
            return []
        if self.hints.boot_time is not None:
            return [(1, self.hints.boot_time)]
        if self.form is Form.DMESG_JSON:
            return boot_times(_of_json(DmesgJson(BootTimes(), (), Tally()), self.source))
        reader = self._reader(BootTimes())
        found = (reader.read(line, number) for number, line in telling(islice(self.source.lines(), DATED_WITHIN)))
        return boot_times(event for event in found if event)

    def _events(self, boots: BootTimes) -> Iterator[Event]:
        if self.form is Form.DMESG_JSON:
            return _of_json(DmesgJson(boots, self._readers(boots), self.tally), self.source)
        if self.form is Form.JOURNAL:
            return self.journal.lines(self.source.lines())
        if self.form in BLOCKS:
            return self.journal.blocks(BLOCKS[self.form](self.source.lines(), self.tally))
        self.text.readers = self._readers(boots)
        return self.text.events(self.source.lines())

    def _readers(self, boots: BootTimes) -> Sequence[Reader]:
        """The reader of the file's form, then those of forms that are found in the same files."""
        if self.form is Form.BARE:
            return ()
        calendar = self._calendar()
        first = self._reader(boots, calendar)
        others: list[Reader] = [stamped.CtimeReader(calendar), stamped.IsoReader(calendar)]
        if self.form is not Form.MONOTONIC:
            others.append(stamped.RawReader(boots))
        return (first, *others)

    def _reader(self, boots: BootTimes, calendar: Calendar | None = None) -> Reader:
        calendar, hosts = calendar or Calendar(self.hints.zone, 0), self.hosts
        readers: dict[Form, Reader] = {
            Form.KMSG: stamped.KmsgReader(boots),
            Form.RAW: stamped.RawReader(boots),
            Form.CTIME: stamped.CtimeReader(calendar),
            Form.ISO: stamped.IsoReader(calendar),
            Form.RELATIVE: stamped.RelativeReader(calendar),
            Form.DELTA: stamped.DeltaReader(boots),
            Form.RFC5424: syslog.Rfc5424Reader(calendar, hosts),
            Form.SYSLOG_ISO: syslog.IsoReader(calendar, hosts),
            Form.YEARLESS: syslog.YearlessReader(calendar, hosts),
            Form.UNIX: syslog.UnixReader(calendar, hosts),
            Form.MONOTONIC: syslog.MonotonicReader(boots, hosts),
            Form.DMESG_JSON: stamped.RawReader(boots),
        }
        return readers[self.form]

    def _calendar(self) -> Calendar:
        year = self.hints.year
        if year is None and self.form in (Form.YEARLESS, Form.RELATIVE):
            year = first_year(self.source.lines(), self.hints.received_at)
        return Calendar(self.hints.zone, year or 0)

    def _parsed(self) -> Parsed:
        """``stops`` counts suspends and restored snapshots, after each of which seconds since boot lag behind."""
        boot_time, precision = self._boot_time()
        boot_ids = [*self.journal.boot_ids, *self.text.boot_ids]
        seen = self.understanding.boots
        facts: dict[str, Any] = {
            "format": self.form.name.lower().replace("_", "-"),
            "kernel": seen.kernel,
            "host": self.hosts.name,
            "clock": self._clock(),
            "boots": max(seen.count, len(self.journal.boot_ids), self.text.reboots + 1),
            "boot_id": boot_ids[-1] if boot_ids else "",
            "boot_ids": boot_ids[-MOST_BOOT_IDS:] if len(boot_ids) > 1 else None,
            "undated_boots": seen.count - len(self.dated) if self.dated and seen.count > len(self.dated) else None,
            "stops": seen.stops or None,
            "boot_time": boot_time,
            "boot_time_precision_ns": precision if boot_time is not None else None,
        }
        return Parsed(
            parser=PARSER,
            host=self._host(facts["boot_id"], boot_time),
            lines=self.tally.lines(),
            facts={key: value for key, value in facts.items() if value not in ("", None)} | self.tally.facts(),
        )

    def _boot_time(self) -> tuple[int | None, int]:
        """When the last boot began, as the file tells, and how exactly."""
        if self.form in SINCE_BOOT:
            return (self.dated[-1][1] if self.dated and self.hints.boot_time is None else None), NS_PER_SECOND
        if self.form in CALENDAR_DMESG:
            return self.understanding.boots.began, self.understanding.boots.precision
        is_journal = self.form is Form.JOURNAL or self.form in BLOCKS
        return self.hosts.boot_time, 1_000 if is_journal else NS_PER_SECOND

    def _clock(self) -> str:
        if self.form is Form.BARE:
            return "none"
        return "boot" if self.form in SINCE_BOOT and not self.dated else "wall"

    def _host(self, boot_id: str, boot_time: int | None) -> HostFacts | None:
        """The upload knows better than a log that may have been written before the host had its name."""
        name = self.hints.host or self.hosts.name
        if not name:
            return None
        return HostFacts(name, dashed(boot_id), self.hints.boot_time if boot_time is None else boot_time)


def dashed(boot_id: str) -> str:
    """As ``/proc/sys/kernel/random/boot_id`` has it, and so the agent; the journal writes the bare digits."""
    if len(boot_id) != 32:
        return boot_id
    return "-".join((boot_id[:8], boot_id[8:12], boot_id[12:16], boot_id[16:20], boot_id[20:]))


def _of_json(reader: DmesgJson, source: Source) -> Iterator[Event]:
    first = next((line for line in source.lines() if line.strip(" {[")), "")
    if len(first) > LONGEST_PRETTY_LINE or first.count('"msg"') > 1:
        return reader.document(source.read())
    return reader.events(source.lines())


def _journal_header(source: Source) -> Parsed:
    """``journalctl --header``: which boots and which time the journal's files hold; no messages."""
    tally = Tally()
    boot_ids: dict[str, None] = {}
    times: list[int] = []
    for number, line in enumerate(source.lines(), 1):
        tally.total = number
        if found := HEADER_FIELD.match(line):
            if found[1] == "Boot ID":
                boot_ids[found[2].strip()] = None
            elif in_hex := IN_HEX.search(found[2]):
                times.append(int(in_hex[1], 16) * 1_000)
    facts: dict[str, Any] = {"format": "journal-header", "clock": "wall", "boots": len(boot_ids)}
    facts |= {"boot_id": next(reversed(boot_ids))} if boot_ids else {}
    facts |= {"journal_from": min(times), "journal_to": max(times)} if times else {}
    return Parsed(parser=PARSER, lines=Lines(tally.total, tally.total), facts=facts)
