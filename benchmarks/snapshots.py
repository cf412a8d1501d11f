"""Snapshots as a model server's launch would send them: nested, partly with dependencies, lanes and attributes."""

from __future__ import annotations

import random
import time
import uuid
from dataclasses import dataclass
from typing import Any

import orjson

MS = 1_000_000
STAGES = ("image-pull", "container-start", "python-imports", "config-load", "weights-load", "engine-init", "warm-up")


@dataclass(frozen=True, slots=True)
class Shape:
    """One phase of every launch of a service: where it lies relative to the start, in ns, and its sender's words."""

    start: int
    duration: int
    words: dict[str, Any]


def shapes(count: int, seed: int = 1) -> list[Shape]:
    """``count`` phases: a root for each stage, steps below it one after the other, every fifth with parallel ranks."""
    chance = random.Random(seed)
    made: list[Shape] = []
    begin = 0
    for number, stage in enumerate(STAGES):
        share = (count - len(made)) // (len(STAGES) - number)
        made += _stage(stage, begin, share, chance, after=STAGES[number - 1] if number else None)
        begin = max(shape.start + shape.duration for shape in made) + 3 * MS  # nobody says what happens in between
    return made


def _stage(stage: str, begin: int, count: int, chance: random.Random, after: str | None) -> list[Shape]:
    steps: list[Shape] = []
    at, last = begin, ""
    while len(steps) < count - 1:
        group = min(4 if len(steps) % 5 == 0 else 1, count - 1 - len(steps))
        longest = 0
        for rank in range(group):
            step = _step(stage, len(steps), rank if group > 1 else None, at, last, chance)
            longest = max(longest, step.duration)
            steps.append(step)
        last = steps[-1].words["id"]
        at += longest + chance.randrange(MS)
    words: dict[str, Any] = {"phase": stage, "id": stage, "parent": None}
    return [Shape(begin, at - begin, words | ({"depends_on": [after]} if after else {})), *steps]


def _step(stage: str, number: int, rank: int | None, at: int, last: str, chance: random.Random) -> Shape:
    words: dict[str, Any] = {"phase": f"{stage}.step-{number:02}", "id": f"{stage}-{number}", "parent": stage}
    if number % 3 == 1 and last:
        words["depends_on"] = [last]
    if rank is not None:
        words["lane"] = f"TP{rank}"
    if number % 4 == 0:
        words["attributes"] = {"bytes": chance.randrange(10**9), "cached": bool(number % 8)}
    return Shape(at, int(chance.lognormvariate(0, 0.8) * 20 * MS), words)


class Launches:
    """An endless row of launches of one service, each like the last but for noise; as the bodies of uploads."""

    def __init__(self, service: str, phases: int, seed: int = 1) -> None:
        self.service = service
        self.shapes = shapes(phases)
        self.chance = random.Random(seed)

    def body(self) -> bytes:
        """The full form with a new launch id, started just long enough ago."""
        factor = self.chance.lognormvariate(0, 0.02)
        length = max(shape.start + shape.duration for shape in self.shapes)
        begin = time.time_ns() - int(2 * length)
        phases = [
            {
                **shape.words,
                "start_time": begin + int(shape.start * factor),
                "duration_ns": int(shape.duration * factor),
                "status": "success",
            }
            for shape in self.shapes
        ]
        ready = max(phase["start_time"] + phase["duration_ns"] for phase in phases)
        return orjson.dumps(self._outside(begin, ready) | {"phases": phases})

    def _outside(self, begin: int, ready: int) -> dict[str, Any]:
        return {
            "schema": 1,
            "launch_id": str(uuid.uuid4()),
            "service": self.service,
            "environment": "bench",
            "version": f"1.{self.chance.randrange(5)}.0",
            "host": {"name": f"gpu-{self.chance.randrange(8):02}", "boot_id": "8f6a0b1c", "boot_time": begin - 10**12},
            "labels": {"gpu": "H100", "storage_class": "nfs"},
            "milestones": {"process_start": begin, "health_ok": ready},
        }
