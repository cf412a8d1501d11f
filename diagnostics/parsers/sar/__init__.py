"""``sar``: what sysstat's ``sar`` prints, versions 9 to 12, in any locale, live or from a file; its binary files too.

    Linux 6.18.44-fc-v595 (vm) 	11/23/26 	_x86_64_	(2 CPU)

    11:14:52        CPU     %user     %nice   %system   %iowait    %steal     %idle
    11:14:53        all     58.29      0.00     30.65      2.51      0.00      8.54
    Average:        all     34.92      0.58     53.01      0.94      0.06     10.49

    11:15:41     LINUX RESTART	(2 CPU)

Every row is samples (``sysstat_columns`` has their names), at its stamp, of the interval before it. Averages,
summaries, headers and rows of zeroes, for which no CPU counted a tick, are not. Restarts and comments are events.
Stamps are local time of ``hints.zone``, unless they say UTC.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Reading
from diagnostics.parsers.sadf_program import converted
from diagnostics.parsers.sar import foreign
from diagnostics.parsers.sar.binary import Convert, is_binary, parse_binary
from diagnostics.parsers.sar.blocks import Blocks, plain
from diagnostics.parsers.sar.heading import read_heading
from diagnostics.parsers.sar.report import Report
from diagnostics.parsers.sar.stamps import read_stamp
from diagnostics.parsers.source import Source
from diagnostics.parsers.sysstat_headers import is_header
from diagnostics.records import HostFacts, Parsed, ParseError

PARSER = "sar/1"
FIRST_LINES = 40


def recognise(head: bytes) -> bool:
    """A first line of sysstat's, or rows below a header of it; other systems' sar too, to be told so."""
    if is_binary(head):
        return True
    text = _first_text(head)
    lines = text.split("\n")[:FIRST_LINES]
    if foreign.is_other_system(text) or foreign.is_usage(text) or any(read_heading(line) for line in lines):
        return True
    return any(_is_header(line) and read_stamp(after) for line, after in pairwise(lines))


def parse(source: Source, hints: Hints, convert: Convert = converted) -> Reading:
    """Raises ``ParseError`` when no line of sar's is found, and for other programs' output.

    ``convert`` gives what a program reads in a binary file: the one thing here that is not pure.
    """
    head = source.head()
    return (yield from parse_binary(source, hints, convert) if is_binary(head) else _parse_text(source, hints, head))


def _parse_text(source: Source, hints: Hints, head: bytes) -> Reading:
    foreign.refuse(_first_text(head))
    report = Report(source, hints)
    blocks = Blocks(source)
    for block in blocks:
        report.open_line = blocks.open_line
        report.block(block)
        yield from report.take()
    report.finish()
    report.tally.total = blocks.lines
    yield from report.take()
    if not report.plans and not report.headings:
        raise ParseError(_nothing_found(report), "line 1", "not_sar")
    return _parsed(report, hints)


def _parsed(report: Report, hints: Hints) -> Parsed:
    heading = report.headings[0] if report.headings else None
    facts: dict[str, Any] = {"clock": "wall", "averages": report.averages}
    if heading:
        facts |= {"host": heading.host, "kernel": heading.release, "arch": heading.arch, "cpu_count": heading.cpus}
        facts["headings"] = len(report.headings)
    if report.first_stamp:
        facts["hours"] = 12 if report.first_stamp.is_12h else 24
    facts |= report.calendar.facts
    facts["interval_s"] = report.intervals.typical()
    facts["restarts"] = report.restarts
    facts["comments"] = [{"time": time, "text": text} for time, text in report.comments]
    if without := report.without_ticks + report.rows.without_ticks:
        facts["rows_without_ticks"] = without
    if report.days.steps:
        facts["clock_steps_back"] = report.days.steps
    name = heading.host if heading else hints.host
    return Parsed(
        parser=PARSER,
        host=HostFacts(name) if name else None,
        lines=report.tally.lines(),
        facts={**{key: value for key, value in facts.items() if value not in (None, "")}, **report.tally.facts()},
    )


def _nothing_found(report: Report) -> str:
    first = report.tally.unread[0]["text"].strip() if report.tally.unread else ""
    return f"No line of sar's output was found; the first line is “{first[:100]}”." if first else "The file is empty."


def _first_text(head: bytes) -> str:
    return plain(next(Source.of(head).texts(), ""))


def _is_header(line: str) -> bool:
    stamp = read_stamp(line)
    return stamp is not None and is_header(line[stamp.end :].split())
