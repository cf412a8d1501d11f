"""Readings of one instant, kept by metric and instance until there are enough of them, and what goes with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Tally
from diagnostics.parsers.sadf.clock import Clock
from diagnostics.parsers.sysstat_columns import CPU, Activity, Column
from diagnostics.records import NS_PER_SECOND, Event, HostFacts, Parsed, SampleSeries

KEPT = 200_000  # values


class Samples:
    """What a reader of one of sadf's formats fills; ``take`` gives the series when there is enough to give."""

    def __init__(self, hints: Hints) -> None:
        self.clock = Clock(hints.zone)
        self.tally = Tally()
        self.facts: dict[str, Any] = {}
        self.host = hints.host
        self.events: list[Event] = []
        self.restarts: list[int] = []
        self.comments: list[dict[str, Any]] = []
        self._series: dict[tuple[str, str], tuple[list[int], list[float]]] = {}
        self._kept = 0
        self._intervals: Counter[int] = Counter()
        self._without_ticks = 0

    def add(self, time: int, activity: Activity, key: str, values: Iterable[tuple[Column, float]]) -> None:
        """One row. Sectors beside kB say the same; a CPU that counted no tick says nothing."""
        found: dict[tuple[str, str], float] = {}
        for column, value in values:
            place = (column.metric, key + column.suffix)
            if column.factor == 1.0:
                found[place] = value
            else:
                found.setdefault(place, value * column.factor)
        if activity is CPU and found and not any(found.values()):
            self._without_ticks += 1
            return
        for place, value in found.items():
            times, kept = self._series.setdefault(place, ([], []))
            times.append(time)
            kept.append(value)
        self._kept += len(found)

    def interval(self, seconds: str | int) -> None:
        if str(seconds).isdigit():
            self._intervals[int(seconds)] += 1

    def restart(self, time: int, line: int, cpus: int | None) -> None:
        if time not in self.restarts:
            self.restarts.append(time)
            fields = {} if cpus is None else {"cpu_count": cpus}
            self.events.append(Event(time, "LINUX RESTART", "sadf", line, NS_PER_SECOND, fields=fields))

    def comment(self, time: int, line: int, text: str) -> None:
        told = {"time": time, "text": text}
        if told not in self.comments:
            self.comments.append(told)
            self.events.append(Event(time, text, "sadf", line, NS_PER_SECOND))

    def take(self, *, is_over: bool = False) -> Iterator[Event | SampleSeries]:
        yield from self.events
        self.events = []
        if is_over or self._kept > KEPT:
            for (metric, instance), (times, values) in self._series.items():
                yield SampleSeries(metric, instance, *_ascending(times, values))
            self._series, self._kept = {}, 0

    def parsed(self, parser: str) -> Parsed:
        self.facts |= {"clock": "wall", "zone": "local" if self.clock.is_local else "UTC", "restarts": self.restarts}
        self.facts |= {"comments": self.comments, "host": self.host or None}
        if self._intervals:
            ordered = sorted(self._intervals.elements())
            self.facts["interval_s"] = ordered[len(ordered) // 2]
        if self._without_ticks:
            self.facts["rows_without_ticks"] = self._without_ticks
        facts = {key: value for key, value in self.facts.items() if value not in (None, "")}
        host = HostFacts(self.host) if self.host else None
        return Parsed(parser=parser, host=host, lines=self.tally.lines(), facts={**facts, **self.tally.facts()})


def _ascending(times: list[int], values: list[float]) -> tuple[list[int], list[float]]:
    if times == sorted(times):
        return times, values
    order = sorted(range(len(times)), key=times.__getitem__)
    return [times[place] for place in order], [values[place] for place in order]


def number(word: str) -> float | None:
    """A number with a decimal point or comma; ``None`` for what is none, and for ``nan``."""
    try:
        value = float(word.replace(",", "."))
    except ValueError:
        return None
    return value if value - value == 0 else None
