"""The parts of a launch that a reason can be asked for: phases that bound it, and the time that no phase covers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.records import NS_PER_SECOND, Interval, PlacedPhase

# A stretch below this share of the launch cannot be what makes it slow; beyond so many nobody reads on.
LEAST_SHARE = 0.02
MOST = 8
UNACCOUNTED = "the unaccounted time"
THE_LAUNCH = "the launch"


@dataclass(frozen=True, slots=True)
class Stretch:
    """``cost`` (ns) is what the launch could gain here: the part of the critical path that the stretch itself owns.
    ``placed`` is ``None`` for time that no phase covers."""

    window: Interval
    cost: int
    placed: PlacedPhase | None = None
    name: str = UNACCOUNTED

    @property
    def path(self) -> str | None:
        return self.placed.path if self.placed else None

    def part(self, share: float) -> int:
        """That share (0..1) of the cost, ns."""
        return round(self.cost * min(1.0, max(0.0, share)))


def of_phase(placed: PlacedPhase) -> Stretch:
    phase = placed.phase
    return Stretch(Interval(phase.start_time, phase.end_time), placed.critical_time, placed, placed.phase.name)


def whole(case: Case) -> Stretch:
    """The launch as one stretch, for what no phase can be named for."""
    return Stretch(case.window, max(0, case.launch.total), None, THE_LAUNCH)


def weighty(case: Case) -> list[Stretch]:
    """What the launch spent its time in, longest first: phases on the critical path, and unaccounted time."""
    least = max(1, round(case.launch.total * LEAST_SHARE))
    phases = [of_phase(placed) for placed in case.launch.phases if placed.critical_time >= least]
    gaps = [Stretch(gap, gap.duration) for gap in case.launch.unaccounted if gap.duration >= least]
    found = sorted([*phases, *gaps], key=lambda stretch: -stretch.cost)[:MOST]
    return found or ([whole(case)] if case.launch.total > 0 else [])


def running_at(case: Case, time: int, slack: int = NS_PER_SECOND) -> Stretch | None:
    """The phase under way at an instant: one on the critical path before others, the innermost of those.

    ``slack`` (ns) is how far beside a phase a time may lie and still mean it: clocks of a kernel and of a program
    differ. ``None`` when the time is outside the launch; the launch itself when no phase was under way.
    """
    for reach in (0, slack):
        around = [
            placed
            for placed in case.launch.phases
            if placed.phase.start_time - reach <= time <= placed.phase.end_time + reach
        ]
        if around:
            return of_phase(max(around, key=lambda placed: (placed.critical, placed.depth, placed.phase.start_time)))
    window = case.window
    return whole(case) if window.start - slack <= time <= window.end + slack else None


def most_hit(case: Case, intervals: Sequence[Interval]) -> tuple[Stretch, int] | None:
    """The weighty stretch that these intervals overlap most, weighed by what it owns of the path, and by how much (ns).

    ``None`` when they miss all of them.
    """
    hits = [(stretch, covered(stretch.window, intervals)) for stretch in weighty(case)]
    hits = [(stretch, hit) for stretch, hit in hits if hit > 0]
    return max(hits, key=lambda hit: min(hit[1], hit[0].cost)) if hits else None


def covered(window: Interval, intervals: Iterable[Interval]) -> int:
    """How much of the window lies in at least one of the intervals, ns."""
    total, reached = 0, window.start
    for interval in sorted(intervals, key=lambda one: one.start):
        start, end = max(interval.start, reached), min(interval.end, window.end)
        if end > start:
            total, reached = total + end - start, end
    return total
