"""What AWS Lambda says of a function's start, in any form that CloudWatch gives its lines in."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from diagnostics.agent.stamps import Calendar
from diagnostics.parsers.amounts import nanoseconds
from diagnostics.parsers.exact_document import objects
from diagnostics.parsers.timestamps import instant
from diagnostics.records import ParseError

MS = 1_000_000
KINDS = ("INIT_START", "INIT_REPORT", "RESTORE_START", "RESTORE_REPORT", "START", "END", "REPORT")
_SAID = re.compile(
    r"(?P<kind>INIT_START Runtime Version|INIT_REPORT (?:Init Duration|Phase)|RESTORE_START Runtime"
    r"|RESTORE_REPORT Restore|START RequestId|END RequestId|REPORT RequestId)\b"
)
_STREAM = re.compile(r"\d{4}/\d\d/\d\d/[^\s\]]*\[[\w$-]+\][0-9a-f]{8,}")
_FIELDS = (
    "Runtime Version ARN", "Runtime Version", "RequestId", "Billed Restore Duration", "Restore Duration",
    "Init Duration", "Billed Duration", "Duration", "Max Memory Used", "Memory Size", "Phase", "Status", "Error Type",
)  # fmt: skip
# Pasted lines have lost their tabs, so that only the names tell where a field begins.
_FIELD = re.compile(rf"\b(?P<name>{'|'.join(_FIELDS)}): *(?P<value>\S+)")
_CSV = re.compile(r'"?(?P<ms>1\d{12})"?,(?P<text>.*)', re.DOTALL)
# The records of the JSON log format, by what the text format calls them.
_TYPES = {
    "platform.initStart": "INIT_START",
    "platform.initReport": "INIT_REPORT",
    "platform.restoreStart": "RESTORE_START",
    "platform.restoreReport": "RESTORE_REPORT",
    "platform.start": "START",
    "platform.report": "REPORT",
}


class Said(NamedTuple):
    """One line of the platform. ``time`` is ns, ``None`` where the file has none; ``fields`` as text."""

    line: int
    time: int | None
    stream: str
    kind: str
    fields: Mapping[str, str]

    def took(self, name: str) -> int | None:
        """A duration, ns: ``1236.04 ms``."""
        text = self.fields.get(name, "")
        number = text.removesuffix("ms").strip()
        found = nanoseconds(number, MS) if number else None
        return found if found is not None and found >= 0 else None


def read_lines(lines: Iterable[str], calendar: Calendar) -> Iterator[tuple[int, Said | None]]:
    """Each line's number and what the platform says in it; ``None`` for the function's own words."""
    for number, line in enumerate(lines, 1):
        yield number, read_line(line, number, calendar)


def read_line(line: str, number: int, calendar: Calendar) -> Said | None:
    text = line.strip()
    if text.startswith("{"):
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return _record(told, number, "", None, calendar) if isinstance(told, dict) else None
    time: int | None = None
    csv = _CSV.fullmatch(text)
    if csv:
        time, text = int(csv["ms"]) * MS, csv["text"].strip().strip('"')
    return read_text(text, number, "", time, calendar)


def read_events(document: Mapping[str, Any], calendar: Calendar) -> Iterator[tuple[int, Said | None]]:
    """The events of ``aws logs filter-log-events`` and ``get-log-events``, counted from 1."""
    for number, event in enumerate(objects(document.get("events")), 1):
        time = nanoseconds(event.get("timestamp"), MS)
        stream, message = str(event.get("logStreamName", "")), str(event.get("message", "")).strip()
        if message.startswith("{"):
            try:
                told = json.loads(message)
            except (ValueError, RecursionError):
                told = None
            yield number, _record(told, number, stream, time, calendar) if isinstance(told, dict) else None
        else:
            yield number, read_text(message, number, stream, time, calendar)


def read_text(text: str, number: int, stream: str, time: int | None, calendar: Calendar) -> Said | None:
    match = _SAID.search(text)
    if match is None:
        return None
    before, said = text[: match.start()], text[match.start() :]
    found = _STREAM.search(before)
    # A stream's name begins with a date that is no time.
    stamp = calendar.find(_STREAM.sub(" ", before).strip()) if time is None and before.strip() else None
    kind = said.partition(" ")[0]
    fields = {one["name"]: one["value"].strip() for one in _FIELD.finditer(said.removeprefix(kind))}
    return Said(number, stamp.time if stamp else time, stream or (found[0] if found else ""), kind, fields)


def _record(told: Mapping[str, Any], number: int, stream: str, time: int | None, calendar: Calendar) -> Said | None:
    """A record of the JSON log format."""
    kind, record = _TYPES.get(str(told.get("type", ""))), told.get("record")
    if kind is None or not isinstance(record, dict):
        message = told.get("message")
        return read_text(message, number, stream, time, calendar) if isinstance(message, str) else None
    with contextlib.suppress(ParseError):
        time = instant(str(told.get("time", "")), "") if told.get("time") else time
    metrics = record["metrics"] if isinstance(record.get("metrics"), dict) else {}
    names = {"durationMs": "Duration", "initDurationMs": "Init Duration", "restoreDurationMs": "Restore Duration",
             "memorySizeMB": "Memory Size", "maxMemoryUsedMB": "Max Memory Used"}  # fmt: skip
    fields = {names[key]: str(value) for key, value in metrics.items() if key in names}
    if kind in ("INIT_REPORT", "RESTORE_REPORT"):
        fields = {f"{kind.partition('_')[0].title()} Duration": fields.get("Duration", "")}
    about = {"phase": "Phase", "status": "Status", "errorType": "Error Type", "requestId": "RequestId",
             "runtimeVersion": "Runtime Version", "initializationType": "Initialization Type"}  # fmt: skip
    fields |= {about[key]: str(value) for key, value in record.items() if key in about and value}
    return Said(number, time, stream, kind, fields)
