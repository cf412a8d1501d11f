"""The JVM's own log of its start (``-Xlog:startuptime,gc``), with any decorations, and Java 8's of its collections::

    [2026-11-23T10:00:00.902+0000][0.013s][info][startuptime ] Genesis, 0.0082885 secs
    [2026-11-23T10:00:00.941+0000][0.052s][info][startuptime ] Create VM, 0.0503969 secs
    [0.141s][info][gc          ] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 5M->4M(10M) 4.717ms
    2026-11-23T10:00:00.894+0000: 0.136: [GC (Allocation Failure)  65536K->10720K(251392K), 0.0107 secs]

A line is written when what it tells of has ended. What the JVM did to start and every collection are phases, pauses in
the lane ``gc`` and what ran beside the program in ``gc concurrent``. ``facts["gc"]`` sums pauses and says how the heap
grew. Lines that only have the uptime count from the JVM's start, which the upload's ``boot_time`` may tell; of lines
without any time, one follows the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.jvm_log.decorations import Line, read_line
from diagnostics.parsers.jvm_log.heap import Heap
from diagnostics.parsers.jvm_log.messages import Collected, about, collected, started
from diagnostics.parsers.origin import is_calendar, placed
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import Milestone, Parsed, ParseError, Phase

PARSER = "jvm-log/1"
MOST_PHASES = 50_000
GC, CONCURRENT = "gc", "gc concurrent"
CREATE_VM = "Create VM"
ROUNDED = 1_000_000  # ns; stamps are milliseconds, durations finer
_LOOKS = re.compile(
    r"(?:\[[^\[\]]*\]){0,8}\[(?:[a-z]+,)*(?:startuptime|gc|safepoint)(?:,[a-z]+)* *\]|\d+\.\d{3}: \[(?:Full )?GC\b"
)


class _Log:
    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self.heap = Heap()
        self.told: dict[str, str] = {}
        self.left_out = 0
        self.begun: int | None = None  # when the JVM began, ns since 1970
        self._at = 0
        self._is_timed = False
        self._create_vm: Phase | None = None

    def take(self, line: Line, number: int) -> bool:
        """Whether the line is one of the JVM's own."""
        if line.wall is not None and line.uptime is not None and self.begun is None:
            self.begun = line.wall - line.uptime
        time = line.uptime if self.begun is not None or line.wall is None else line.wall
        if time is not None and self.begun is not None and line.uptime is not None:
            time = self.begun + line.uptime
        # A line without a time follows the one before it.
        self._at = self._at if time is None else time
        self._is_timed = self._is_timed or time is not None
        if told := about(line):
            self.told.setdefault(*told)
            return True
        if step := started(line):
            self._add(step.name, step.took, "", {"line": number})
            return True
        if found := collected(line):
            self._collect(found, number)
            return True
        return line.is_decorated and bool(line.tags)

    def _collect(self, found: Collected, number: int) -> None:
        details: dict[str, Any] = {"reason": found.reason, "before_bytes": found.before, "after_bytes": found.after}
        details |= {"capacity_bytes": found.capacity, "line": number}
        kept = {key: value for key, value in details.items() if value not in (None, "")}
        self.heap.take(found)
        self._add(found.name, found.took, GC if found.is_pause else CONCURRENT, kept)

    def _add(self, name: str, took: int, lane: str, attributes: Mapping[str, Any]) -> None:
        if not self._is_timed:
            # Without any times, one follows the other; creating the JVM is what the steps before it were part of.
            self._at = max(self._at, took) if name == CREATE_VM else self._at + took
        if len(self.phases) >= MOST_PHASES:
            self.left_out += 1
            return
        phase = Phase(len(self.phases), name, self._at - took, took, is_root=True, lane=lane, attributes=attributes)
        self.phases.append(phase)
        self._create_vm = phase if name == CREATE_VM and self._create_vm is None else self._create_vm

    def nested(self, shift: int) -> list[Phase]:
        """The steps of the JVM's creation inside it, all else beside each other."""
        around = self._create_vm
        return [
            Phase(
                position=phase.position,
                name=phase.name,
                start_time=phase.start_time + shift,
                duration=phase.duration,
                parent=around.position if around is not None and _is_within(phase, around) else None,
                is_root=around is None or not _is_within(phase, around),
                lane=phase.lane,
                attributes=phase.attributes,
            )
            for phase in self.phases
        ]


def _is_within(phase: Phase, around: Phase) -> bool:
    if phase is around or phase.lane:
        return False
    return around.start_time - ROUNDED <= phase.start_time and phase.end_time <= around.end_time + ROUNDED


def parse(source: Source, hints: Hints) -> Reading:
    """Phases in the order of the log. Raises ``ParseError`` if no line tells of a start or a collection."""
    log, tally = _Log(), Tally()
    for tally.total, text in enumerate(source.lines(), 1):
        if text.strip() and not log.take(read_line(text), tally.total):
            tally.skip(tally.total, text)
    if not log.phases:
        message = "No line tells how long a step of the start or a collection took: run java with -Xlog:startuptime,gc"
        raise ParseError(message, "", "no_phases")
    first, last = min(p.start_time for p in log.phases), max(p.end_time for p in log.phases)
    is_dated = is_calendar(last, hints)
    shift, clock = (0, "wall") if is_dated else placed(min(first, 0), last, hints)
    yield from log.nested(shift)
    begun = {Milestone.PROCESS_START.value: log.begun} if log.begun is not None and is_dated else {}
    facts = {"clock": clock, **log.told, "gc": log.heap.facts(log.told)}
    return Parsed(
        parser=PARSER,
        milestones=begun,
        lines=tally.lines(),
        facts={**facts, **({"phases_left_out": log.left_out} if log.left_out else {}), **tally.facts()},
    )


def recognise(head: bytes) -> bool:
    """Lines with the tags of start-up or collections, or Java 8's; a good part of it, for programs print between."""
    lines = [line for line in Source.of(head).lines() if line.strip()][:500]
    known = sum(_LOOKS.search(line[:300]) is not None for line in lines)
    return known > 0 and known * 4 >= len(lines)
