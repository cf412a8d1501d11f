"""What Kubernetes tells of one launch: its files often speak of a whole namespace, and of earlier runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from diagnostics.records import NS_PER_SECOND, Phase

LANE = "kubernetes"
READY = "ready"  # the pod's stage from its containers' start to its readiness
# Kubernetes' seconds against the process's nanoseconds.
ABOUT = 2 * NS_PER_SECOND
LATE = 60 * NS_PER_SECOND  # what a container may do before the process that is looked at begins


def of_launch(phases: Sequence[Phase], names: Collection[str]) -> list[Phase]:
    """The phases of the launch's pod, in a lane of a name that is the same for the next pod; none if nothing tells
    which of several pods it is. ``names`` are those that the launch's host and labels go by."""
    lanes = {phase.lane for phase in phases}
    mine = lanes if len(lanes) <= 1 else {lane for lane in lanes if lane.rpartition("/")[2] in names or lane in names}
    if len(mine) != 1:
        return []
    return _kept(phases, [phase.lane in mine for phase in phases], lane=LANE)


def of_pod(facts: Mapping[str, Any], names: Collection[str]) -> Mapping[str, int]:
    """The milestones of the launch's pod, of the pods that a file tells of."""
    return _pod(facts, names).get("milestones") or {}


def _pod(facts: Mapping[str, Any], names: Collection[str]) -> Mapping[str, Any]:
    pods = [pod for pod in facts.get("pods") or () if isinstance(pod, dict)]
    if len(pods) > 1:
        pods = [pod for pod in pods if pod.get("name") in names]
    return pods[0] if len(pods) == 1 else {}


def of_this_run(phases: Sequence[Phase], start: int) -> list[Phase]:
    """Only what followed the end of the run before: the pod's beginning was not this launch's."""
    first = max((phase.start_time for phase in phases if _ends_a_run(phase) and phase.start_time < start), default=0)
    wanted = [phase.start_time >= first and phase.end_time > start - ABOUT for phase in phases]
    return _kept(phases, wanted)


def is_another_run(phases: Iterable[Phase], facts: Mapping[str, Any], names: Collection[str], start: int) -> bool:
    """Whether the container had run before, in the same pod, when the process of this launch began at ``start``; also
    when the pod was ready before that, be it by another run or by a clock that is far off."""
    if any(_ends_a_run(phase) and phase.start_time < start for phase in phases):
        return True
    pod = _pod(facts, names)
    if (pod.get("milestones") or {}).get("pod_ready", start) < start - ABOUT:
        return True
    containers = [one for one in pod.get("containers") or () if isinstance(one, dict) and not one.get("init")]
    return any(_had_run(one, start) for one in containers)


def _had_run(container: Mapping[str, Any], start: int) -> bool:
    restarts = container.get("restarts") or 0
    last = container.get("last") or {}
    known = sorted(time for time in (container.get("started"), last.get("started")) if isinstance(time, int))
    if restarts == 1 and known:
        # Of two runs this is the second, unless it began before that.
        return start >= known[-1] - ABOUT if len(known) > 1 else start > known[0] + LATE
    return bool(restarts)  # after several, nobody knows when the first began


def once(phases: Sequence[Phase], seen: Collection[tuple[str, str]]) -> list[Phase]:
    """Without those that another file told already."""
    return _kept(phases, [(phase.name, phase.lane) not in seen for phase in phases])


def around_own_work(phases: Sequence[Phase]) -> list[Phase]:
    """With the time that Kubernetes gives to becoming ready cut down to what the launch's own phases do not explain.

    Between the container's start and its readiness the process does its work; the pod only waits for it.
    """
    own_ends = [phase.end_time for phase in phases if phase.lane != LANE]
    return [_cut(phase, own_ends) if phase.lane == LANE and phase.name == READY else phase for phase in phases]


def _cut(ready: Phase, own_ends: Iterable[int]) -> Phase:
    begin = max((end for end in own_ends if ready.start_time < end <= ready.end_time + ABOUT), default=ready.start_time)
    begin = min(begin, ready.end_time)
    return msgspec.structs.replace(ready, start_time=begin, duration=ready.end_time - begin)


def _ends_a_run(phase: Phase) -> bool:
    return phase.name.startswith("back-off") and "image" not in phase.attributes


def _kept(phases: Sequence[Phase], wanted: Sequence[bool], lane: str | None = None) -> list[Phase]:
    """Some of the phases, numbered anew; a reference to one that is left out is left out too."""
    places = {phase.position: n for n, phase in enumerate(p for p, w in zip(phases, wanted, strict=True) if w)}
    return [
        msgspec.structs.replace(
            phase,
            position=places[phase.position],
            lane=phase.lane if lane is None else lane,
            parent=places.get(phase.parent) if phase.parent is not None else None,
            is_root=phase.is_root or (phase.parent is not None and phase.parent not in places),
            depends_on=tuple(places[other] for other in phase.depends_on if other in places),
        )
        for phase in phases
        if phase.position in places
    ]
