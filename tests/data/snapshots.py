"""Snapshots for tests, as plain dictionaries: what a sender would write. Times are in ms after one origin."""

from __future__ import annotations

import json
import uuid
from typing import Any

T0 = 1_764_000_000_000_000_000  # 2025-11-24T16:00:00Z
MS = 1_000_000

Document = dict[str, Any]


def phase(name: str, start: int = 0, duration: int = 100, **more: Any) -> Document:
    """A phase that begins ``start`` ms after T0 and takes ``duration`` ms."""
    return {
        "phase": name,
        "start_time": T0 + start * MS,
        "duration_ns": duration * MS,
        "status": "success",
        **more,
    }


def snapshot(*phases: Document, service: str = "open-autoglm", **more: Any) -> Document:
    return {"schema": 1, "service": service, "phases": list(phases), **more}


def encoded(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def sequence(*durations: int, number: int = 0, **more: Any) -> Document:
    """Launch ``number`` of a series, an hour after the one before: one phase after the other, ms each."""
    phases, start = [], number * 3_600_000
    for place, duration in enumerate(durations):
        phases.append(phase(f"step-{place}", start, duration))
        start += duration
    return snapshot(*phases, launch_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{number}/{durations}/{more}")), **more)


def large(count: int, **more: Any) -> Document:
    """A launch of ``count`` phases: pairs of a step and its part, every tenth pair in a lane of its own."""
    pairs = [
        made
        for n in range(count // 2)
        for made in (
            phase(f"step-{n}", n * 10, 10, id=f"s{n}", lane="" if n % 10 else "TP0"),
            phase(f"part-{n}", n * 10 + 2, 5, parent=f"s{n}", lane="" if n % 10 else "TP0"),
        )
    ]
    return snapshot(*pairs, **more)
