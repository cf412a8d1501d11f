"""By how much a phase may grow without delaying ready: conservative, from one recorded schedule.

Growth is meant at the end of the phase. What is on the critical path has none. For the rest it is the total float of
the critical path method, with these limits on the end of a phase, whichever comes first:

- the end of the scope around it, plus that scope's own slack (the launch's ready, at the top);
- for every phase that declares it as a dependency: that phase's start, plus its slack;
- for every sibling that declares no dependency and started when it had finished: that sibling's start, plus its slack,
  because what finished before may be what it waited for;
- where the path went by time alone: the end of the sibling on the path that ends first at or after this one's.

A phase that encloses a declared dependency of an outside phase is held to the recorded gap between the two. Phases
outside the window or outside their parent are promised nothing: 0.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from diagnostics.analysis.critical_path import ROOT, Clipped, CriticalPath
from diagnostics.records import Phase

_UNSETTLED = -1


def slack(phases: Sequence[Phase], clipped: Clipped, path: CriticalPath) -> list[int]:
    """Slack in ns by position, in O(n log n + edges · depth)."""
    return _Float(phases, clipped, path).settle()


class _Float:
    """Settles phases from the latest end to the earliest: all that can hold one back is settled before it.

    What is not settled yet (a dependent that ended first, against its own declaration) counts as having no slack.
    """

    def __init__(self, phases: Sequence[Phase], clipped: Clipped, path: CriticalPath) -> None:
        self.phases = phases
        self.clipped = clipped
        self.entered = path.entered
        self.slack = [_UNSETTLED] * len(phases) + [0]
        self.fences = {scope: ends[::-1] for scope, ends in path.fences.items()}
        # Per scope, children not yet looked at (latest start last) and the earliest late start of those looked at.
        self.ahead: dict[int, list[int]] = {}
        self.late: dict[int, int] = {}
        self.dependents: dict[int, list[int]] = {}
        self.gaps: dict[int, int] = {}
        self.declared: set[int] = set()
        for phase in phases:
            for other in phase.depends_on:
                self._link(other, phase.position)

    def settle(self) -> list[int]:
        starts, ends, depths = self.clipped.starts, self.clipped.ends, self.clipped.depths
        order = sorted(range(len(depths)), key=starts.__getitem__, reverse=True)
        order.sort(key=depths.__getitem__)
        order.sort(key=ends.__getitem__, reverse=True)
        slack, kept = self.slack, self.clipped.kept
        for position in order:
            free = kept[position] and position not in self.entered
            slack[position] = max(self._room(position), 0) if free else 0
        slack.pop()
        return slack

    def _room(self, position: int) -> int:
        starts, ends, slack = self.clipped.starts, self.clipped.ends, self.slack
        scope, end = self.clipped.parents[position], ends[position]
        limit = ends[scope] + slack[scope]
        if (late := self._late(scope, end)) is not None and late < limit:
            limit = late
        fences = self.fences.get(scope)
        if fences and (place := bisect_left(fences, end)) < len(fences):
            limit = min(limit, fences[place])
        for other in self.dependents.get(position, ()):
            limit = min(limit, max(starts[other], end) + max(slack[other], 0))
        # What overhangs its parent has used up that much already.
        told_end = min(self.phases[position].end_time, ends[ROOT])
        return min(limit - told_end, self.gaps.get(position, limit))

    def _late(self, scope: int, end: int) -> int | None:
        """The earliest late start among the undeclared siblings that started at or after ``end``."""
        starts, slack = self.clipped.starts, self.slack
        ahead = self.ahead.get(scope)
        if ahead is None:
            ahead = self.ahead[scope] = self._by_start(scope)
        late = self.late.get(scope)
        while ahead and starts[ahead[-1]] >= end and slack[ahead[-1]] != _UNSETTLED:
            sibling = ahead.pop()
            start = starts[sibling] + slack[sibling]
            if late is None or start < late:
                late = self.late[scope] = start
        return late

    def _by_start(self, scope: int) -> list[int]:
        starts, ends = self.clipped.starts, self.clipped.ends
        free = [i for i in self.clipped.children[scope] if self.clipped.kept[i] and i not in self.declared]
        free.sort(key=lambda i: (starts[i], ends[i]))
        return free

    def _link(self, dependency: int, dependent: int) -> None:
        """Note an edge between unrelated phases, and the gap that it leaves to what encloses the dependency."""
        clipped = self.clipped
        if not (clipped.kept[dependency] and clipped.kept[dependent]):
            return
        if clipped.parents[dependency] == clipped.parents[dependent]:
            self._declare(dependency, dependent)
            return
        own, other = self._around(dependency), self._around(dependent)
        if dependency in other or dependent in own:
            return
        self._declare(dependency, dependent)
        gap = max(clipped.starts[dependent] - clipped.ends[dependency], 0)
        for scope in own.difference(other, (dependency,)):
            self.gaps[scope] = min(gap, self.gaps.get(scope, gap))

    def _declare(self, dependency: int, dependent: int) -> None:
        self.declared.add(dependent)
        self.dependents.setdefault(dependency, []).append(dependent)

    def _around(self, position: int) -> set[int]:
        """``position`` and everything that encloses it."""
        around = set[int]()
        while position != ROOT:
            around.add(position)
            position = self.clipped.parents[position]
        return around
