"""From messages to events with categories, phases of initcalls, and what the file says of its host."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from diagnostics.parsers.kernel_log import categories, initcalls
from diagnostics.parsers.kernel_log.initcalls import Initcalls
from diagnostics.parsers.kernel_log.oom import OomRecords
from diagnostics.parsers.kernel_log.priority import KERNEL
from diagnostics.records import NS_PER_SECOND, Category, Event, Phase

VERSION = re.compile(r"Linux version (\S+)")
OOM_WORDS = frozenset({"oom-killer:", "Killed", "killed", "Kill", "kill"})
# The machine stood still meanwhile, and seconds since boot did not count.
STOPPED = ("PM: suspend exit", "random: crng reseeded due to virtual machine fork")
TELLING = categories.WORDS | initcalls.WORDS | OOM_WORDS | {"Linux", "PM:", "fork"}
TELLING_STARTS = ("oom-kill:", "nvme", " nvme")
LONGEST_TOLD = 4096  # characters; the kernel prints a quarter of that, and patterns must not be fed for minutes
SAME_MOMENT = 2 * NS_PER_SECOND


class Boots:
    """How many boots a file spans, and the kernel of the last one."""

    def __init__(self) -> None:
        self.kernel = ""
        self.began: int | None = None  # time of the last boot's first message, and its precision
        self.precision = NS_PER_SECOND
        self.versions = 0
        self.has_earlier = False
        self.stops = 0

    @property
    def count(self) -> int:
        return max(self.versions + self.has_earlier, 1)

    def note(self, event: Event, first_time: int) -> None:
        """A kernel says its version as one of the first things; anything from another time is of the boot before."""
        version = VERSION.match(event.text)
        if version is None:
            self.stops += event.text.startswith(STOPPED)
            return
        self.kernel, self.began, self.precision = version[1], event.time, event.precision
        self.versions += 1
        if self.versions == 1:
            self.has_earlier = abs(event.time - first_time) > SAME_MOMENT


class Understanding:
    """Gives events their categories, in the order of the file."""

    def __init__(self) -> None:
        self.boots = Boots()
        self.initcalls = Initcalls()
        self.first_time: int | None = None
        self._oom = OomRecords()

    def records(self, events: Iterator[Event]) -> Iterator[Event | Phase]:
        oom, first_time = self._oom, self.first_time
        is_dull = TELLING.isdisjoint
        for event in events:
            text = event.text
            if first_time is None:
                self.first_time = first_time = event.time
            # Only the kernel's own words count: a daemon may well write “Killed process”.
            if event.source != KERNEL:
                yield event
            elif not is_dull(text.split()) or text.startswith(TELLING_STARTS):
                yield from self._told(event, first_time)
            else:
                if oom.is_open:
                    oom.note(text[:LONGEST_TOLD], event.time)
                yield event

    def _told(self, event: Event, first_time: int) -> Iterator[Event | Phase]:
        text = event.text[:LONGEST_TOLD]
        self.boots.note(event, first_time)
        kill = self._oom.read(text, event.time)
        if kill is not None:
            yield _categorised(event, Category.OOM_KILL, kill)
            return
        call = self.initcalls.read(event, text)
        if call is not None:
            fields, phase = call
            yield _categorised(event, Category.INITCALL, fields)
            if phase is not None:
                yield phase
            return
        category, about = categories.categorise(text, text.split())
        yield event if category is Category.OTHER else _categorised(event, category, about)


def _categorised(event: Event, category: Category, fields: categories.Fields) -> Event:
    return msgspec.structs.replace(event, category=category, fields=fields)
