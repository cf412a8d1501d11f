"""The lines of a text log as events: continuations joined to their message, what cannot be read counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from diagnostics.parsers.kernel_log.priority import KERNEL
from diagnostics.parsers.kernel_log.stamped import Reader
from diagnostics.parsers.reading import Tally
from diagnostics.records import Clock, Event

COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
META = re.compile(r"-- (?:Logs begin|Journal begins|Boot (?P<boot>[0-9a-f]{32})|(?P<reboot>Reboot)|No entries)\b.*")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f�]")
LONGEST_MESSAGE = 65_536


class TextLines:
    """Reads lines by the reader of the file's form, and odd ones by the others that may share a file with it.

    In a file of ``has_bare`` lines, one without a stamp is a message of its own, at the time of the one before:
    ``dmesg -t``, or a kernel that began to write stamps late. Elsewhere it cannot be read.
    """

    def __init__(self, readers: Sequence[Reader], tally: Tally, *, has_bare: bool, has_tags: bool = False) -> None:
        self.readers = readers
        self.tally = tally
        self.has_bare = has_bare
        self.has_tags = has_tags  # an indented line is a tag of its message, as in /dev/kmsg, not more text
        self.boot_ids: list[str] = []
        self.reboots = 0

    def events(self, lines: Iterable[str]) -> Iterator[Event]:
        read = self.readers[0].read if self.readers else _no_event
        held: Event | None = None
        number = 0
        for number, line in enumerate(lines, 1):
            if "\x1b" in line:
                line = COLOUR.sub("", line)
            try:
                event = read(line, number)
            except (ValueError, OverflowError):  # a day that does not exist
                event = None
            if event is None:
                if held is not None and self.readers and line.startswith((" ", "\t")):
                    held = self._continued(held, line)
                    continue
                event = self._odd(line, number, held)
                if event is None:
                    continue
            if held is not None:
                yield held
            held = event
        self.tally.total = number
        if held is not None:
            yield held

    def _odd(self, line: str, number: int, before: Event | None) -> Event | None:
        """A line that the file's own reader does not know."""
        if not line.strip():
            return None
        if meta := META.fullmatch(line):
            self.reboots += meta["reboot"] is not None or meta["boot"] is not None
            self.boot_ids += [meta["boot"]] if meta["boot"] else []
            return None
        event = self._by_another(line, number) or self._bare(line, number, before)
        if event is None:
            self.tally.skip(number, line)
        return event

    def _by_another(self, line: str, number: int) -> Event | None:
        for reader in self.readers[1:]:
            try:
                if event := reader.read(line, number):
                    return event
            except (ValueError, OverflowError):
                continue
        return None

    def _bare(self, line: str, number: int, before: Event | None) -> Event | None:
        if not self.has_bare or len(UNPRINTABLE.findall(line)) * 10 > len(line):
            return None
        if before is None:
            return Event(0, line, KERNEL, number, clock=Clock.MONOTONIC)
        return Event(before.time, line, KERNEL, number, before.precision, before.clock)

    def _continued(self, event: Event, line: str) -> Event:
        more = line.strip()
        if not more or self.has_tags or len(event.text) >= LONGEST_MESSAGE:
            return event
        return msgspec.structs.replace(event, text=f"{event.text}\n{more}")


def _no_event(line: str, number: int) -> None:
    return None
