"""Phases that events delimit: scheduling, pulls, volumes, creating and starting containers, waiting to try again.

Events carry whole seconds, so a phase says in ``attributes["precision_ns"]`` how sure its edges are. One that would be
shorter than edges of minutes (relative ages) is left out; a pull's length is exact, for the kubelet measured it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from diagnostics.parsers.k8s_events.event import KubeEvent
from diagnostics.parsers.k8s_events.messages import details
from diagnostics.parsers.kubernetes.stamps import Stamp
from diagnostics.records import NS_PER_SECOND, Phase, PhaseStatus

_VOLUME_TROUBLES = ("FailedMount", "FailedAttachVolume", "FailedMapVolume", "VolumeFailedDelete")
_DELETED = "skip schedule deleting pod"  # not a failure: nobody wants the pod any more
_KEPT = frozenset(
    ("Scheduled", "FailedScheduling", "Pulling", "Pulled", "Created", "Started", "Failed", "BackOff", *_VOLUME_TROUBLES)
)


class Stages:
    """Takes events in any order, gives the phases of every pod they speak of."""

    def __init__(self) -> None:
        self._events: dict[str, list[KubeEvent]] = defaultdict(list)
        self._created: dict[str, list[KubeEvent]] = defaultdict(list)

    def add(self, event: KubeEvent) -> None:
        """Keep what delimits a phase."""
        if event.pod and event.reason in _KEPT:
            self._events[event.pod].append(event)
        elif name := event.reason == "SuccessfulCreate" and details(event).get("created_pod"):
            self._created[f"{event.namespace}/{name}" if event.namespace else name].append(event)

    def phases(self, position: int = 0) -> Iterator[Phase]:
        """Every phase, pod by pod, numbered from ``position`` on."""
        for pod, events in self._events.items():
            events.sort(key=lambda event: (event.last, event.order))
            for phase in _of_pod(pod, events, self._created.get(pod, [])):
                yield _numbered(phase, position)
                position += 1


def _numbered(phase: Phase, position: int) -> Phase:
    return Phase(
        position, phase.name, phase.start_time, phase.duration, phase.status, lane=phase.lane, is_root=True,
        attributes=phase.attributes,
    )  # fmt: skip


def _of_pod(pod: str, events: Sequence[KubeEvent], created: Sequence[KubeEvent]) -> Iterator[Phase]:
    yield from _scheduled(pod, events, created)
    yield from _volumes(pod, events)
    yield from _pulls_failed(pod, events)
    for n, event in enumerate(events):
        if event.reason == "Pulled":
            yield from _pulled(pod, events[:n], event)
        elif event.reason in ("Created", "Started"):
            yield from _made(pod, events, event)
        elif event.reason == "BackOff":
            yield from _backed_off(pod, events[n + 1 :], event)


def _scheduled(pod: str, events: Sequence[KubeEvent], created: Sequence[KubeEvent]) -> Iterator[Phase]:
    """From the pod's creation, else the first failure to place it, to its being placed: once per pod of that name."""
    since = 0
    failures: list[KubeEvent] = []
    for event in events:
        if event.reason == "FailedScheduling" and not event.message.startswith(_DELETED):
            failures.append(event)
        elif event.reason == "Scheduled":
            made = [one for one in created if since <= one.last <= event.last + NS_PER_SECOND]
            begin = max(made, key=lambda one: one.last, default=None) or next(iter(failures), None)
            if begin:
                yield from _phase(
                    "scheduled", pod, begin.first, event.last, max(begin.precision, event.precision), failures
                )
            since, failures = event.last, []
    if failures and not since:
        first, last = failures[0], failures[-1]
        made = [one for one in created if one.last <= first.first + NS_PER_SECOND]
        start = max((one.last for one in made), default=first.first)
        extra = {"reason": last.message[:500]}
        yield from _phase("scheduled", pod, start, last.last, last.precision, failures, PhaseStatus.FAILED, **extra)


def _volumes(pod: str, events: Sequence[KubeEvent]) -> Iterator[Phase]:
    """From the first failure to mount or attach to what could only go on with the volume, else to the last failure."""
    troubles = [event for event in events if event.reason in _VOLUME_TROUBLES]
    if not troubles:
        return
    first, last = min(event.first for event in troubles), max(event.last for event in troubles)
    went_on = [
        event.first for event in events if event.reason in ("Pulling", "Pulled", "Created") and event.first >= last
    ]
    status = PhaseStatus.SUCCESS if went_on else PhaseStatus.FAILED
    precision = max(event.first_precision for event in troubles)
    extra = {"reason": troubles[-1].message[:500]}
    yield from _phase("volume-mount", pod, first, min(went_on, default=last), precision, troubles, status, **extra)


def _pulled(pod: str, before: Sequence[KubeEvent], event: KubeEvent) -> Iterator[Phase]:
    found = details(event)
    image, own = found.get("image", ""), found.get("pull_ns")
    extra: dict[str, Any] = {key: found[key] for key in ("image", "size_bytes", "container") if key in found}
    if own is not None:
        if queued := found.get("wait_ns"):
            yield _made_of("image-pull-queue", pod, event.last - own - queued, queued, event.precision, extra)
        yield _made_of(_pull_of(image), pod, event.last - own, own, event.precision, extra)
    elif not found.get("warm") and (begin := _latest(before, "Pulling", image)):
        # Kubelets before 1.20 do not say how long it took.
        precision = max(begin.precision, event.precision)
        yield from _phase(_pull_of(image), pod, begin.last, event.last, precision, [], **extra)


def _pull_of(image: str) -> str:
    """The phase's name, the same for the next version's tag or digest: else no launch could be held against another."""
    repository, _, tag = image.partition("@")[0].rpartition(":")
    return f"image-pull {repository if repository and '/' not in tag else image.partition('@')[0]}"


def _pulls_failed(pod: str, events: Sequence[KubeEvent]) -> Iterator[Phase]:
    """The first try of each image that could not be pulled; the tries after it are counted together by Kubernetes."""
    failures: dict[str, list[KubeEvent]] = defaultdict(list)
    for event in events:
        if event.reason == "Failed" and "ailed to pull image" in event.message:
            failures[details(event).get("image", "")].append(event)
    for image, failed in failures.items():
        tried = [one for one in events if one.reason == "Pulling" and f'"{image}"' in one.message]
        if tried:
            begin, end = min(tried, key=lambda one: one.first), min(failed, key=lambda one: one.first)
            precision = max(begin.first_precision, end.first_precision)
            extra = {"image": image, "reason": end.message[:500]}
            name = _pull_of(image)
            yield from _phase(name, pod, begin.first, end.first, precision, failed, PhaseStatus.FAILED, **extra)


def _made(pod: str, events: Sequence[KubeEvent], event: KubeEvent) -> Iterator[Phase]:
    """Creating a container after its image was there, starting it after it was created.

    Of a repeated event only the first and the last time are known, so only these are paired.
    """
    container = details(event).get("container", "")
    is_created = event.reason == "Created"
    earlier = _instants(events, "Pulled" if is_created else "Created", container)
    same = _instants(events, event.reason, container)
    name = "container-create" if is_created else "container-run"
    for end in sorted({Stamp(event.first, event.first_precision), Stamp(event.last, event.precision)}):
        begin = max((one for one in earlier if one.time <= end.time), default=None)
        if begin is None or any(begin.time <= one.time < end.time for one in same):
            continue
        extra = {"container": container} | ({"init": True} if event.is_init else {})
        precision = max(begin.precision, end.precision)
        yield from _phase(f"{name} {container}".strip(), pod, begin.time, end.time, precision, [], **extra)


def _instants(events: Sequence[KubeEvent], reason: str, container: str) -> list[Stamp]:
    """When a thing happened to a container; of a table, whose rows do not say which, to any."""
    same = [one for one in events if one.reason == reason and details(one).get("container", container) == container]
    return [Stamp(one.first, one.first_precision) for one in same] + [Stamp(one.last, one.precision) for one in same]


def _backed_off(pod: str, after: Sequence[KubeEvent], event: KubeEvent) -> Iterator[Phase]:
    """A stretch of waiting to try again; overcome if the container was started after it."""
    if event.first == event.last:
        return
    found = details(event)
    what = found.get("image") or found.get("container") or ""
    overcome = any(one.reason == "Started" and one.container in ("", event.container) for one in after)
    status = PhaseStatus.SUCCESS if overcome else PhaseStatus.FAILED
    extra: dict[str, Any] = {key: found[key] for key in ("image", "container") if key in found}
    precision = max(event.precision, event.first_precision)
    yield from _phase(f"back-off {what}".strip(), pod, event.first, event.last, precision, [event], status, **extra)


def _latest(events: Sequence[KubeEvent], reason: str, image: str) -> KubeEvent | None:
    return next((one for one in reversed(events) if one.reason == reason and f'"{image}"' in one.message), None)


def _phase(
    name: str,
    pod: str,
    start: int,
    end: int,
    precision: int,
    failures: Sequence[KubeEvent],
    status: PhaseStatus = PhaseStatus.SUCCESS,
    **extra: Any,
) -> Iterator[Phase]:
    """The phase, unless its edges say nothing of its length."""
    if end >= start and (precision <= NS_PER_SECOND or end - start >= precision):
        tries = {"failures": sum(event.count for event in failures)} if failures else {}
        yield _made_of(name, pod, start, end - start, precision, {**extra, **tries}, status)


def _made_of(
    name: str,
    pod: str,
    start: int,
    length: int,
    precision: int,
    extra: dict[str, Any],
    status: PhaseStatus = PhaseStatus.SUCCESS,
) -> Phase:
    return Phase(0, name, start, length, status, lane=pod, attributes={**extra, "precision_ns": precision})
