"""Kubernetes events, as JSON or as kubectl's tables.

An EventList, a List, single events and events one after the other, of both API groups::

    {"kind": "Event", "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "front-1"}, "reason": "Pulled",
     "message": "Successfully pulled image \\"front:1\\" in 12.3s (14.1s including waiting). Image size: 84660 bytes.",
     "firstTimestamp": "2026-11-23T05:31:45Z", "lastTimestamp": "2026-11-23T05:31:45Z", "count": 1, "type": "Normal",
     "source": {"component": "kubelet", "host": "node-7"}}

    LAST SEEN             TYPE      REASON      OBJECT        MESSAGE
    56m (x5 over 58m)     Normal    Pulled      Pod/front-1   Container image "front:1" already present on machine

and the ``Events:`` of ``kubectl describe``, of whatever object. Tables tell ages alone: ``facts["clock"]`` is then
``relative``, and times count back from when the table was printed where a description tells that, else from when the
file was received.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.k8s_events.event import KubeEvent, kube_event
from diagnostics.parsers.k8s_events.messages import category, details
from diagnostics.parsers.k8s_events.printed_tables import table_events
from diagnostics.parsers.k8s_events.stages import Stages
from diagnostics.parsers.k8s_events.summary import Summary
from diagnostics.parsers.kubernetes.described import BEGINNING
from diagnostics.parsers.kubernetes.documents import Unreadable, first_object, is_event, kind_of, objects, stream_of
from diagnostics.parsers.kubernetes.rows import BARE
from diagnostics.parsers.kubernetes.tables import event_table
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import Event, HostFacts, Parsed, ParseError

PARSER = "k8s-events/1"
LEVELS = {"Normal": "info", "Warning": "warning", "Error": "error"}


def parse(source: Source, hints: Hints) -> Reading:
    """One event for each event object, then the phases they delimit. Raises ``ParseError`` if the file has none."""
    tally, stages, summary, facts = Tally(), Stages(), Summary(), {"clock": "wall"}
    is_json = source.head().lstrip(b" \t\r\n\xef\xbb\xbf\x1e")[:1] in (b"{", b"[")
    read = _json_events if is_json else table_events
    for found in read(source, hints, tally, facts):
        spoken = details(found)
        stages.add(found)
        summary.add(found, spoken)
        yield event_of(found, spoken)
    yield from stages.phases()
    name = hints.host or (next(iter(summary.pods)).rpartition("/")[2] if len(summary.pods) == 1 else "")
    return Parsed(
        parser=PARSER,
        host=HostFacts(name) if name else None,
        lines=tally.lines(),
        facts={**facts, **summary.facts(), **tally.facts()},
    )


def recognise(head: bytes) -> bool:
    """Events as JSON, their table, or the description of an object other than a pod."""
    if (found := first_object(head)) is not None:
        return is_event(found)
    lines = [line for line in head.decode("utf-8", "replace").splitlines() if line.strip()]
    if lines and BEGINNING.match(lines[0]):
        return any(re.match(r"Events:|Labels:\s", line) for line in lines)
    if any(event_table(line) for line in lines[:20]):
        return True
    return bool(lines) and all(BARE.match(line) for line in lines[:5])


def event_of(found: KubeEvent, spoken: dict[str, Any]) -> Event:
    """The record of an event; what is unknown is left out of its fields."""
    fields = {
        "reason": found.reason,
        "object": f"{found.kind}/{found.name}" if found.kind else found.name,
        "namespace": found.namespace,
        "count": found.count,
        "first": found.first,
        "last": found.last,
        "component": found.component,
        "host": found.host,
        **spoken,
    }
    return Event(
        time=found.last,
        text=f"{found.reason}: {found.message}" if found.message else found.reason,
        source=found.component or "kubernetes",
        line=found.line,
        precision=found.precision,
        level=LEVELS.get(found.type, found.type.lower()),
        category=category(found),
        fields={key: value for key, value in fields.items() if value not in ("", None)},
    )


def _json_events(source: Source, hints: Hints, tally: Tally, facts: dict[str, Any]) -> Iterator[KubeEvent]:
    """Objects count as lines; what is no event, or has no time, is skipped."""
    stream = stream_of(source)
    others: set[str] = set()
    try:
        for line, value in objects(stream):
            tally.total += 1
            if isinstance(value, dict) and is_event(value):
                if found := kube_event(value, line, hints.received_at):
                    yield found
                else:
                    tally.skip(line, f"an event without a time that can be right: {value.get('reason')}")
            else:
                kind = kind_of(value)
                others.add(kind)
                tally.skip(line, f"not an event: {kind}")
    except Unreadable as end:
        if tally.total == tally.skipped:
            raise ParseError(f"Not valid JSON: {end.message}", f"line {end.line}", "invalid_json") from None
        tally.total += 1
        tally.skip(end.line, end.text)
        facts["truncated"] = f"line {end.line}: {end.message}"
    if others and tally.total == tally.skipped:
        raise ParseError(
            f"The file holds {', '.join(sorted(others))}, but no events{_advice(others)}", "$", "no_events"
        )


def _advice(kinds: set[str]) -> str:
    return ": send pods as k8s-pod" if kinds == {"Pod"} else ": export them with kubectl get events -o json"
