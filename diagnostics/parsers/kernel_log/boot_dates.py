"""What takes a look at the whole file before its first event can be placed: boot times and the first year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from diagnostics.parsers.kernel_log.dates import day_of_year, years_passed
from diagnostics.parsers.kernel_log.text import COLOUR
from diagnostics.parsers.timestamps import CLOCK_SKEW
from diagnostics.records import NS_PER_SECOND, Event

# The kernel dates its own boot when it reads the battery-backed clock. The epoch in audit records dates it too, but
# wrongly on a machine that was resumed from a snapshot: in a recording of ours by three days.
VERSION, CLOCK_SET = "Linux version ", "setting system clock to "
RTC = re.compile(r"setting system clock to .*\((\d{9}|[1-4]\d{9})\)", re.ASCII)
BEFORE_STAMP = re.compile(r"(?:<\d{1,3}>|[a-z]+\d{0,2} *:[a-z]+ *: )?\[?", re.ASCII)
LEAP_DAY = (2, 29)


def telling(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Only the lines that may date a boot, with their numbers."""
    for number, line in enumerate(lines, 1):
        if VERSION in line or CLOCK_SET in line:
            yield number, COLOUR.sub("", line)


def boot_times(events: Iterable[Event]) -> list[tuple[int, int]]:
    """First line and boot time (ns, to a second) of every boot that dates itself; the events' times are ns since it."""
    first_line, dated = 1, dict[int, int]()
    for event in events:
        if event.text.startswith(VERSION):
            first_line = (event.line or 1) if dated else 1
        elif rtc := RTC.search(event.text):
            dated[first_line] = int(rtc[1]) * NS_PER_SECOND - event.time
    return list(dated.items())


def first_year(lines: Iterable[str], received_at: int) -> int:
    """The year of the first stamp: the latest for which the last stamp is not after the upload.

    A leap day among the stamps leaves only the years that have one.
    """
    passed, day, leaps = 0, (0, 0), set[int]()
    seen = ""
    for line in lines:
        if line[:6] == seen:
            continue
        seen = line[:6]
        line = COLOUR.sub("", line) if line.startswith("\x1b") else line
        begin = BEFORE_STAMP.match(line)
        found = day_of_year(line[begin.end() : begin.end() + 16]) if begin else None
        if found is None:
            continue
        passed += years_passed(found[0], day[0])
        day = found
        if found == LEAP_DAY:
            leaps.add(passed)
    latest = _latest(day, received_at) - passed
    return next(
        (year for year in range(latest, latest - 8, -1) if all(map(_is_leap, (year + n for n in leaps)))), latest
    )


def _latest(day: tuple[int, int], received_at: int) -> int:
    received = datetime.fromtimestamp((received_at + CLOCK_SKEW) // NS_PER_SECOND, UTC)
    return received.year if day <= (received.month, received.day) else received.year - 1


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
