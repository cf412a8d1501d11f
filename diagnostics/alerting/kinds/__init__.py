"""Every kind of rule, one file each."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.alerting.kinds import monitor_failures, monitor_latency
from diagnostics.alerting.kinds.kind import Kind, Setting

__all__ = ["KINDS", "Kind", "Setting"]

KINDS: Mapping[str, Kind] = {
    module.KIND.key: module.KIND
    for module in (
        monitor_latency,
        monitor_failures,
    )
}
