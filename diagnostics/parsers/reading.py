"""How a parser hands over what it reads: one record after the other, so that a file need not fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.source import Source
from diagnostics.records import Event, Lines, Parsed, Phase, SampleSeries

# Yields records in the order of the file and returns what the file says of itself, its own sequences left empty.
# A series may come in pieces, each with the same metric and instance and later times.
Reading = Generator[Phase | Event | SampleSeries, None, Parsed]
Parser = Callable[[Source, Hints], Reading]

UNREAD_SHOWN = 20


def whole(parse: Callable[[bytes, Hints], Parsed]) -> Parser:
    """A parser that needs its whole document at once, as one that reads a stream."""

    def reading(source: Source, hints: Hints) -> Reading:
        parsed = parse(source.read(), hints)
        yield from parsed.phases
        yield from parsed.events
        yield from parsed.samples
        return replace(parsed, phases=(), events=(), samples=())

    return reading


def collect(reading: Reading) -> Parsed:
    """All of a reading in memory, pieces of a series joined; for small files and tests."""
    phases: list[Phase] = []
    events: list[Event] = []
    series: dict[tuple[str, str], SampleSeries] = {}
    while True:
        try:
            record = next(reading)
        except StopIteration as end:
            parsed: Parsed = end.value
            return replace(parsed, phases=phases, events=events, samples=list(series.values()))
        if isinstance(record, Phase):
            phases.append(record)
        elif isinstance(record, Event):
            events.append(record)
        else:
            known = series.setdefault(
                (record.metric, record.instance), SampleSeries(record.metric, record.instance, [], [])
            )
            known.times.extend(record.times)
            known.values.extend(record.values)


@dataclass(slots=True)
class Tally:
    """How much of a file was understood, and the first lines that were not. A blank line counts as read."""

    total: int = 0
    skipped: int = 0
    unread: list[dict[str, Any]] = field(default_factory=list)

    def skip(self, line: int, text: str) -> None:
        self.skipped += 1
        if len(self.unread) < UNREAD_SHOWN:
            self.unread.append({"line": line, "text": text[:200]})

    def lines(self) -> Lines:
        return Lines(self.total, self.total - self.skipped, self.skipped)

    def facts(self) -> dict[str, Any]:
        return {"unread": self.unread} if self.unread else {}
