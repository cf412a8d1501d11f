"""What a start's collections add up to, and how often the heap had to grow."""

from __future__ import annotations

from collections import Counter
from typing import Any

from diagnostics.parsers.jvm_log.messages import Collected, size


class Heap:
    def __init__(self) -> None:
        self._pauses = self._paused = self._longest = self._full = 0
        self._reasons: Counter[str] = Counter()
        self._first: int | None = None
        self._last: int | None = None
        self._grown = 0

    def take(self, found: Collected) -> None:
        if found.is_pause:
            self._pauses += 1
            self._paused += found.took
            self._longest = max(self._longest, found.took)
            self._full += "Full" in found.name
            self._reasons[found.reason or found.name] += found.took
        if found.capacity:
            self._grown += self._last is not None and found.capacity > self._last
            self._first = found.capacity if self._first is None else self._first
            self._last = found.capacity

    def facts(self, told: dict[str, str]) -> dict[str, Any]:
        """``capacity_*`` are the heap's size after the first and the last collection, bytes; ``grown`` how often more
        than before."""
        found: dict[str, Any] = {"pauses": self._pauses, "paused_ns": self._paused, "longest_pause_ns": self._longest}
        found |= {"full": self._full, "by_reason_ns": dict(self._reasons.most_common(10))}
        initial, largest = (size(told.get(key, "")) for key in ("heap_initial", "heap_max"))
        sizes = {"capacity_first": self._first, "capacity_last": self._last, "initial": initial, "max": largest}
        return found | {"grown": self._grown} | {key: value for key, value in sizes.items() if value}
