"""What a launch would take if some of its phases were cached, halved, or ran beside another.

The answer is read from one recorded schedule (``schedule``): work that nothing here changes takes as long as it took,
waits stay waits, and phases that come to run beside each other are taken not to slow each other down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from diagnostics.agent.units import duration as in_words
from diagnostics.analysis.critical_path import Clipped, clip, critical_path
from diagnostics.analysis.hierarchy import Hierarchy, nest
from diagnostics.analysis.schedule import Net, Times
from diagnostics.records import Interval, LaunchAnalysis, Phase


class Action(StrEnum):
    CACHED = "cached"  # takes no time
    HALF = "half"
    PARALLEL = "parallel"  # begins together with ``other``
    DURATION = "duration"  # takes ``duration`` ns


@dataclass(frozen=True, slots=True)
class Change:
    """One change to one phase; phases are named by position or by path."""

    phase: int | str
    action: Action
    other: int | str | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Times in ns. ``schedule`` has every phase's new place by position, ``None`` for those outside of the launch.

    ``saved`` is negative if the launch would take longer. ``note`` says in a few sentences what to make of it.
    """

    total_before: int
    total_after: int
    saved: int
    new_critical_path: Sequence[int]
    schedule: Sequence[Interval | None]
    note: str


class ImpossibleChange(ValueError):
    """A change that names no phase of this launch, or contradicts what its phases declare. The text is a sentence."""


def what_if(launch: LaunchAnalysis, changes: Sequence[Change]) -> WhatIf:
    """Recompute the launch with ``changes``, all at once. Raises ``ImpossibleChange``."""
    question = _Question(launch, changes)
    net = Net(question.phases, question.hierarchy, question.clipped, question.path, question.beside)
    times = Times(net, question.lengths)
    total = times.ends[-1] - launch.start_time
    kept = question.clipped.kept
    schedule = [Interval(times.starts[i], times.ends[i]) if kept[i] else None for i in range(len(question.phases))]
    path = _new_path(question, schedule, launch.start_time, total)
    note = _note(question, launch, path, launch.total - total)
    return WhatIf(launch.total, total, launch.total - total, path, schedule, note)


class _Question:
    """The launch taken apart again, and the changes by position."""

    def __init__(self, launch: LaunchAnalysis, changes: Sequence[Change]) -> None:
        self.launch = launch
        self.phases: list[Phase] = [placed.phase for placed in launch.phases]
        self.places = {placed.path: placed.phase.position for placed in launch.phases}
        self.hierarchy: Hierarchy = nest(self.phases)
        self.clipped: Clipped = clip(self.phases, self.hierarchy, launch.start_time, launch.ready_time)
        self.path = critical_path(self.phases, self.clipped)
        self.lengths: dict[int, int] = {}
        self.beside: dict[int, int] = {}
        for change in changes:
            self._add(change)
        # Whoever changes a phase as a whole has spoken for its parts.
        self.covered = [i for i in self.lengths if self._around(i) & self.lengths.keys() - {i}]
        for position in self.covered:
            del self.lengths[position]

    def name(self, position: int) -> str:
        return f"“{self.launch.phases[position].path}”"

    def _add(self, change: Change) -> None:
        position = self._position(change.phase)
        if change.action is Action.PARALLEL:
            if change.other is None:
                raise ImpossibleChange("Say which phase it is to run beside.")
            later, earlier = self._beside(position, self._position(change.other))
            self.beside[later] = earlier
            return
        told = self.phases[position].duration
        length = {Action.CACHED: 0, Action.HALF: told // 2}.get(change.action, change.duration)
        if length is None or length < 0:
            raise ImpossibleChange("Say how long the phase is to take: 0 or more nanoseconds.")
        self.lengths[position] = self._within(position, length)

    def _position(self, phase: int | str) -> int:
        found = self.places.get(phase) if isinstance(phase, str) else phase
        if found is None or not 0 <= found < len(self.phases):
            raise ImpossibleChange(f"This launch has no phase “{phase}”.")
        return found

    def _within(self, position: int, length: int) -> int:
        """How much of a phase of ``length`` lies in the launch and in what encloses it."""
        start, end = self.clipped.starts[position], self.clipped.ends[position]
        phase = self.phases[position]
        inside = max(0, length - (start - phase.start_time))
        return min(inside, end - start) if phase.end_time > end else inside

    def _beside(self, one: int, two: int) -> tuple[int, int]:
        """(who moves, whose start it gets): the later of the two moves."""
        starts = self.clipped.starts
        later, earlier = (one, two) if (starts[one], one) > (starts[two], two) else (two, one)
        if one == two or self._around(one) & {two} or self._around(two) & {one}:
            raise ImpossibleChange(f"{self.name(one)} and {self.name(two)} are one inside the other.")
        if self._needs(later, earlier):
            raise ImpossibleChange(f"{self.name(later)} depends on {self.name(earlier)}: they cannot run together.")
        return later, earlier

    def _around(self, position: int) -> set[int]:
        around: set[int] = set()
        at: int | None = position
        while at is not None:
            around.add(at)
            at = self.hierarchy.parents[at]
        return around

    def _needs(self, later: int, earlier: int) -> bool:
        """Whether declared dependencies, of these phases or of what is around them, lead from one to the other."""
        seen: set[int] = set()
        ahead = [later]
        while ahead:
            position = ahead.pop()
            if position in seen:
                continue
            seen.add(position)
            if position == earlier:
                return True
            ahead += [other for own in self._around(position) for other in self.phases[own].depends_on]
        return False


def _new_path(question: _Question, schedule: Sequence[Interval | None], start: int, total: int) -> Sequence[int]:
    phases = [_moved(question, told, place, start + total) for told, place in enumerate(schedule)]
    clipped = clip(phases, nest(phases), start, start + total)
    return critical_path(phases, clipped).order


def _moved(question: _Question, position: int, place: Interval | None, ready: int) -> Phase:
    told, parent = question.phases[position], question.hierarchy.parents[position]
    # What was outside of the launch stays outside, wherever the launch ends now.
    place = place or Interval(ready + 1, ready + 2)
    return msgspec.structs.replace(
        told, start_time=place.start, duration=place.duration, parent=parent, is_root=parent is None
    )


def _note(question: _Question, launch: LaunchAnalysis, path: Sequence[int], saved: int) -> str:
    sentences = [
        f"{question.name(position)} is part of another changed phase, which stands for it."
        for position in question.covered
    ]
    changed = [*question.lengths, *question.beside]
    outside = [position for position in changed if not question.clipped.kept[position]]
    sentences += [
        f"{question.name(position)} lies outside of the launch and counts for nothing." for position in outside
    ]
    if saved == 0 and changed and len(outside) < len(changed):
        sentences.append(_nothing_saved(question, launch, changed))
    elif saved < 0:
        sentences.append(f"The launch would take {in_words(-saved)} longer.")
    if saved > 0:
        sentences += _bounded_by(question, path)
    if question.beside:
        sentences.append("This takes for granted that phases beside each other do not slow each other down.")
    return " ".join(sentences)


def _nothing_saved(question: _Question, launch: LaunchAnalysis, changed: Sequence[int]) -> str:
    free = [position for position in changed if position not in question.path.entered]
    if len(free) < len(changed):
        return "It saves nothing: other phases take as long at the same time."
    names = ", ".join(map(question.name, free))
    rest = min(launch.phases[position].slack for position in free)
    spare = f": it could even take {in_words(rest)} longer" if rest and len(free) == 1 else ""
    return f"It saves nothing: {names} {'is' if len(free) == 1 else 'are'} not on the critical path{spare}."


def _bounded_by(question: _Question, path: Sequence[int]) -> list[str]:
    new = [position for position in path if position not in question.path.entered]
    if not new:
        return []
    longest = max(new, key=lambda position: question.phases[position].duration)
    return [f"{question.name(longest)} would then be on the critical path."]
