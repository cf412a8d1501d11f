"""Lines of ``dmesg`` and ``/dev/kmsg``, one reader for each way they write the time.

A reader turns a line of its form into an event without category, or ``None`` for a line of another form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from diagnostics.parsers.kernel_log.dates import LATEST, MINUTE, Calendar
from diagnostics.parsers.kernel_log.priority import KERNEL, level_of, source_of
from diagnostics.records import NS_PER_SECOND, Clock, Event

MICROSECOND = 1000
NEVER = 2**62
PREFIX = r"(?:<(\d{1,3})>|([a-z]+\d{0,2}) *:([a-z]+) *: )?"  # -r and -x
CALLER = r"(?:\[ *[TC]\d+\] ?)?"  # kernels with CONFIG_PRINTK_CALLER
RAW = re.compile(PREFIX + r"\[ *(\d{1,9})\.(\d{6})(?: <[^>]*>)?\] ?" + CALLER + "(.*)", re.ASCII)
# The most common form by far has a short cut, a fifth of the time of reading such a line.
PLAIN_RAW = re.compile(r"\[ *(\d{1,9})\.(\d{6})\] (?!\[ *[TC]\d)", re.ASCII)
CTIME = re.compile(
    PREFIX + r"\[([^\[\]<>]{0,40}?)(\d\d:\d\d):(\d\d)([^\[\]<>]{0,40}?)(?: ?<[^>]*>)?\] ?" + CALLER + "(.*)", re.ASCII
)
ISO = re.compile(PREFIX + r"(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d),(\d{6})([+-]\d\d:?\d\d) " + CALLER + "(.*)", re.ASCII)
RELATIVE = re.compile(
    PREFIX + r"\[(?:([^\s\[\]+]+? {0,2}\d{1,2}日?) (\d\d:\d\d)| *([+-]\d{1,9})\.(\d{6}))\] ?" + CALLER + "(.*)",
    re.ASCII,
)
DELTA = re.compile(PREFIX + r"\[< *(\d{1,9})\.(\d{6})>\] ?" + CALLER + "(.*)", re.ASCII)
# A dump of the buffer for `dmesg --kmsg-file` has a NUL after each record, which is U+FFFD by now.
KMSG = re.compile(r"�*(\d{1,5}),\d+,(\d{1,15}),[^;]*;(.*)", re.ASCII)
ESCAPED = re.compile(r"(?:\\x[0-9a-f]{2})+")


class Reader(Protocol):
    """``is_wall``: its times are on the calendar, not since a boot that nobody has dated."""

    is_wall: bool

    def read(self, line: str, number: int) -> Event | None: ...


class BootTimes:
    """When each boot of a file began (ns), by the number of its first line; unknown boots begin at 0."""

    def __init__(self, boots: Sequence[tuple[int, int]] = ()) -> None:
        self._rest = sorted(boots)[::-1]
        self.start = 0
        self.next_line = 0
        self.is_known = bool(boots)

    def turn(self, number: int) -> int:
        """Boot time for a line from ``next_line`` on."""
        while self._rest and self._rest[-1][0] <= number:
            _, self.start = self._rest.pop()
        self.next_line = self._rest[-1][0] if self._rest else NEVER
        return self.start


class RawReader:
    """``[ 3894.544857] text``, also with ``<3>``, ``kern  :err   : `` or ``<    0.000048>`` beside it."""

    def __init__(self, boots: BootTimes) -> None:
        self.boots = boots
        self.is_wall = boots.is_known

    def read(self, line: str, number: int) -> Event | None:
        boots = self.boots
        start = boots.start if number < boots.next_line else boots.turn(number)
        if plain := PLAIN_RAW.match(line):
            time = start + int(plain[1] + plain[2]) * MICROSECOND
            return Event(time, line[plain.end() :], KERNEL, number, MICROSECOND, Clock.MONOTONIC)
        match = RAW.match(line)
        if match is None:
            return None
        priority, facility, word, seconds, micros, text = match.groups()
        time = start + int(seconds + micros) * MICROSECOND
        level, source = _told(priority, facility, word)
        return Event(time, text, source, number, MICROSECOND, Clock.MONOTONIC, level)


class CtimeReader:
    """``[Mon Nov 23 10:19:31 2026] text`` of ``dmesg -T``, in any language."""

    is_wall = True

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def read(self, line: str, number: int) -> Event | None:
        match = CTIME.match(line)
        if match is None:
            return None
        priority, facility, word, day, clock, seconds, rest, text = match.groups()
        time = self.calendar.ctime(day, clock, rest) + int(seconds) * NS_PER_SECOND
        level, source = _told(priority, facility, word)
        return Event(time, text, source, number, NS_PER_SECOND, Clock.WALL, level)


class IsoReader:
    """``2026-11-23T11:24:25,544657+00:00 text`` of ``dmesg --time-format=iso``."""

    is_wall = True

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def read(self, line: str, number: int) -> Event | None:
        match = ISO.match(line)
        if match is None:
            return None
        priority, facility, word, minute, seconds, micros, zone, text = match.groups()
        time = self.calendar.iso(minute, zone) + int(seconds + micros) * MICROSECOND
        level, source = _told(priority, facility, word)
        return Event(time, text, source, number, MICROSECOND, Clock.WALL, level)


class RelativeReader:
    """``[Nov23 10:19] text``, then ``[  +0.000010] text``: a minute, and what passed since the line before.

    Nothing tells where in its minute the first line stands, so no time is better known than to a minute.
    """

    is_wall = True

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.time = 0

    def read(self, line: str, number: int) -> Event | None:
        match = RELATIVE.match(line)
        if match is None:
            return None
        priority, facility, word, day, clock, seconds, micros, text = match.groups()
        if day is None:
            self.time = bounded(self.time + int(seconds + micros) * MICROSECOND)
        else:
            self.time = self.calendar.yearless(day, clock)
        level, source = _told(priority, facility, word)
        return Event(self.time, text, source, number, MINUTE, Clock.WALL, level)


class DeltaReader:
    """``[<    0.000048>] text``: what passed since the line before, the first line being the beginning."""

    def __init__(self, boots: BootTimes) -> None:
        self.boots = boots
        self.is_wall = boots.is_known
        self.passed = 0

    def read(self, line: str, number: int) -> Event | None:
        match = DELTA.match(line)
        if match is None:
            return None
        priority, facility, word, seconds, micros, text = match.groups()
        self.passed = bounded(self.passed + int(seconds + micros) * MICROSECOND)
        level, source = _told(priority, facility, word)
        time = self.boots.turn(number) + self.passed
        return Event(time, text, source, number, MICROSECOND, Clock.MONOTONIC, level)


class KmsgReader:
    """``6,339,5140900,-;text`` of ``/dev/kmsg``: priority, sequence, µs since boot, flags."""

    def __init__(self, boots: BootTimes) -> None:
        self.boots = boots
        self.is_wall = boots.is_known

    def read(self, line: str, number: int) -> Event | None:
        match = KMSG.match(line)
        if match is None:
            return None
        priority, micros, text = match.groups()
        time = self.boots.turn(number) + int(micros) * MICROSECOND
        level, source = _told(priority, None, None)
        return Event(time, unescaped(text), source, number, MICROSECOND, Clock.MONOTONIC, level)


def bounded(time: int) -> int:
    """The time itself. Raises ``ValueError`` where no clock has been or will be."""
    if not 0 <= time < LATEST:
        raise ValueError(time)
    return time


def unescaped(text: str) -> str:
    r"""What the kernel wrote as ``\xe6\x9c\xac``."""
    if "\\x" not in text:
        return text
    return ESCAPED.sub(lambda found: bytes.fromhex(found[0].replace("\\x", "")).decode(errors="replace"), text)


def _told(priority: str | None, facility: str | None, word: str | None) -> tuple[str, str]:
    """Level and source."""
    if priority is not None:
        return level_of(priority), source_of(int(priority) >> 3)
    return (level_of(word), source_of(facility)) if word else ("", source_of(None))
