"""Quiet hours: when warnings wait. Pure."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo


def is_quiet(now: datetime, begin: time | None, end: time | None, zone: str) -> bool:
    """Whether ``now`` lies in the hours from ``begin`` to ``end`` of that zone's clock; they may pass midnight."""
    if begin is None or end is None or begin == end:
        return False
    clock = now.astimezone(ZoneInfo(zone)).time()
    if begin < end:
        return begin <= clock < end
    return clock >= begin or clock < end
