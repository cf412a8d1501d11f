"""Spans out of events that say when something began, and others that say when it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from diagnostics.parsers.spans import Group, Spans

MOST_OPEN = 100_000  # begun and not ended, over all threads


class Begun(NamedTuple):
    time: int
    name: str
    attributes: Mapping[str, Any]
    order: int


class Matcher:
    """Begins and ends by group; what finds no other half waits until the file is read, for some are out of order."""

    def __init__(self, spans: Spans) -> None:
        self.unmatched_ends = self.unmatched_begins = 0
        self._spans = spans
        self._open: defaultdict[Group, list[Begun]] = defaultdict(list)
        self._ends: list[tuple[Group, int, str]] = []
        self._waiting = 0

    def begin(self, group: Group, begun: Begun) -> None:
        if self._waiting >= MOST_OPEN:
            self.unmatched_begins += 1
            return
        self._waiting += 1
        self._open[group].append(begun)

    def end(self, group: Group, time: int, name: str, attributes: Mapping[str, Any]) -> None:
        """Ends the innermost of this name; without a name, the innermost."""
        begun = self._taken(group, time, name)
        if begun is not None:
            self._close(group, begun, time, attributes)
        elif len(self._ends) < MOST_OPEN:
            self._ends.append((group, time, name))
        else:
            self.unmatched_ends += 1

    def finish(self, last: int) -> None:
        """Ends that came before their begins find them; what never ended lasts as long as the trace, and says so."""
        for group, time, name in self._ends:
            begun = self._taken(group, time, name)
            if begun is None:
                self.unmatched_ends += 1
            else:
                self._close(group, begun, time, {})
        for group, stack in self._open.items():
            for begun in stack:
                self.unmatched_begins += 1
                self._close(group, begun, max(last, begun.time), {"open": True})
        self._open.clear()

    def _taken(self, group: Group, time: int, name: str) -> Begun | None:
        stack = self._open.get(group)
        if not stack:
            return None
        for place in range(len(stack) - 1, max(len(stack) - 1_000, 0) - 1, -1):
            if (not name or stack[place].name == name) and stack[place].time <= time:
                self._waiting -= 1
                return stack.pop(place)
        return None

    def _close(self, group: Group, begun: Begun, end: int, attributes: Mapping[str, Any]) -> None:
        told = {**begun.attributes, **attributes} if attributes else begun.attributes
        self._spans.add(group, begun.time, end, begun.name, told, begun.order)
