"""The text that Prometheus scrapes."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from diagnostics.metrics.families import families


class _Told:
    """Prometheus' client asks a collector; ours has its answer already."""

    def __init__(self, told: Iterable[Metric]) -> None:
        self.told = list(told)

    def collect(self) -> Iterable[Metric]:
        return self.told


def exposition(queues: dict[str, int]) -> tuple[bytes, str]:
    """The text and its content type; ``queues`` are messages that wait, by queue."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(families(queues)))
    return generate_latest(registry), CONTENT_TYPE_LATEST
