"""The phases that matched rules make: ranks merged, parts in what contains them, dependencies; and how all fitted."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from diagnostics.agent.ranks import Merged, merge
from diagnostics.agent.rule_matching import RuleMatching, Span


class Report(NamedTuple):
    """How well the rules fitted. ``missing`` phases always show in a launch that gets ready: their wording changed."""

    profiles: List[str]  # "vllm/1"
    matched: Dict[str, int]
    missing: List[str]
    unended: List[str]
    lost: List[str]


class Profiled(NamedTuple):
    """``phases`` are in the form of the wire contract; a phase that holds others has them as children by ``parent``."""

    phases: List[Dict[str, Any]]
    labels: Dict[str, str]
    report: Report


def conclude(actives: Sequence[RuleMatching], until: int, ready: bool, verbose: bool) -> Profiled:
    """What the profiles saw up to ``until`` (ns). If the launch did not get ready, the phases under way are failed."""
    closed = [span for active in actives for span in active.spans]
    lingering, unended = _still_open(actives, closed, until, ready)
    merged = merge([*closed, *lingering])
    shown = [phase for phase in merged if verbose or not phase.slowest.rule.detail]
    labels = {name: value for active in reversed(actives) for name, value in active.labels.items()}
    phases = _phases(shown, actives[0].profile.name, verbose)
    return Profiled(phases, labels, _report(actives, merged, unended, ready))


def _report(actives: Sequence[RuleMatching], merged: List[Merged], unended: List[Span], ready: bool) -> Report:
    matched: Dict[str, int] = {}
    for phase in merged:
        matched[phase.slowest.rule.phase] = matched.get(phase.slowest.rule.phase, 0) + len(phase.spans)
    expected = [rule.phase for active in actives for rule in active.profile.rules if rule.expected]
    lost = {phase for active in actives for phase in active.lost if phase not in matched}
    return Report(
        profiles=[f"{active.profile.name}/{active.profile.version}" for active in actives],
        matched=matched,
        missing=[phase for phase in expected if ready and phase not in matched],
        unended=sorted({f"{span.name} ({span.lane})" if span.lane else span.name for span in unended}),
        lost=sorted(lost),
    )


def _still_open(
    actives: Sequence[RuleMatching], closed: List[Span], until: int, ready: bool
) -> Tuple[List[Span], List[Span]]:
    """Open spans → those the launch was in when it ended, closed as failed; and those whose last line never came."""
    lingering: List[Span] = []
    unended: List[Span] = []
    for active in actives:
        for span in active.open.values():
            moved_on = any(_follows(other, span) for other in closed)
            # One that began with the last thing known took no time that could be told.
            if ready or moved_on or until <= span.start:
                unended.append(span)
            else:
                span.end, span.status = until, "failed"
                span.attributes["open"] = True
                lingering.append(span)
    return lingering, unended


def _follows(other: Span, span: Span) -> bool:
    """``other`` came after ``span`` and is no part of it, so ``span`` must have ended. Instances by key run abreast."""
    if span.key or other.start < span.start or other.status == "failed":
        return False
    return span.rule.phase in other.rule.after and span.rule.phase not in other.rule.within


def _phases(merged: List[Merged], profile: str, verbose: bool) -> List[Dict[str, Any]]:
    ids = {id(phase): f"{profile}-{number}" for number, phase in enumerate(merged, 1)}
    phases = []
    for phase in merged:
        parent = _parent(phase, merged)
        told = _phase(phase.slowest, ids[id(phase)], ids[id(parent)] if parent else None)
        told["depends_on"] = [ids[id(other)] for other in merged if _comes_after(phase, other)]
        told["attributes"] = phase.attributes()
        phases.append(told)
        if verbose and "slowest" in told["attributes"]:
            phases += [
                {**_phase(span, f"{told['id']}-{n}", told["id"]), "lane": span.lane or "main"}
                for n, span in enumerate(phase.spans, 1)
            ]
    return phases


def _phase(span: Span, own_id: str, parent: Optional[str]) -> Dict[str, Any]:
    return {
        "phase": span.name,
        "start_time": span.start,
        "duration_ns": span.duration,
        "status": span.status,
        "id": own_id,
        "parent": parent,
        "attributes": dict(span.attributes),
    }


def _parent(phase: Merged, merged: List[Merged]) -> Optional[Merged]:
    for name in phase.slowest.rule.within:
        around = [other for other in merged if other.slowest.rule.phase == name and _overlap(phase, other) > 0]
        if around:
            return max(around, key=lambda other: _overlap(phase, other))
    return None


def _overlap(phase: Merged, other: Merged) -> int:
    one, two = phase.slowest, other.slowest
    return min(one.end or 0, two.end or 0) - max(one.start, two.start)


def _comes_after(phase: Merged, other: Merged) -> bool:
    if other is phase or other.slowest.rule.phase not in phase.slowest.rule.after:
        return False
    # Stamps of whole seconds may make a phase begin a moment before what it waited for has ended.
    return (other.slowest.end or 0) <= phase.slowest.start + max(phase.slowest.precision, 10**6)
