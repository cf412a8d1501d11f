"""Lines of syslog files and of ``journalctl``'s text outputs: a stamp, a host, a program, the message."""

from __future__ import annotations

import re

from diagnostics.parsers.kernel_log.dates import Calendar
from diagnostics.parsers.kernel_log.hosts import HostLines, Hosts
from diagnostics.parsers.kernel_log.priority import KERNEL, level_of
from diagnostics.parsers.kernel_log.stamped import CALLER, MICROSECOND, BootTimes
from diagnostics.records import NS_PER_SECOND, Clock, Event

PRIORITY = r"(?:<(\d{1,3})>)?"
FRACTION = r"(?:[.,](\d{1,9}))?"
YEARLESS_STAMP = PRIORITY + r"(\S{1,9} {0,2}\d{1,2}日?)( \d{4})? (\d\d:\d\d):(\d\d)" + FRACTION + " "
# A zone's name is one only if host and program still follow: hosts may be named in capitals.
ZONE = r"(Z|[+-]\d\d:?\d\d| [A-Z]{3,5}(?= [^\s:]+ [^\s:]+: )| [+-]\d\d(?= ))?"
ISO_STAMP = PRIORITY + r"(?:\S{1,5} (?=\d{4}-))?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d):(\d\d)" + FRACTION + ZONE + " "
UNIX_STAMP = PRIORITY + r"(\d{9}|[1-4]\d{9})\.(\d{6}) "
# Host and program may be missing (`--no-hostname`, “last message repeated”); busybox puts `kern.warn` between them.
WHO = r"(?:(?P<host>\S*[^\s:]) )?(?:[a-z0-9]+\.(?P<level>[a-z]+) )?(?:(?P<program>[^\s:\[]+)(?:\[[^\]\s]*\])?: ?)?"
SINCE_BOOT = r"\[ *(\d{1,9})\.(\d{6})\] ?" + CALLER

YEARLESS = re.compile(YEARLESS_STAMP + WHO, re.ASCII)
ISO = re.compile(ISO_STAMP + WHO, re.ASCII)
UNIX = re.compile(UNIX_STAMP + WHO, re.ASCII)
RFC5424 = re.compile(
    r"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)" + FRACTION + r"(Z|[+-]\d\d:\d\d) (?P<host>\S+) (?P<program>\S+) "
    r"\S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) ?(?:" + SINCE_BOOT + ")?(.*)",
    re.ASCII,
)
MONOTONIC = re.compile(
    r"\[ *(\d{1,9})\.(\d{6})(?: <[^>]*>)?\] (\S*[^\s:]) ([^\s:\[]+)(?:\[[^\]\s]*\])?: ?(.*)", re.ASCII
)
MOST_WRITERS = 4096


class Writer:
    """Who wrote a line, as it says between stamp and message: ``gpu-07 kernel: ``."""

    __slots__ = ("is_kernel", "length", "level", "lines", "program")

    def __init__(self, match: re.Match[str], lines: HostLines) -> None:
        self.program = match["program"] or ""
        self.is_kernel = self.program == KERNEL
        self.level = level_of(match["level"])
        self.length = match.end() - match.start()
        self.lines = lines


class SystemLogReader:
    """What the forms share: only a new stamp or a new writer is taken apart, as lines come in bursts of the same."""

    is_wall = True
    stamp = re.compile(YEARLESS_STAMP, re.ASCII)
    who = re.compile(WHO, re.ASCII)
    since_boot = re.compile(SINCE_BOOT, re.ASCII)

    def __init__(self, calendar: Calendar, hosts: Hosts) -> None:
        self.calendar = calendar
        self.hosts = hosts
        self._stamp = "\0"
        self._time, self._precision, self._level = 0, NS_PER_SECOND, ""
        self._writers: dict[str, Writer] = {}

    def read(self, line: str, number: int) -> Event | None:
        is_new = not line.startswith(self._stamp)
        if is_new and not self._turn(line):
            return None
        begin = len(self._stamp)
        writer = self._writers.get(line[begin : line.find(": ", begin) + 2]) or self._writer(line, begin)
        begin += writer.length
        writer.lines.count += 1
        if writer.is_kernel and line.startswith("[", begin) and (inner := self.since_boot.match(line, begin)):
            begin = inner.end()
            if is_new:
                self.hosts.note_boot(self._time, inner[1], inner[2])
        level = self._level or writer.level
        return Event(self._time, line[begin:], writer.program, number, self._precision, Clock.WALL, level)

    def moment(self, match: re.Match[str]) -> tuple[int, str | None]:
        """The stamp's time to the second, and the digits of its fraction."""
        raise NotImplementedError

    def _turn(self, line: str) -> bool:
        match = self.stamp.match(line)
        if match is None:
            return False
        time, fraction = self.moment(match)
        self._precision = NS_PER_SECOND
        if fraction is not None:
            self._precision = 10 ** (9 - len(fraction))
            time += int(fraction) * self._precision
        self._stamp, self._time, self._level = match[0], time, level_of(match[1])
        return True

    def _writer(self, line: str, begin: int) -> Writer:
        match = self.who.match(line, begin)
        assert match is not None, "every part of it may be missing"
        writer = Writer(match, self.hosts.of(match["host"] or ""))
        if len(self._writers) >= MOST_WRITERS:  # daemons have another process id with every start
            self._writers.clear()
        if match[0].endswith(": "):
            self._writers[match[0]] = writer
        return writer


class YearlessReader(SystemLogReader):
    """``Nov 23 11:24:26 gpu-07 kernel: [ 3894.544857] text``, with or without what is before or after the program."""

    def moment(self, match: re.Match[str]) -> tuple[int, str | None]:
        _, day, year, clock, seconds, fraction = match.groups()
        start = self.calendar.ctime(day, clock, year) if year else self.calendar.yearless(day, clock)
        return start + int(seconds) * NS_PER_SECOND, fraction


class IsoReader(SystemLogReader):
    """``2026-11-23T11:24:26.435980+00:00 gpu-07 kernel: text``; ``Mon 2026-11-23 11:24:26 UTC gpu-07 kernel: text``."""

    stamp = re.compile(ISO_STAMP, re.ASCII)

    def moment(self, match: re.Match[str]) -> tuple[int, str | None]:
        _, minute, seconds, fraction, zone = match.groups()
        return self.calendar.iso(minute, zone and zone.lstrip()) + int(seconds) * NS_PER_SECOND, fraction


class UnixReader(SystemLogReader):
    """``1795433066.435980 gpu-07 kernel: text`` of ``journalctl -o short-unix``."""

    stamp = re.compile(UNIX_STAMP, re.ASCII)

    def moment(self, match: re.Match[str]) -> tuple[int, str | None]:
        return int(match[2]) * NS_PER_SECOND, match[3]


class Rfc5424Reader:
    """``<6>1 2026-11-23T11:24:26.435980Z gpu-07 kernel - - - text``."""

    is_wall = True

    def __init__(self, calendar: Calendar, hosts: Hosts) -> None:
        self.calendar = calendar
        self.hosts = hosts

    def read(self, line: str, number: int) -> Event | None:
        match = RFC5424.match(line)
        if match is None:
            return None
        priority, minute, seconds, fraction, zone, host, program, uptime, micros, text = match.groups()
        precision = 10 ** (9 - len(fraction or ""))
        time = self.calendar.iso(minute, zone) + int(seconds) * NS_PER_SECOND + int(fraction or 0) * precision
        self.hosts.of(host).count += 1
        if uptime is not None:
            self.hosts.note_boot(time, uptime, micros)
        return Event(time, text, program, number, precision, Clock.WALL, level_of(priority))


class MonotonicReader:
    """``[ 3894.544857] gpu-07 kernel: text`` of ``journalctl -o short-monotonic``."""

    def __init__(self, boots: BootTimes, hosts: Hosts) -> None:
        self.boots = boots
        self.hosts = hosts
        self.is_wall = boots.is_known

    def read(self, line: str, number: int) -> Event | None:
        match = MONOTONIC.match(line)
        if match is None:
            return None
        seconds, micros, host, program, text = match.groups()
        boots = self.boots
        start = boots.start if number < boots.next_line else boots.turn(number)
        self.hosts.of(host).count += 1
        time = start + int(seconds + micros) * MICROSECOND
        return Event(time, text, program, number, MICROSECOND, Clock.MONOTONIC)
