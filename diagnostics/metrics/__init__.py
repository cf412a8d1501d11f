"""What Prometheus is told. ``counting`` adds judged launches up, ``exposing`` writes them with what is now."""

from diagnostics.metrics.counting import count
from diagnostics.metrics.exposing import exposition
from diagnostics.metrics.prometheus_rules import prometheus_rules

__all__ = ["count", "exposition", "prometheus_rules"]
