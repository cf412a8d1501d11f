"""Pods: ``kubectl get pod -o json`` (one, a list, one after the other) and the text of ``kubectl describe pod``.

::

    {"kind": "Pod", "metadata": {"name": "front-1", "namespace": "shop", "creationTimestamp": "2026-11-23T05:31:39Z"},
     "spec": {"nodeName": "node-7", "containers": [{"name": "front", "startupProbe": {…}, "resources": {…}}]},
     "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "…"}],
                "containerStatuses": [{"name": "front", "restartCount": 0, "state": {"running": {"startedAt": "…"}}}]}}

A description (see ``kubernetes.described``) tells no times of conditions, but the pod's events. The descriptions and
lists of other objects hold no pod: their events are read as ``k8s-events``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.k8s_events import event_of
from diagnostics.parsers.k8s_events.event import KubeEvent
from diagnostics.parsers.k8s_events.messages import details
from diagnostics.parsers.k8s_events.printed_tables import described_events
from diagnostics.parsers.k8s_events.stages import Stages
from diagnostics.parsers.k8s_events.summary import Summary
from diagnostics.parsers.k8s_pod.incidents import incidents
from diagnostics.parsers.k8s_pod.pod import Pod, numbered
from diagnostics.parsers.kubernetes.described import BEGINNING, descriptions, pod_of
from diagnostics.parsers.kubernetes.documents import (
    Unreadable,
    first_object,
    is_pod,
    kind_of,
    objects,
    stream_of,
)
from diagnostics.parsers.reading import Reading, Tally
from diagnostics.parsers.source import Source
from diagnostics.records import HostFacts, Parsed, ParseError, Phase

PARSER = "k8s-pod/1"
SHOWN = 200  # pods whose facts are kept
_YAML = re.compile(rb"^(?:- )?\s*kind: Pod(?:List)?\s*$", re.MULTILINE)
_ONLY_PODS = re.compile(rb"^(?:Node|Service Account|QoS Class|IPs|Controlled By):", re.MULTILINE)


class _File:
    """What the pods of a file have told so far."""

    def __init__(self, hints: Hints) -> None:
        self.hints = hints
        self.tally = Tally()
        self.facts: dict[str, Any] = {"clock": "wall"}
        self.pods: list[dict[str, Any]] = []
        self.count = 0
        self.phases: list[Phase] = []
        self.stages, self.summary = Stages(), Summary()

    def add(self, pod: Pod) -> None:
        """Keep a pod's phases and facts."""
        self.count += 1
        self.phases.extend(pod.phases())
        if len(self.pods) < SHOWN:
            self.pods.append(pod.facts())

    def add_event(self, event: KubeEvent) -> None:
        """Keep an event of a described pod."""
        self.stages.add(event)
        self.summary.add(event, details(event))


def parse(source: Source, hints: Hints) -> Reading:
    """The pods' phases, and an event for each failed run and, of descriptions, each row of their events.

    Raises ``ParseError`` if the file holds no pod.
    """
    file, head = _File(hints), source.head()
    if head.lstrip(b" \t\r\n\xef\xbb\xbf\x1e")[:1] in (b"{", b"["):
        yield from _json_pods(source, file)
    else:
        yield from _described_pods(source, file, head)
    yield from numbered([*file.phases, *file.stages.phases()])
    only = file.pods[0] if file.count == 1 else {}
    name = hints.host or only.get("name", "")
    events = {"events": file.summary.facts()} if file.facts["clock"] == "relative" else {}
    return Parsed(
        parser=PARSER,
        milestones=only.get("milestones", {}),
        host=HostFacts(name) if name else None,
        lines=file.tally.lines(),
        facts={**file.facts, "pod_count": file.count, "pods": file.pods, **events, **file.tally.facts()},
    )


def recognise(head: bytes) -> bool:
    """Pods as JSON or YAML (which is refused with advice), or the description of a pod."""
    if (found := first_object(head)) is not None:
        return is_pod(found)
    text = head.lstrip(b" \t\r\n\xef\xbb\xbf")
    if BEGINNING.match(text[:200].decode("utf-8", "replace")):
        return (
            b"\nPod Template:" not in text
            and bool(re.search(rb"^(?:Init )?Containers:", text, re.MULTILINE))
            and bool(_ONLY_PODS.search(text))
        )
    return text.startswith((b"apiVersion:", b"kind:")) and bool(_YAML.search(text))


def _json_pods(source: Source, file: _File) -> Iterator[Any]:
    """Objects count as lines; what is no pod is skipped."""
    kinds: set[str] = set()
    try:
        for line, value in objects(stream_of(source)):
            file.tally.total += 1
            if isinstance(value, dict) and is_pod(value):
                pod = Pod(value, file.hints.received_at)
                file.add(pod)
                yield from incidents(pod, line, file.hints.received_at)
            else:
                kind = kind_of(value)
                kinds.add(kind)
                file.tally.skip(line, f"not a pod: {kind}")
    except Unreadable as end:
        if not file.count:
            raise ParseError(f"Not valid JSON: {end.message}", f"line {end.line}", "invalid_json") from None
        file.tally.total += 1
        file.tally.skip(end.line, end.text)
        file.facts["truncated"] = f"line {end.line}: {end.message}"
    if not file.count and kinds:
        held = ", ".join(sorted(kinds))
        advice = "send events as k8s-events" if kinds == {"Event"} else "export pods with kubectl get pod -o json"
        raise ParseError(f"The file holds {held}, but no pod: {advice}", "$", "no_pods")


def _described_pods(source: Source, file: _File, head: bytes) -> Iterator[Any]:
    if _YAML.search(head) and not BEGINNING.match(head.lstrip()[:200].decode("utf-8", "replace")):
        raise ParseError(
            "Pods are read as JSON, not as YAML: export them with kubectl get pod -o json", "line 1", "no_pods"
        )
    others: list[str] = []
    for found in descriptions(_counted(source, file.tally), file.hints.received_at):
        if found.kind != "Pod":
            others.append(f"{found.kind} {found.root.text('Name')}")
            file.tally.skip(1, f"not a pod: {others[-1]}")
            continue
        for number, line in found.unread:
            file.tally.skip(number, line)
        pod = Pod(pod_of(found), file.hints.received_at)
        file.add(pod)
        yield from incidents(pod, 1, file.hints.received_at)
        for event in described_events(found, file.hints, file.tally, file.facts):
            file.add_event(event)
            yield event_of(event, details(event))
    if not file.count:
        what = (
            f"a description of {', '.join(others)[:200]}: send it as k8s-events"
            if others
            else "no description of a pod"
        )
        raise ParseError(f"The file holds {what}", "line 1", "no_pods")


def _counted(source: Source, tally: Tally) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.lines(), 1):
        tally.total += 1
        yield number, line
