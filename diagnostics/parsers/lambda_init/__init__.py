"""What AWS Lambda says of a function's start: its ``INIT_REPORT`` and ``REPORT`` lines, as CloudWatch gives them::

    2026-11-23T10:00:00.100Z INIT_START Runtime Version: python:3.12.v36    Runtime Version ARN: arn:aws:lambda:…
    2026-11-23T10:00:10.101Z INIT_REPORT Init Duration: 9999.79 ms    Phase: init    Status: timeout
    2026-11-23T10:00:10.110Z START RequestId: 7c2e… Version: $LATEST
    2026-11-23T10:00:12.110Z INIT_REPORT Init Duration: 1900.50 ms    Phase: invoke
    2026-11-23T10:00:12.500Z REPORT RequestId: 7c2e…    Duration: 2390.00 ms    Billed Duration: 2390 ms    …

Also the JSON log format (``platform.initReport``), ``aws logs tail``, the events of ``aws logs filter-log-events``, and
lines that were pasted without tabs or times. A line is written when what it tells of has ended. The start of one
execution environment is a launch: the first that the file tells of. An init that fails or takes more than ten seconds
is run again at the first invocation: that is no second launch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from diagnostics.agent.stamps import Calendar
from diagnostics.parsers.exact_document import read_document
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.lambda_init.lines import KINDS, Said, read_events, read_lines
from diagnostics.parsers.lambda_init.start import phases_of
from diagnostics.parsers.origin import placed
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import Event, Milestone, Parsed, ParseError, PhaseStatus

PARSER = "lambda-init/1"
MOST_LINES = 100_000  # of the platform's own
_DOCUMENT = re.compile(rb'\A\s*\{\s*"(?:events|searchedLogStreams|nextToken|nextForwardToken)"\s*:')
_INIT = re.compile(
    rb"\bINIT_START Runtime Version|\bINIT_REPORT Init Duration: |\bREPORT RequestId: |\bRESTORE_REPORT Restore"
    rb'|"type": ?"platform\.(?:init|report|start|restore)'
)


def parse(source: Source, hints: Hints) -> Reading:
    """Phases of the first environment's start. Raises ``ParseError`` if no line tells how long an init took."""
    tally = Tally()
    told = [said for said in _told(source, hints, tally) if said is not None][:MOST_LINES]
    environments = _environments(told)
    if not environments:
        message = "No line tells how long an init took: send the lines INIT_START, INIT_REPORT, START and REPORT"
        raise ParseError(message, "", "no_init")
    first = environments[0]
    phases = phases_of(first)
    begin, end = min(p.start_time for p in phases), max(p.end_time for p in phases)
    is_dated = any(said.time is not None for said in first)
    shift, clock = (0, "wall") if is_dated else placed(begin, end, hints)
    yield from phases.moved(shift)
    if len(environments) > 1:
        note = f"The file tells of {len(environments):,} starts of the function; this is the first."
        yield Event(begin + shift, note, level="notice")
    yield from _failures(first, shift, is_dated=is_dated)
    served = [p.end_time for p in phases if p.name == "first invocation" and p.status is PhaseStatus.SUCCESS]
    facts = {"clock": clock, "environments": len(environments), "inits": len(phases.inits), **_about(first)}
    return Parsed(
        parser=PARSER,
        milestones={Milestone.FIRST_SUCCESS.value: served[0]} if served and is_dated else {},
        lines=tally.lines(),
        facts={**facts, **tally.facts()},
    )


def _told(source: Source, hints: Hints, tally: Tally) -> Iterator[Said | None]:
    calendar = Calendar(hints.received_at, hints.zone, hints.year)
    if _DOCUMENT.match(source.head()):
        told = read_events(read_document(source, "The events of a log group"), calendar)
    else:
        told = read_lines(source.lines(), calendar)
    # What the function itself prints is not ours to understand, so that no line is unread.
    for tally.total, said in told:
        yield said


def _environments(told: Sequence[Said]) -> list[list[Said]]:
    """The platform's lines by execution environment; those that never began one are left out."""
    streams: dict[str, list[Said]] = {}
    for said in told:
        streams.setdefault(said.stream, []).append(said)
    return [start for lines in streams.values() for start in _starts(lines)]


def _starts(lines: Sequence[Said]) -> Iterator[list[Said]]:
    """One stream may hold several starts: a new one begins with ``INIT_START``, or with a first report of an init."""
    start: list[Said] = []
    for said in lines:
        begins = said.kind in ("INIT_START", "RESTORE_START")
        again = said.kind == "REPORT" and "Init Duration" in said.fields and any(one.kind == "REPORT" for one in start)
        if start and (begins or again):
            opener = [start.pop()] if again and start[-1].kind in ("START", "END") else []
            if _is_told(start):
                yield start
            start = opener
        start.append(said)
    if _is_told(start):
        yield start


def _is_told(start: Sequence[Said]) -> bool:
    return any(said.took("Init Duration") is not None or said.took("Restore Duration") is not None for said in start)


def _failures(start: Sequence[Said], shift: int, *, is_dated: bool) -> Iterator[Event]:
    for said in start:
        status = said.fields.get("Status", "success")
        if status not in ("success", "") and (said.time is not None) == is_dated and said.time is not None:
            about = (said.kind, said.fields.get("Phase", ""), status, said.fields.get("Error Type", ""))
            yield Event(
                said.time + shift, " ".join(filter(None, about)), line=said.line, precision=1_000_000, level="error"
            )


def _about(start: Sequence[Said]) -> dict[str, Any]:
    keys = {"Runtime Version": "runtime", "Memory Size": "memory_mb", "Max Memory Used": "max_memory_mb"}
    found = {keys[key]: value for said in start for key, value in said.fields.items() if key in keys and value}
    assert {said.kind for said in start} <= set(KINDS)
    return found


def recognise(head: bytes) -> bool:
    """Lines of the platform, or events whose messages are such lines."""
    return _INIT.search(head) is not None
