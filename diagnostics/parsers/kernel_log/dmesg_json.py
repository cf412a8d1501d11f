"""``dmesg --json`` of util-linux, which is not always JSON.

::

    {
       "dmesg": [
          {
             "pri": 6,
             "time":     0.000000,
             "caller": "T1",
             "msg": "…"
          },{

With ``-x`` there are ``"fac": "kern", "pri": "info"``; with another time format the stamp stands there without quotes
(``"time": [Mon Nov 23 10:19:31 2026] ,``), so the document is read line by line and not as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from diagnostics.parsers.kernel_log.priority import level_of, source_of
from diagnostics.parsers.kernel_log.stamped import MICROSECOND, BootTimes, Reader
from diagnostics.parsers.reading import Tally
from diagnostics.records import NS_PER_SECOND, Clock, Event, ParseError

MEMBER = re.compile(r'\s*"(fac|pri|time|caller|msg)"\s*:')
SECONDS = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?", re.ASCII)
FRAME = re.compile(r'\{?\s*"dmesg"\s*:\s*\[?')


class DmesgJson:
    """Objects to events; stamps that are not seconds are read by the readers of such lines."""

    def __init__(self, boots: BootTimes, readers: Sequence[Reader], tally: Tally) -> None:
        self.boots = boots
        self.readers = readers
        self.tally = tally
        self._last = 0

    def events(self, lines: Iterable[str]) -> Iterator[Event]:
        message: dict[str, str] = {}
        at = began = 0
        for number, line in enumerate(lines, 1):
            self.tally.total = number
            if member := MEMBER.match(line):
                message[member[1]] = line[member.end() :].strip().removesuffix(",").rstrip()
                at, began = (number if member[1] == "msg" else at), began or number
            elif line.lstrip().startswith("{") and line.rstrip(" ,").endswith("}"):
                yield from self._whole(line, number)
            elif (rest := line.strip(" \t{}[],")) and not FRAME.match(rest):
                self.tally.skip(number, line)
            if "}" in line[:20] and message:
                yield from self._event(message, at or began)
                message, at, began = {}, 0, 0
        if message:
            self.tally.skip(began, str(message))

    def document(self, content: bytes) -> Iterator[Event]:
        """The same all on one line. Raises ``ParseError`` if that is not JSON."""
        try:
            document = msgspec.json.decode(content)
            messages = [entry for entry in document["dmesg"] if isinstance(entry, dict)]
        except (msgspec.MsgspecError, RecursionError, KeyError, TypeError) as error:
            raise ParseError(f"Not a document of dmesg --json: {error}", "line 1", "invalid_json") from None
        self.tally.total = len(messages)
        for entry in messages:
            yield from self._event(_written(entry), 1)

    def _whole(self, line: str, number: int) -> Iterator[Event]:
        try:
            entry = msgspec.json.decode(line.strip().rstrip(","))
        except (msgspec.MsgspecError, RecursionError):
            entry = None
        if isinstance(entry, dict) and "msg" in entry:
            yield from self._event(_written(entry), number)
        else:
            self.tally.skip(number, line)

    def _event(self, message: dict[str, str], number: int) -> Iterator[Event]:
        try:
            text = msgspec.json.decode(message["msg"], type=str).rstrip("\n")
            event = self._placed(message.get("time", "").strip('"'), text, number)
            priority, facility = _unquoted(message.get("pri")), _unquoted(message.get("fac"))
            source = int(priority) >> 3 if priority and priority.isdecimal() else facility
        except (msgspec.MsgspecError, RecursionError, KeyError, ValueError, OverflowError):
            self.tally.skip(number, str(message))
            return
        self._last = event.time
        yield msgspec.structs.replace(event, level=level_of(priority), source=source_of(source))

    def _placed(self, stamp: str, text: str, number: int) -> Event:
        if found := SECONDS.fullmatch(stamp):
            time = int(found[1]) * NS_PER_SECOND + int((found[2] or "0").ljust(9, "0"))
            return Event(self.boots.turn(number) + time, text, "", number, MICROSECOND, Clock.MONOTONIC)
        line = f"{stamp.strip()} {text}"
        for reader in self.readers:
            if event := reader.read(line, number):
                return event
        return Event(self._last, text, "", number, clock=Clock.MONOTONIC)


def _unquoted(value: str | None) -> str | None:
    return value.strip('"') if value is not None else None


def _written(entry: dict[str, Any]) -> dict[str, str]:
    return {name: msgspec.json.encode(value).decode() for name, value in entry.items() if value is not None}
