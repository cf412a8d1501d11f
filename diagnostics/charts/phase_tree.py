"""The phases of one window by parent, with what storage did not hand over placed among them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from diagnostics.records import Interval, PhaseStatus

Parent = int | None  # position of the parent; None is the top level


@dataclass(frozen=True, slots=True)
class WaterfallPhase:
    """A phase as storage hands it to a waterfall; times in ns since the epoch, durations in ns.

    ``children`` counts its direct children in the whole launch, whether in the window or not. ``precision`` (ns) is
    what its times can be off by.
    """

    position: int
    parent: Parent
    depth: int
    name: str
    path: str
    lane: str
    start_time: int
    duration: int
    self_time: int
    slack: int
    critical: bool
    status: PhaseStatus
    children: int
    precision: int = 0

    @property
    def end_time(self) -> int:
        return self.start_time + self.duration


@dataclass(frozen=True, slots=True)
class Hidden:
    """Phases of the window under one parent that storage did not hand over: how many, over what span, summed time.

    A ``parent`` that was not handed over either is in a group of its own, so this group is placed by its time span and
    its time, already in that group's, is not added again.
    """

    parent: Parent
    count: int
    start_time: int
    end_time: int
    duration: int


class PhaseTree:
    def __init__(self, phases: Sequence[WaterfallPhase], hidden: Sequence[Hidden], window: Interval) -> None:
        self.window = window
        self.phases = self._in_window(phases)
        self.children: defaultdict[Parent, list[WaterfallPhase]] = defaultdict(list)
        self._visible = self._visible_times()
        for phase in sorted(self.phases.values(), key=attrgetter("start_time", "position")):
            self.children[self.parent(phase)].append(phase)
        self.hidden: defaultdict[Parent, list[Hidden]] = defaultdict(list)
        for group in self._placed(hidden):
            self.hidden[group[0]].append(group[1])
        self._beneath = self._counted()

    def parent(self, phase: WaterfallPhase) -> Parent:
        return phase.parent if phase.parent in self.phases else None

    def child_count(self, parent: Parent) -> int:
        """Direct children in the window, those never handed over counted as one."""
        return len(self.children[parent]) + bool(self.hidden[parent])

    def beneath(self, position: int) -> int:
        """All descendants in the window, handed over or not."""
        return self._beneath[position]

    def visible_time(self, phase: WaterfallPhase) -> int:
        """Nanoseconds of the phase inside the window."""
        return self._visible[phase.position]

    def with_ancestors(self, phase: WaterfallPhase) -> Iterator[WaterfallPhase]:
        """``phase``, its parent, and so on to the top."""
        while True:
            yield phase
            parent = self.parent(phase)
            if parent is None:
                return
            phase = self.phases[parent]

    def unfolded(self, folded: frozenset[int]) -> Iterator[WaterfallPhase]:
        """Every phase that no folded ancestor hides, depth-first."""
        stack = self.children[None][::-1]
        while stack:
            phase = stack.pop()
            yield phase
            if phase.position not in folded:
                stack += self.children[phase.position][::-1]

    def _in_window(self, phases: Sequence[WaterfallPhase]) -> dict[int, WaterfallPhase]:
        """Those that run in the window, and their ancestors: a child may lie outside its parent's time."""
        first, last = self.window.start, self.window.end
        # One that only touches an end of the window has nothing in it, unless it has no length at all.
        inside = {
            one.position: one
            for one in phases
            if (one.start_time < last and one.end_time > first) or first <= one.start_time == one.end_time <= last
        }
        everything = {one.position: one for one in phases}
        for phase in list(inside.values()):
            parent = phase.parent
            while parent is not None and parent not in inside and parent in everything:
                inside[parent] = everything[parent]
                parent = everything[parent].parent
        return inside

    def _visible_times(self) -> dict[int, int]:
        first, last = self.window.start, self.window.end
        return {
            position: min(one.start_time + one.duration, last) - max(one.start_time, first)
            for position, one in self.phases.items()
        }

    def _placed(self, hidden: Sequence[Hidden]) -> Iterator[tuple[Parent, Hidden]]:
        strays = []
        for group in hidden:
            if group.parent is None or group.parent in self.phases:
                yield group.parent, group
            else:
                strays.append(group)
        yield from self._placed_by_time(strays)

    def _placed_by_time(self, strays: Sequence[Hidden]) -> Iterator[tuple[Parent, Hidden]]:
        """Each under the latest-started phase that contains it: that one is found by bisection, for strays are many."""
        ordered = sorted(self.phases.values(), key=lambda phase: (phase.start_time, -phase.duration)) if strays else []
        # Started phases, each ending before the one below it: a phase that ends no later than a younger one never wins.
        open_positions: list[int] = []
        negated_ends: list[int] = []
        following = 0
        for group in sorted(strays, key=attrgetter("start_time")):
            while following < len(ordered) and ordered[following].start_time <= group.start_time:
                phase = ordered[following]
                while negated_ends and -negated_ends[-1] <= phase.end_time:
                    negated_ends.pop()
                    open_positions.pop()
                open_positions.append(phase.position)
                negated_ends.append(-phase.end_time)
                following += 1
            found = bisect_right(negated_ends, -group.end_time)
            # Its own parent is in some group already, with all its time.
            yield (open_positions[found - 1] if found else None), replace(group, duration=0)

    def _counted(self) -> dict[int, int]:
        counts = dict.fromkeys(self.phases, 0)
        for position, groups in self.hidden.items():
            if position is not None:
                counts[position] = sum(group.count for group in groups)
        for phase in sorted(self.phases.values(), key=attrgetter("depth"), reverse=True):
            parent = self.parent(phase)
            if parent is not None:
                counts[parent] += 1 + counts[phase.position]
        return counts
