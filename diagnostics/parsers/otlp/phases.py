"""Spans of a trace to the phases and events of a launch.

A span is a phase: its id, parent, times, status and attributes are kept. Links to spans that began before are what it
waited for, events are events, and a process that is told apart (``vllm.process_name``, a rank) is a lane.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from diagnostics.parsers.otlp.resource import own_milestones
from diagnostics.parsers.otlp.spans import ERROR, INTERNAL, KINDS, Group, Span
from diagnostics.parsers.otlp.trace import OWN_POSITION, Trace
from diagnostics.parsers.trees import opened
from diagnostics.records import READINESS, Category, Event, Milestone, Phase, PhaseStatus

RANKS = ("rank", "process.rank", "torch.rank", "dist.rank", "tp_rank")
# What our own export adds to spans (``diagnostics.exports.otlp``), and this takes back.
OWN_LANE, OWN_ID = "launchscope.lane", "launchscope.phase.id"
OWN = (OWN_LANE, OWN_ID, OWN_POSITION)
NAME, NAMELESS = 500, "(no name)"


def phases_of(trace: Trace) -> list[Phase]:
    """The phases in order of their start (an export of ours: of the launch); positions are their places in it."""
    spans = trace.ordered
    places = {span.id: n for n, span in enumerate(spans)}
    lanes = lanes_of(trace)
    parents = _parents(spans, places)
    waits = _waits(trace, places)
    return [
        Phase(
            position=n,
            name=span.name.replace("\0", "\ufffd")[:NAME] or NAMELESS,
            start_time=span.start,
            duration=span.end - span.start,
            status=PhaseStatus.FAILED if span.status == ERROR else PhaseStatus.SUCCESS,
            id=_own_id(span),
            parent=parents[n],
            is_root=parents[n] is None,
            depends_on=waits.get(n, ()),
            lane=lanes[span.id],
            attributes=_attributes(span),
        )
        for n, span in enumerate(spans)
    ]


def _parents(spans: Sequence[Span], places: Mapping[str, int]) -> list[int | None]:
    """By position; a circle is opened somewhere, and what lies too deep is hung higher."""
    return opened([places.get(span.parent) for span in spans])


def _waits(trace: Trace, places: Mapping[str, int]) -> dict[int, tuple[int, ...]]:
    """Position → those that it waited for, by its links."""
    told = {
        places[span.id]: {places[other] for owner, other in span.links if owner == span.trace and other in places}
        for span in trace.spans
        if span.links
    }
    if trace.ordered is trace.spans or _goes_round(told):
        # Only what began before can have been waited for, and so no circle can come about.
        began = {places[span.id]: n for n, span in enumerate(trace.spans)}
        told = {n: {other for other in others if began[other] < began[n]} for n, others in told.items()}
    return {n: tuple(sorted(others)) for n, others in told.items()}


def _goes_round(waits: Mapping[int, set[int]]) -> bool:
    try:
        TopologicalSorter(waits).prepare()
    except CycleError:
        return True
    return False


def _attributes(span: Span) -> Mapping[str, Any]:
    attributes = span.attributes
    if not attributes.keys().isdisjoint(OWN):
        attributes = {key: value for key, value in attributes.items() if key not in OWN}
    if not span.message and span.kind <= INTERNAL:
        return attributes
    about = {"status.message": span.message} if span.message else {}
    if span.kind > INTERNAL:
        about["span.kind"] = KINDS[span.kind] if span.kind in KINDS else str(span.kind)
    return {**attributes, **about}


def _own_id(span: Span) -> str:
    """A launch that was exported here and comes back has its own ids again."""
    return str(span.attributes.get(OWN_ID) or span.id)


def lanes_of(trace: Trace) -> dict[str, str]:
    """Of each span; never made of a process id, which would be another with every launch."""
    lanes: dict[str, str] = {}
    for group in trace.groups:
        lane = _lane(group, trace).replace("\0", "\ufffd")
        lanes.update((span.id, str(span.attributes.get(OWN_LANE) or lane)[:200]) for span in group.spans)
    return lanes


def _lane(group: Group, trace: Trace) -> str:
    resource = group.resource
    if name := resource.get("vllm.process_name") or resource.get(OWN_LANE):
        return str(name).removeprefix("VLLM::")[:200]
    rank = next((resource[key] for key in RANKS if resource.get(key) not in (None, "")), None)
    if rank is not None:
        return f"rank {rank}"[:200]
    if group.service != trace.service:
        return group.service[:200]
    return str(resource.get("vllm.process_kind") or "")[:200]


def events_of(groups: Sequence[Group]) -> Iterator[Event]:
    """What the spans tell of, in the order that they were sent."""
    for group in groups:
        for span in group.spans:
            for told in span.events:
                fields = dict(told.attributes)
                is_error = told.name == "exception"
                message = str(told.attributes.get("exception.message") or "")
                yield Event(
                    told.time or span.start,
                    f"{told.name}: {message}" if message else told.name,
                    source=str(fields.pop("log.source", "") or span.name),
                    level=str(fields.pop("log.level", "") or ("error" if is_error else "")),
                    category=_category(fields.pop("launchscope.category", ""), is_error),
                    fields={**fields, "span_id": span.id},
                )


def _category(told: Any, is_error: bool) -> Category:
    if told in set(Category):
        return Category(told)
    return Category.ENGINE if is_error else Category.OTHER


def milestones_of(trace: Trace) -> dict[str, int]:
    """Events named as a milestone are one, the first of each name; an export of ours has them in its resource."""
    known = {milestone.value for milestone in Milestone}
    told = ((event.name, event.time) for span in trace.spans for event in span.events if event.name in known)
    found: dict[str, int] = {}
    for name, time in told:
        if 0 < time < found.get(name, time + 1):
            found[name] = time
    first = trace.spans[0].start
    # Ready before it started is what nothing can be made of.
    before = (Milestone.PROCESS_START, Milestone.POD_CREATED)
    found = {name: time for name, time in found.items() if time >= first or name in before}
    found |= own_milestones(trace.main.resource)
    start = min([first, *(found[name] for name in before if name in found)])
    return {name: time for name, time in found.items() if time >= start or name not in READINESS}
