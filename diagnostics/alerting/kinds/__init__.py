"""Every kind of rule, one file each."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.alerting.kinds import (
    coverage,
    heartbeat,
    launch_dynamic,
    launch_failed,
    launch_hung,
    launch_limit,
    monitor_certificate,
    monitor_failures,
    monitor_latency,
    regression,
    slo,
)
from diagnostics.alerting.kinds.kind import Kind, Setting

__all__ = ["KINDS", "Kind", "Setting"]

KINDS: Mapping[str, Kind] = {
    module.KIND.key: module.KIND
    for module in (
        launch_limit,
        launch_dynamic,
        slo,
        launch_failed,
        launch_hung,
        coverage,
        regression,
        heartbeat,
        monitor_latency,
        monitor_failures,
        monitor_certificate,
    )
}
