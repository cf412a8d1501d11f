"""Processes of a boot: when each began, and when it was last seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from diagnostics.parsers.bootchart.blocks import TICK
from diagnostics.parsers.trees import opened
from diagnostics.records import Phase

MOST = 20_000
KTHREADD = 2
# Places in /proc/PID/stat behind the name, counted from the state.
_PARENT, _USER, _SYSTEM, _START = 1, 11, 12, 19


@dataclass(slots=True)
class _Process:
    pid: int
    name: str
    parent: int
    start: int
    last: int
    ticks: int


class Processes:
    def __init__(self) -> None:
        self.last = 0  # of all blocks, ns
        self.left_out = self.kernel_threads = 0
        self._known: dict[tuple[int, int], _Process] = {}
        self._kernel: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._known)

    def take(self, time: int, line: str) -> bool:
        number, _, rest = line.partition(" (")
        name, closed, fields = rest.rpartition(")")
        told = fields.split()
        if not closed or len(told) <= _START or not number.isdecimal():
            return False
        try:
            pid, parent, start = int(number), int(told[_PARENT]), int(told[_START])
            ticks = int(told[_USER]) + int(told[_SYSTEM])
        except ValueError:
            return False
        self.last = max(self.last, time)
        if pid == KTHREADD or parent == KTHREADD:
            self._kernel.add(pid)
        else:
            # A number is given again to another process, which began at another time.
            self._see(_Process(pid, name, parent, start * TICK, time, ticks))
        return True

    def _see(self, seen: _Process) -> None:
        key = (seen.pid, seen.start)
        known = self._known.get(key)
        if known is None and len(self._known) >= MOST:
            self.left_out += 1
        elif known is None:
            self._known[key] = seen
        else:
            known.name, known.last, known.ticks = seen.name, max(known.last, seen.last), max(known.ticks, seen.ticks)

    def phases(self, shift: int) -> Iterator[Phase]:
        told = sorted(self._known.values(), key=lambda one: (one.start, one.pid))
        places = {one.pid: n for n, one in enumerate(told)}
        parents = opened([places.get(one.parent) for one in told])
        for n, one in enumerate(told):
            about: dict[str, Any] = {"cpu_seconds": one.ticks / 100}
            yield Phase(
                position=n,
                name=one.name[:500] or "(no name)",
                start_time=one.start + shift,
                duration=max(one.last - one.start, 0),
                parent=parents[n],
                is_root=parents[n] is None,
                attributes={**about, "open": True} if one.last == self.last else about,
            )

    def facts(self) -> dict[str, Any]:
        counts = {"kernel_threads": len(self._kernel), "processes_left_out": self.left_out}
        return {"processes": len(self._known), **{name: value for name, value in counts.items() if value}}
