"""Everything the time structure of one launch says on its own: total, coverage, nesting, critical path, slack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from diagnostics.analysis.critical_path import clip, critical_path
from diagnostics.analysis.hierarchy import Hierarchy, nest
from diagnostics.analysis.slack import slack
from diagnostics.records import (
    READINESS,
    UNDER_WAY,
    Interval,
    LaunchAnalysis,
    LaunchStatus,
    Milestone,
    ParseError,
    Phase,
    PhaseStatus,
    PlacedPhase,
)


def analyse(phases: Sequence[Phase], milestones: Mapping[str, int]) -> LaunchAnalysis:
    """Analyse the phases of one launch, ``phases[i].position == i``, with its milestones in ns since the epoch.

    The launch runs from its ``pod_created``, its ``process_start`` or its first phase, whichever is earliest, to the
    first milestone of ``READINESS`` that it has, else to the end of its last phase. Raises ``ParseError`` if there is
    nothing to analyse, if it was ready before it started, and for whatever ``nest`` refuses.
    """
    if not phases and not milestones:
        raise ParseError("The launch has neither phases nor milestones.", "$.phases")
    hierarchy = nest(phases)
    start = _start(phases, milestones)
    ready, ready_by = _ready(phases, milestones, start)
    clipped = clip(phases, hierarchy, start, ready)
    path = critical_path(phases, clipped)
    slacks = slack(phases, clipped, path)
    return LaunchAnalysis(
        start_time=start,
        ready_time=ready,
        ready_by=ready_by,
        status=_status(phases, milestones),
        phases=_placed(phases, hierarchy, slacks, path.order, path.times),
        unaccounted=list(_uncovered((phases[i] for i in hierarchy.by_start), start, ready)),
        critical_path=path.order,
        waiting=path.waiting,
    )


def _start(phases: Sequence[Phase], milestones: Mapping[str, int]) -> int:
    first = [phase.start_time for phase in phases]
    first += (milestones[known] for known in (Milestone.POD_CREATED, Milestone.PROCESS_START) if known in milestones)
    return min(first or milestones.values())


def _ready(phases: Sequence[Phase], milestones: Mapping[str, int], start: int) -> tuple[int, str]:
    for milestone in READINESS:
        if milestone in milestones:
            ready = milestones[milestone]
            if ready < start:
                sentence = (
                    f"The launch is ready ({milestone}) before it starts: check that all its times are of one clock."
                )
                raise ParseError(sentence, f"$.milestones.{milestone}")
            return ready, milestone.value
    return max((phase.end_time for phase in phases), default=start), ""


def _status(phases: Sequence[Phase], milestones: Mapping[str, int]) -> LaunchStatus:
    failed = [phase.end_time for phase in phases if phase.status == PhaseStatus.FAILED]
    reached = [milestones[milestone] for milestone in READINESS if milestone in milestones]
    # Ready at or after the last failure: whatever failed was tried again or was not needed.
    if failed and not (reached and max(reached) >= max(failed)):
        return LaunchStatus.FAILED
    # A log that ends in the middle of it, without a word of failure, was sent while the launch went on.
    goes_on = not reached and any(phase.attributes.get(UNDER_WAY) for phase in phases)
    return LaunchStatus.RUNNING if goes_on else LaunchStatus.SUCCESS


def _placed(
    phases: Sequence[Phase], hierarchy: Hierarchy, slacks: Sequence[int], order: Sequence[int], times: Sequence[int]
) -> list[PlacedPhase]:
    critical = bytearray(len(phases))
    for position in order:
        critical[position] = 1
    parents, depths, paths, children = hierarchy.parents, hierarchy.depths, hierarchy.paths, hierarchy.children
    return [
        PlacedPhase(
            phase,
            parents[i],
            depths[i],
            paths[i],
            _self_time(phase, phases, children[i]) if children[i] else phase.duration,
            slacks[i],
            critical[i] == 1,
            times[i],
        )
        for i, phase in enumerate(phases)
    ]


def _self_time(phase: Phase, phases: Sequence[Phase], children: Sequence[int]) -> int:
    # The loop of ``_uncovered`` again, without an object per gap: this runs once per parent.
    own, covered, end = 0, phase.start_time, phase.end_time
    for position in children:
        child = phases[position]
        begin = child.start_time
        if begin >= end:
            break
        if begin > covered:
            own += begin - covered
        if begin + child.duration > covered:
            covered = begin + child.duration
    return own + max(end - covered, 0)


def _uncovered(phases: Iterable[Phase], start: int, end: int) -> Iterator[Interval]:
    """The stretches of [start, end] outside all of ``phases``, which come in order of start."""
    covered = start
    for phase in phases:
        begin = phase.start_time
        if begin >= end:
            break
        if begin > covered:
            yield Interval(covered, begin)
        finish = phase.start_time + phase.duration
        if finish > covered:
            covered = finish
    if covered < end:
        yield Interval(covered, end)
