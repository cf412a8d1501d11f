"""Spans of a trace on their way to phases: of any number the longest are kept, and each finds the one around it.

A parent lasts at least as long as its children, so that keeping the longest keeps every phase's parents too.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import orjson

from diagnostics.parsers.amounts import plain
from diagnostics.records import Event, Phase

MOST_SPANS = 100_000  # what a launch may have of phases
DEEPEST = 150
_LONGEST_TEXT = 500
_MOST_KEYS = 40

# Spans of a group nest in each other by time: a thread's, or those of one asynchronous id.
Group = tuple[Any, ...]


class Span(NamedTuple):
    """``order`` tells which of two equal ones began first; ``attributes`` are JSON, to take little room."""

    duration: int
    order: int  # negative, so that of equally long ones the earliest counts as largest
    start: int
    name: str
    group: Group
    attributes: bytes


class Spans:
    """``left_out`` counts what was too short to be kept, ``too_deep`` what was nested too deeply."""

    def __init__(self, most: int = MOST_SPANS) -> None:
        self.total = self.left_out = self.too_deep = 0
        self.first: int | None = None
        self.last: int | None = None
        self._most = most
        self._kept: list[Span] = []
        self._names: dict[str, str] = {}
        self._groups: dict[Group, Group] = {}

    def add(self, group: Group, start: int, end: int, name: str, attributes: Mapping[str, Any], order: int) -> None:
        self.total += 1
        self.first = start if self.first is None or start < self.first else self.first
        self.last = end if self.last is None or end > self.last else self.last
        is_full = len(self._kept) >= self._most
        if is_full and (end - start, -order) <= self._kept[0][:2]:
            self.left_out += 1
            return
        # Most names repeat; one copy of each is enough.
        if len(self._names) > self._most:
            self._names.clear()
        name, group = self._names.setdefault(name, name), self._groups.setdefault(group, group)
        span = Span(end - start, -order, start, name, group, packed(attributes))
        if is_full:
            heapq.heapreplace(self._kept, span)
            self.left_out += 1
        else:
            heapq.heappush(self._kept, span)

    @property
    def shortest(self) -> int:
        """What the shortest span that was kept took, ns."""
        return self._kept[0].duration if self._kept else 0

    def groups(self) -> dict[Group, None]:
        """Groups of kept spans, in order of their first."""
        return dict.fromkeys(span.group for span in sorted(self._kept, key=_by_start))

    def phases(self, lane_of: Callable[[Group], str], shift: int) -> Iterator[Phase]:
        """Every kept span as a phase, in order of start. Gives the spans away: they can be had once."""
        kept, self._kept = sorted(self._kept, key=_by_start), []
        around: dict[Group, list[tuple[int, int]]] = {}  # position and end of those still open
        position = 0
        for span in kept:
            stack, end = around.setdefault(span.group, []), span.start + span.duration
            while stack and stack[-1][1] < end:
                stack.pop()
            if len(stack) >= DEEPEST:
                self.too_deep += 1
                continue
            parent = stack[-1][0] if stack else None
            stack.append((position, end))
            yield Phase(
                position=position,
                name=span.name,
                start_time=span.start + shift,
                duration=span.duration,
                parent=parent,
                is_root=parent is None,
                lane=lane_of(span.group),
                attributes=orjson.loads(span.attributes) if span.attributes else {},
            )
            position += 1

    def facts(self) -> dict[str, Any]:
        told = {"spans": self.total, "phases_left_out": self.left_out, "phases_too_deep": self.too_deep}
        if self.left_out:
            told["shortest_kept_ns"] = self.shortest
        return {name: value for name, value in told.items() if value}

    def note(self, time: int) -> Iterator[Event]:
        """A sentence at the launch's start, for those who would miss what was left out."""
        if self.left_out:
            said = f"{self.left_out:,} of {self.total:,} spans were shorter than {self.shortest:,} ns and are left out"
            yield Event(time, f"The trace is shown by its {self._most:,} longest phases: {said}.", level="notice")


def _by_start(span: Span) -> tuple[int, int, int]:
    return span.start, -span.duration, -span.order


def packed(attributes: Mapping[str, Any]) -> bytes:
    """Attributes as JSON, long texts cut and deep values as text: a profiler may write a page for every call."""
    if not attributes:
        return b""
    short = {str(key)[:200]: _shortened(plain(value)) for key, value in list(attributes.items())[:_MOST_KEYS]}
    try:
        # A copy: the encoder's own bytes keep the kilobyte that it reserved for them.
        return bytes(memoryview(orjson.dumps(short)))
    except TypeError:  # half a surrogate pair, or an integer beyond 64 bits
        return orjson.dumps({key.encode("utf-8", "replace").decode(): _storable(value) for key, value in short.items()})


def _storable(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode()


def _shortened(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        text = msgspec.json.encode(value).decode("utf-8", "replace")
        return value if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"
    return value[:_LONGEST_TEXT] + "…" if isinstance(value, str) and len(value) > _LONGEST_TEXT else value


def distinct(names: Iterable[tuple[Any, str]]) -> dict[Any, str]:
    """A name for each key, in their order; the second of the same name gets `` 2``, so that lanes stay apart."""
    seen: Counter[str] = Counter()
    named: dict[Any, str] = {}
    for key, name in names:
        seen[name] += 1
        named[key] = f"{name} {seen[name]}" if seen[name] > 1 else name
    return named
