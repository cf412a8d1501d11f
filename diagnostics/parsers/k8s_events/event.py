"""One Kubernetes event, whichever of its forms it came in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from sys import intern
from typing import Any

import msgspec

from diagnostics.parsers.kubernetes.stamps import Stamp, stamp

_CONTAINER = re.compile(r"\{([^{}]*)\}")


class KubeEvent(msgspec.Struct, frozen=True, gc=False):
    """What happened to which object. ``first`` and ``last`` are ns; ``precision`` (of ``last``) and ``first_precision``
    say what their last digits are worth."""

    line: int
    reason: str
    message: str
    last: int
    first: int
    precision: int
    first_precision: int
    count: int = 1
    type: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    container: str = ""
    is_init: bool = False
    component: str = ""
    host: str = ""
    order: int = 0  # resource version: orders what happened within one second

    @property
    def pod(self) -> str:
        """``namespace/name`` of the pod the event is about, or ``""``."""
        if self.kind.lower() not in ("pod", "pods", "po", "") or not self.name:
            return ""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def kube_event(found: Mapping[str, Any], line: int, received_at: int) -> KubeEvent | None:
    """An event of the API, v1 or events.k8s.io; ``None`` if it has no time that can be right."""
    about = _table(found.get("involvedObject") or found.get("regarding"))
    meta, series = _table(found.get("metadata")), _table(found.get("series"))
    source = _table(found.get("source") or found.get("deprecatedSource"))
    times = _times(found, meta, series, received_at)
    if times is None:
        return None
    first, last = times
    path = str(about.get("fieldPath") or "")
    container = _CONTAINER.search(path)
    return KubeEvent(
        line=line,
        reason=_text(found.get("reason")),
        message=_text(found.get("message") or found.get("note")),
        last=last.time,
        first=min(first.time, last.time),
        precision=last.precision,
        first_precision=first.precision,
        count=_count(found, series),
        type=_text(found.get("type")),
        kind=_text(about.get("kind")),
        namespace=_text(about.get("namespace") or meta.get("namespace")),
        name=_text(about.get("name")),
        container=_text(container and container[1]),
        is_init="initContainers" in path,
        component=_text(source.get("component") or found.get("reportingComponent") or found.get("reportingController")),
        host=_text(source.get("host")),
        order=_integer(meta.get("resourceVersion")),
    )


def _times(
    found: Mapping[str, Any], meta: Mapping[str, Any], series: Mapping[str, Any], received_at: int
) -> tuple[Stamp, Stamp] | None:
    """First and last: whole seconds from old sources, microseconds from those that write ``eventTime`` alone."""
    event_time = stamp(found.get("eventTime"), received_at)
    last = (
        stamp(found.get("lastTimestamp") or found.get("deprecatedLastTimestamp"), received_at)
        or stamp(series.get("lastObservedTime"), received_at)
        or event_time
        or stamp(found.get("firstTimestamp") or found.get("deprecatedFirstTimestamp"), received_at)
        or stamp(meta.get("creationTimestamp"), received_at)
    )
    if last is None:
        return None
    first = stamp(found.get("firstTimestamp") or found.get("deprecatedFirstTimestamp"), received_at) or event_time
    return first or last, last


def _count(found: Mapping[str, Any], series: Mapping[str, Any]) -> int:
    return max(1, *(_integer(n) for n in (found.get("count"), found.get("deprecatedCount"), series.get("count"))))


def _text(value: object) -> str:
    """Text kept once, however many of the hundred thousand events of a cluster say it."""
    return intern(str(value or "").strip())


def _integer(value: object) -> int:
    try:
        return min(int(str(value)), 2**63 - 1)
    except ValueError:
        return 0


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
