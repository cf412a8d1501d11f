"""What Kubernetes tells of this launch: the events of its pod, and the container that was launched in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import distinct
from diagnostics.records import NS_PER_SECOND, Category, Kind

# A pod waits for its node and its image before the process starts that a launch begins with.
BEFORE = 3600 * NS_PER_SECOND


def pod_name(case: Case) -> str:
    """The pod that ran the launch, ``""`` if that is not known: of several pods nobody can say which it was."""
    told = case.labels.get("pod", "")
    if told:
        return told
    pods = sorted(
        {name for seen in case.events if (name := pod_of(seen))} | {str(pod.get("name")) for pod in _pods(case)}
    )
    if case.host in pods:
        return case.host
    return pods[0] if len(pods) == 1 else ""


def pod_of(seen: SeenEvent) -> str:
    """The pod that an event is about, or ``""``."""
    told = seen.event.fields.get("object")
    if not told:
        return ""
    kind, _, name = str(told).partition("/")
    return name if kind.lower() in ("pod", "pods", "po") else ""


def pod_events(case: Case, *categories: Category) -> list[SeenEvent]:
    """Events of the launch's pod until it was ready, in order, each once; all categories if none is named."""
    pod = pod_name(case)
    if not pod:
        return []
    start, end = case.window.start - BEFORE, case.window.end + NS_PER_SECOND
    told = [seen for seen in case.events if pod_of(seen) == pod and start <= seen.event.time and begin_of(seen) <= end]
    return distinct(seen for seen in _of_last_life(told, end) if not categories or seen.event.category in categories)


def _of_last_life(events: Sequence[SeenEvent], end: int) -> Sequence[SeenEvent]:
    """Pods of a StatefulSet come again by the same name: only what belongs to the last one that was placed."""
    placed = [seen.event.time for seen in events if reason_of(seen) == "Scheduled" and seen.event.time <= end]
    if len(set(placed)) < 2:
        return events
    since = placed[-1]
    ended = max(seen.event.time for seen in events if seen.event.time < since and reason_of(seen) != "FailedScheduling")
    return [
        seen
        for seen in events
        if seen.event.time >= since or (reason_of(seen) == "FailedScheduling" and begin_of(seen) > ended)
    ]


def begin_of(seen: SeenEvent) -> int:
    """When a repeated event came first, ns on the launch's clock, which the event's fields are not."""
    first, last = seen.event.fields.get("first"), seen.event.fields.get("last")
    return seen.event.time - (last - first if isinstance(first, int) and isinstance(last, int) else 0)


def count_of(seen: SeenEvent) -> int:
    told = seen.event.fields.get("count")
    return told if isinstance(told, int) and told > 0 else 1


def reason_of(seen: SeenEvent) -> str:
    return str(seen.event.fields.get("reason") or "")


def message_of(seen: SeenEvent) -> str:
    """The event's text without the reason in front of it."""
    return seen.event.text.removeprefix(f"{reason_of(seen)}: ")


def containers(case: Case) -> list[tuple[str, Mapping[str, Any]]]:
    """(artifact, facts) of every container of the launch's pod, the init containers first."""
    pod = pod_name(case)
    return [
        (file.artifact, one)
        for file in case.of_kind(Kind.K8S_POD)
        for told in _tables(file.facts.get("pods"))
        if not pod or told.get("name") == pod
        for one in _tables(told.get("containers"))
    ]


def container(case: Case) -> tuple[str | None, Mapping[str, Any]]:
    """(artifact, facts) of the container that was launched, by a file of its pod; ``(None, {})`` if unknown.

    Among several it is the one that bears the service's name, else the one with a startup probe.
    """
    pod = pod_name(case)
    for file in case.of_kind(Kind.K8S_POD):
        for told in _tables(file.facts.get("pods")):
            if pod and told.get("name") != pod:
                continue
            running = [one for one in _tables(told.get("containers")) if not one.get("init")]
            named = [one for one in running if one.get("name") == case.service]
            probed = [one for one in running if "startup" in (one.get("probes") or {})]
            for chosen in (running, named, probed):
                if len(chosen) == 1:
                    return file.artifact, chosen[0]
    return None, {}


def container_name(case: Case) -> str:
    """What a patch is to call the container: as it is known, else as the service."""
    _, facts = container(case)
    if facts.get("name"):
        return str(facts["name"])
    told = {str(seen.event.fields["container"]) for seen in pod_events(case) if seen.event.fields.get("container")}
    return told.pop() if len(told) == 1 else case.service or "main"


def _pods(case: Case) -> Iterator[Mapping[str, Any]]:
    for file in case.of_kind(Kind.K8S_POD):
        yield from _tables(file.facts.get("pods"))


def _tables(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, (list, tuple)) else []
