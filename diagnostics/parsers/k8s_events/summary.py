"""What a file of events says as a whole."""

from __future__ import annotations

from collections import Counter
from typing import Any

from diagnostics.parsers.k8s_events.event import KubeEvent

SHOWN = 200  # pods and images; a cluster has thousands


class Summary:
    """Counts as events pass."""

    def __init__(self) -> None:
        self.pods: dict[str, None] = {}
        self._reasons: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._images: dict[str, dict[str, Any]] = {}
        self._span: list[int] = []
        self._total = 0
        self._most = 0

    def add(self, event: KubeEvent, found: dict[str, Any]) -> None:
        """One event and what its message says."""
        self._total += 1
        self._reasons[event.reason] += 1
        self._types[event.type] += 1
        self._most = max(self._most, event.count)
        ends = [*self._span, event.last]
        self._span = [min(ends), max(ends)]
        if event.pod:
            self.pods[event.pod] = None
        if "image" in found:
            self._add_image(event.reason, found)

    def _add_image(self, reason: str, found: dict[str, Any]) -> None:
        image = self._images.setdefault(found["image"], {})
        if reason == "Pulled":
            # A pull of this image tells more than its being there for a later container.
            image["present"] = bool(found.get("warm")) and image.get("present", True)
            told = {"size": "size_bytes", "pull_ns": "pull_ns", "waiting_ns": "wait_ns"}
            image |= {key: found[name] for key, name in told.items() if name in found}
        elif reason == "Failed":
            image["failed"] = True

    def facts(self) -> dict[str, Any]:
        """Shapes: ``images`` by name with ``size`` (bytes), ``pull_ns``, ``waiting_ns``, ``present``; times in ns."""
        facts: dict[str, Any] = {
            "objects": self._total,
            "pods": list(self.pods)[:SHOWN],
            "pod_count": len(self.pods),
            "reasons": dict(self._reasons),
            "types": dict(self._types),
            "images": dict(list(self._images.items())[:SHOWN]),
            "max_count": self._most,
        }
        return facts | ({"first": self._span[0], "last": self._span[1]} if self._span else {})
