"""Structured outputs of ``journalctl -o``: ``json``, ``json-sse``, ``json-seq``, ``json-pretty``, ``export``, verbose.

::

    {"__REALTIME_TIMESTAMP": "1795433066435980", "__MONOTONIC_TIMESTAMP": "3894996627",
     "_SOURCE_MONOTONIC_TIMESTAMP": "3853332761", "_BOOT_ID": "32f7…", "_TRANSPORT": "kernel", "PRIORITY": "6",
     "SYSLOG_IDENTIFIER": "kernel", "_HOSTNAME": "vm", "MESSAGE": "…"}

The first two are when journald read a message, the third is when the kernel wrote it: all in µs, and all that came
before journald was up shares one moment of reading. So the time is realtime − monotonic + source monotonic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import field

from diagnostics.parsers.kernel_log.hosts import Hosts
from diagnostics.parsers.kernel_log.priority import KERNEL, level_of
from diagnostics.parsers.kernel_log.stamped import bounded
from diagnostics.parsers.reading import Tally
from diagnostics.records import Clock, Event

MICROSECOND = 1000
MOST_BOOTS = 1000
LARGEST_ENTRY = 10_000  # lines
KEY = re.compile(r"([A-Z_][A-Z0-9_]*)=(.*)", re.DOTALL)
BARE_KEY = re.compile(r"[A-Z_][A-Z0-9_]*")
# The eight bytes of a length before a value that is not plain text, its zeros being U+FFFD by now.
LENGTH = re.compile(r"^.{1,3}?�{5,7}", re.DOTALL)
VERBOSE = re.compile(r"\S.* \[s=[0-9a-f]+;i=[0-9a-f]+;b=([0-9a-f]+);m=([0-9a-f]+);t=([0-9a-f]+);x=[0-9a-f]+\]")


class Entry(msgspec.Struct):
    """What is wanted of an entry. Values are text, arrays of bytes if not UTF-8, arrays of texts if repeated."""

    realtime: Any = field(default=None, name="__REALTIME_TIMESTAMP")
    monotonic: Any = field(default=None, name="__MONOTONIC_TIMESTAMP")
    source_monotonic: Any = field(default=None, name="_SOURCE_MONOTONIC_TIMESTAMP")
    source_realtime: Any = field(default=None, name="_SOURCE_REALTIME_TIMESTAMP")
    boot_id: Any = field(default=None, name="_BOOT_ID")
    host: Any = field(default=None, name="_HOSTNAME")
    transport: Any = field(default=None, name="_TRANSPORT")
    identifier: Any = field(default=None, name="SYSLOG_IDENTIFIER")
    comm: Any = field(default=None, name="_COMM")
    priority: Any = field(default=None, name="PRIORITY")
    message: Any = field(default=None, name="MESSAGE")


class Journal:
    """Entries to events; remembers the boots it saw and when the last one began."""

    is_wall = True

    def __init__(self, hosts: Hosts, tally: Tally) -> None:
        self.hosts = hosts
        self.tally = tally
        self.boot_ids: dict[str, None] = {}
        self._decode = msgspec.json.Decoder(Entry).decode

    def read(self, line: str, number: int) -> Event | None:
        """An entry a line: JSON, after ``data: `` or a record separator."""
        text = line.lstrip("\x1e \t").removeprefix("data: ")
        if not text.startswith("{"):
            return None
        try:
            return self.event(self._decode(text), number)
        except (msgspec.MsgspecError, RecursionError, ValueError, TypeError):
            return None

    def lines(self, lines: Iterable[str]) -> Iterator[Event]:
        for number, line in enumerate(lines, 1):
            self.tally.total = number
            event = self.read(line, number)
            if event is not None:
                yield event
            elif line.strip("\x1e \t"):
                self.tally.skip(number, line)

    def blocks(self, blocks: Iterable[tuple[int, Mapping[str, Any] | None]]) -> Iterator[Event]:
        """Entries over several lines, with the line of their message; ``None`` for what could not be made out."""
        for number, entry in blocks:
            try:
                event = self.event(msgspec.convert(entry, Entry), number) if entry is not None else None
            except (msgspec.MsgspecError, RecursionError, ValueError, TypeError):
                event = None
            if event is None:
                self.tally.skip(number, str(entry or ""))
            else:
                yield event

    def event(self, entry: Entry, number: int) -> Event | None:
        """Raises ``ValueError`` or ``TypeError`` for times that are not numbers."""
        if entry.realtime is None or entry.message is None:
            return None
        realtime = int(entry.realtime)
        if entry.host:
            self.hosts.of(_text(entry.host)).count += 1
        time, clock = realtime * MICROSECOND, Clock.WALL
        if entry.monotonic is not None:
            boot_time = bounded((realtime - int(entry.monotonic)) * MICROSECOND)
            self._note_boot(entry, boot_time)
            if entry.source_monotonic is not None:
                time, clock = boot_time + int(entry.source_monotonic) * MICROSECOND, Clock.MONOTONIC
        if clock is Clock.WALL and entry.source_realtime is not None:
            time = int(entry.source_realtime) * MICROSECOND
        time = bounded(time)
        source = _text(entry.identifier or entry.comm or "")
        if not source and entry.transport == KERNEL:
            source = KERNEL
        level = level_of(entry.priority if entry.priority is None else str(entry.priority))
        return Event(time, _text(entry.message), source, number, MICROSECOND, clock, level)

    def _note_boot(self, entry: Entry, boot_time: int) -> None:
        boot_id = entry.boot_id
        if isinstance(boot_id, str) and boot_id not in self.boot_ids and len(self.boot_ids) < MOST_BOOTS:
            self.boot_ids[boot_id] = None
            self.hosts.boot_time = boot_time
        elif self.hosts.boot_time is None:
            self.hosts.boot_time = boot_time


def pretty_entries(lines: Iterable[str], tally: Tally) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """``{``, a line a field, ``}``."""
    entry: list[str] = []
    at = 0
    for number, line in enumerate(lines, 1):
        tally.total = number
        if line.startswith("{"):
            if entry:
                yield at, None
            entry, at = [], number
        if len(entry) < LARGEST_ENTRY:
            entry.append(line)
        if '"MESSAGE"' in line:
            at = number
        if line.startswith("}"):
            yield at, _decoded("\n".join(entry))
            entry = []
    if any(line.strip() for line in entry):
        yield at, None


def export_entries(lines: Iterable[str], tally: Tally) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """``KEY=value`` lines, or ``KEY`` and a length with the value after it; a blank line ends an entry."""
    entry: dict[str, str] = {}
    at, last = 0, ""
    for number, line in enumerate(lines, 1):
        tally.total = number
        if not line:
            if entry:
                yield at, entry
            entry, last = {}, ""
        elif pair := KEY.match(line):
            last, entry[pair[1]] = "", pair[2]
            at = number if pair[1] == "MESSAGE" or not at else at
        elif BARE_KEY.fullmatch(line):
            last, entry[line] = line, ""
            at = number if line == "MESSAGE" else at
        elif last:
            entry[last] = f"{entry[last]}\n{line}" if entry[last] else LENGTH.sub("", line)
        else:
            tally.skip(number, line)
    if entry:
        yield at, entry


def verbose_entries(lines: Iterable[str], tally: Tally) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """A line with the cursor, then indented ``KEY=value`` lines."""
    entry: dict[str, str] = {}
    at, last = 0, ""
    for number, line in enumerate(lines, 1):
        tally.total = number
        if cursor := VERBOSE.fullmatch(line):
            if entry:
                yield at, entry
            boot, monotonic, realtime = cursor.groups()
            entry = {"_BOOT_ID": boot, "__MONOTONIC_TIMESTAMP": str(int(monotonic, 16))}
            entry["__REALTIME_TIMESTAMP"] = str(int(realtime, 16))
        elif pair := KEY.match(line.lstrip()):
            last, entry[pair[1]] = pair[1], pair[2]
            at = number if pair[1] == "MESSAGE" or not at else at
        elif line.startswith(" ") and last:
            entry[last] += "\n" + line.strip()
        elif line and not line.startswith("-- "):
            tally.skip(number, line)
    if entry:
        yield at, entry


def _decoded(text: str) -> Mapping[str, Any] | None:
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


def _text(value: Any) -> str:
    """Text; bytes that were no UTF-8; or the parts of a repeated field."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(one, int) and 0 <= one < 256 for one in value):
        return bytes(value).decode(errors="replace")
    if isinstance(value, list):
        return "\n".join(_text(one) for one in value)
    return str(value)
