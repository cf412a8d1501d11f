"""Builders of what Kubernetes tells of a launch: of real files, and events by hand."""

from __future__ import annotations

from typing import Any

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.records import NS_PER_SECOND, Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, ns, phase

CLUSTER = "events-message-container-creating-failed-mount.json"


def of_sample(name: str, pod: str, since: float, until: float, kind: Kind = Kind.K8S_EVENTS, **fields: Any) -> Case:
    """A launch between two seconds of a real file, counted from its first event."""
    told = Evidence(SAMPLES / "k8s" / name, kind, -since)
    labels = {"pod": pod} if pod else {}
    launched = phase("app", 0, until - since, failed=fields.pop("failed", False))
    return case(launched, events=told.events, files=[told.file], labels=labels, **fields)


def kube(seconds: float, category: Category, reason: str, message: str, **fields: Any) -> SeenEvent:
    told = {"reason": reason, "object": "Pod/autoglm-0", **fields}
    return event(category, seconds, f"{reason}: {message}", artifact="k8s", precision=NS_PER_SECOND, **told)


def pulled(seconds: float, took: float, queued: float = 0, amount: int = 0, image: str = "glm:1") -> SeenEvent:
    return kube(
        seconds,
        Category.IMAGE_PULL,
        "Pulled",
        f'Successfully pulled image "{image}" in {took}s',
        image=image,
        pull_ns=ns(took),
        wait_ns=ns(queued),
        **({"size_bytes": amount} if amount else {}),
    )
