"""A launch as the full form of the snapshot: sent to ``POST /api/v1/launches``, it is the same launch again."""

from __future__ import annotations

from typing import Any

from diagnostics.exports.json_text import json_text
from diagnostics.exports.told import Told
from diagnostics.records import PlacedPhase


def snapshot(launch: Told) -> bytes:
    """JSON as ``parsers.snapshot`` reads it."""
    return json_text(
        {
            "schema": 1,
            "launch_id": str(launch.id),
            "service": launch.service,
            "environment": launch.environment,
            "version": launch.version or None,
            "host": _host(launch),
            "labels": launch.labels,
            "config": launch.config,
            "milestones": launch.milestones,
            "phases": [_phase(launch, one) for one in launch.phases],
            "events": [{"time": one.time, "source": one.source, "text": one.text} for one in launch.events],
        }
    )


def _host(launch: Told) -> dict[str, Any] | None:
    if not launch.host:
        return None
    facts = {"boot_id": launch.boot_id or None, "boot_time": launch.boot_time}
    return {"name": launch.host} | {key: value for key, value in facts.items() if value is not None}


def _phase(launch: Told, one: PlacedPhase) -> dict[str, Any]:
    phase = one.phase
    return {
        "phase": phase.name,
        "start_time": phase.start_time,
        "duration_ns": phase.duration,
        "status": phase.status,
        "id": launch.ids[phase.position],
        "parent": launch.parent_of(one),
        "depends_on": launch.before(one),
        "lane": phase.lane,
        "attributes": phase.attributes,
    }
