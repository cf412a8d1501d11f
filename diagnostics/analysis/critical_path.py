"""The chain of phases that bounds a launch, from ready back to start.

The rule is the one Jaeger uses for traces, refined by declared dependencies: take the last-finishing child of a scope,
go into it, then step back to what it waited for. That is its last-finishing declared dependency, or, where none is
declared, the sibling that finished last at or before its start. Between the two nobody on the path ran: inside a phase
that time is the phase's own, at the top it is ``waiting``.

A dependency may lie in another scope (a rank's phase waiting for one of the main process). The path then leaves every
scope between and goes on at the dependency. Such an edge counts only if the dependency ended after the dependent's
enclosing phase had begun; otherwise that enclosing phase's start is what has to be explained, and if it began together
with the dependent it inherits the dependency. Dependencies on one's own ancestors or descendants never count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnostics.analysis.hierarchy import Hierarchy
from diagnostics.records import Phase

# The virtual phase around the top level. As an index it is the last, extra entry of every list below.
ROOT = -1


@dataclass(frozen=True, slots=True)
class Clipped:
    """Phases as far as they lie in the window and in all that encloses them: ``starts[ROOT]`` is the launch's start.

    ``kept`` is false for phases outside; they bound nothing. Everything is indexed by position, ROOT last.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    kept: Sequence[bool]
    parents: Sequence[int]
    depths: Sequence[int]
    children: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """``order``: positions by their first section on the path; ``times``: ns owned, by position.

    ``sum(times) + waiting`` is the length of the window, exactly. ``entered`` holds every phase that the path goes
    through, the fully covered wrappers that own nothing of it included. ``fences`` holds per scope, latest first, the
    ends of the siblings that the path took for no better reason than that they finished last.
    """

    order: Sequence[int]
    times: Sequence[int]
    waiting: int
    entered: frozenset[int]
    fences: dict[int, list[int]]


def clip(phases: Sequence[Phase], hierarchy: Hierarchy, start: int, ready: int) -> Clipped:
    """Cut every phase to [start, ready] and to its ancestors. What overlaps only by a point is outside, unless it is
    a point itself."""
    count = len(phases)
    starts, ends, kept = [start] * (count + 1), [ready] * (count + 1), [True] * (count + 1)
    parents = [ROOT if parent is None else parent for parent in hierarchy.parents]
    for position in hierarchy.top_down:
        phase, parent = phases[position], parents[position]
        low = starts[position] = max(phase.start_time, starts[parent])
        high = ends[position] = min(phase.start_time + phase.duration, ends[parent])
        kept[position] = kept[parent] and (low < high or (low == high and not phase.duration))
    return Clipped(starts, ends, kept, parents, hierarchy.depths, [*hierarchy.children, hierarchy.roots])


def critical_path(phases: Sequence[Phase], clipped: Clipped) -> CriticalPath:
    """Walk from ready back to start; O(n log n) over the scopes that the path enters."""
    walk = _Walk(phases, clipped)
    walk.run()
    waiting = walk.times.pop()
    order = tuple(dict.fromkeys(reversed(walk.sections)))
    return CriticalPath(order, walk.times, waiting, frozenset(walk.entered), walk.fences)


class _Walk:
    """One walk backwards in time. ``now`` only falls, and every phase is finished at most once: so it ends."""

    def __init__(self, phases: Sequence[Phase], clipped: Clipped) -> None:
        self.phases = phases
        self.clipped = clipped
        self.now = clipped.ends[ROOT]
        self.times = [0] * (len(phases) + 1)
        self.sections: list[int] = []  # owners, latest first
        self.scopes: list[int] = [ROOT]  # from the outermost to the one being walked
        self.forced: list[int] = []  # the way down to a dependency, next step last
        self.queues: dict[int, list[int]] = {}
        self.inherited: dict[int, tuple[int, ...]] = {}
        self.entered: set[int] = set()
        self.finished: set[int] = set()
        self.fences: dict[int, list[int]] = {}

    def run(self) -> None:
        ends, starts, children = self.clipped.ends, self.clipped.starts, self.clipped.children
        entering = True
        while self.scopes:
            scope = self.scopes[-1]
            child = self.forced.pop() if self.forced else self._last(scope, entering)
            entering = child is not None
            if child is None:
                self._own(scope, starts[scope])
                self.scopes.pop()
                self._finish(scope)
                continue
            self._own(scope, ends[child])
            self.entered.add(child)
            if children[child]:
                self.scopes.append(child)
            else:
                # Most phases are leaves: going in and out at once saves a third of the walk.
                self._own(child, starts[child])
                self._finish(child)
                entering = False

    def _own(self, scope: int, until: int) -> None:
        """The time from ``until`` to now belongs to ``scope`` itself."""
        if until < self.now:
            self.times[scope] += self.now - until
            if scope != ROOT:
                self.sections.append(scope)
            self.now = until

    def _last(self, scope: int, entering: bool) -> int | None:
        """The child that finished last by now; on entering a phase cut short, one that was still at it, too."""
        queue = self.queues.get(scope)
        if queue is None:
            queue = self.queues[scope] = self._queue(scope)
        ends, starts = self.clipped.ends, self.clipped.starts
        while queue:
            child = queue.pop()
            if child not in self.finished and (ends[child] <= self.now or (entering and starts[child] < self.now)):
                fence = min(ends[child], self.now)
                if scope in self.fences:
                    self.fences[scope].append(fence)
                else:
                    self.fences[scope] = [fence]
                return child
        return None

    def _queue(self, scope: int) -> list[int]:
        """Children by end, the walk's next one last. Of those ending together a free point comes first in the walk,
        then the one that started first, then the first told."""
        clipped, phases = self.clipped, self.phases
        kept = [child for child in reversed(clipped.children[scope]) if clipped.kept[child]]
        if len(kept) > 1:
            kept.sort(key=lambda i: not phases[i].duration and not phases[i].depends_on)
            kept.sort(key=clipped.ends.__getitem__)
        return kept

    def _finish(self, position: int) -> None:
        """The path reached the start of ``position``: go on at what it waited for, if that was declared."""
        self.finished.add(position)
        if position == ROOT:
            return
        phase = self.phases[position]
        if not phase.duration:
            self.sections.append(position)
        if not phase.depends_on and position not in self.inherited:
            return
        edges = phase.depends_on + self.inherited.get(position, ())
        ways = [way for other in dict.fromkeys(edges) if (way := self._way(position, other))]
        scope = self.scopes[-1]
        if ways:
            self._jump(max(ways, key=lambda way: (self.clipped.ends[way[0]], -way[0])))
        elif edges and self.clipped.starts[scope] == self.clipped.starts[position]:
            self.inherited[scope] = (*self.inherited.get(scope, ()), *edges)

    def _way(self, position: int, dependency: int) -> list[int] | None:
        """From ``dependency`` up to the first ancestor in a scope being walked; None if the edge does not count."""
        clipped, scopes = self.clipped, self.scopes
        end = clipped.ends[dependency]
        if not clipped.kept[dependency] or not (end <= self.now or clipped.starts[dependency] < self.now):
            return None
        way = [dependency]
        while scopes[min(clipped.depths[way[-1]], len(scopes) - 1)] != clipped.parents[way[-1]]:
            way.append(clipped.parents[way[-1]])
        depth = clipped.depths[way[-1]]
        related = way[-1] == position or scopes[depth + 1 : depth + 2] == [way[-1]]
        if related or not self.finished.isdisjoint(way):
            return None
        if depth < len(scopes) - 1 and end <= clipped.starts[scopes[-1]]:
            return None  # over before the enclosing phase began: no reason to leave it
        return way

    def _jump(self, way: list[int]) -> None:
        self._own(self.scopes[-1], self.clipped.ends[way[0]])
        del self.scopes[self.clipped.depths[way[-1]] + 1 :]
        self.forced = way
