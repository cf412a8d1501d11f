"""What the time structure of one launch says on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from diagnostics.records.told import LaunchStatus, Phase


class PlacedPhase(msgspec.Struct, frozen=True, gc=False):
    """A phase with its place in the launch: where it nests, what it took itself, and whether it bounds the launch.

    ``critical_time`` is the part of the critical path that this phase itself (not a child) owns: over a launch these
    and ``LaunchAnalysis.waiting`` sum to the total, exactly. ``slack`` is by how much it could grow for free.
    """

    phase: Phase
    parent: int | None
    depth: int
    path: str
    self_time: int
    slack: int
    critical: bool
    critical_time: int


class Interval(msgspec.Struct, frozen=True, gc=False):
    """A stretch of time, ``start`` included and ``end`` not."""

    start: int
    end: int

    @property
    def duration(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class LaunchAnalysis:
    """Everything the time structure of one launch says on its own, without history.

    ``unaccounted`` are the stretches between start and ready that no phase covers; ``total`` is their length plus
    the covered time. ``ready_by`` names the milestone that ended the launch, or ``""`` for the end of the last phase.
    """

    start_time: int
    ready_time: int
    ready_by: str
    status: LaunchStatus
    phases: Sequence[PlacedPhase]
    unaccounted: Sequence[Interval]
    critical_path: Sequence[int]  # positions, in the order of the path
    waiting: int  # time on the critical path during which no phase of the path ran

    @property
    def total(self) -> int:
        return self.ready_time - self.start_time

    @property
    def unaccounted_time(self) -> int:
        return sum(gap.duration for gap in self.unaccounted)

    @property
    def coverage(self) -> float:
        """Share of the total that phases cover, 0..1; a launch of no length is fully covered."""
        return 1.0 if self.total <= 0 else 1.0 - self.unaccounted_time / self.total
