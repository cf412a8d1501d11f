"""Launches to draw: small ones by hand, large ones made from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from diagnostics.charts.phase_tree import Hidden, WaterfallPhase
from diagnostics.records import NS_PER_SECOND as S
from diagnostics.records import Interval, PhaseStatus

ORIGIN = 1_795_431_737_123_456_789
LENGTH = 160 * S
WINDOW = Interval(ORIGIN, ORIGIN + LENGTH)


def phase(
    position: int,
    start: float,
    length: float,
    *,
    name: str = "",
    parent: WaterfallPhase | None = None,
    lane: str = "",
    critical: bool = False,
    failed: bool = False,
    children: int = 0,
) -> WaterfallPhase:
    """A phase from seconds after the launch's start."""
    name = name or f"phase-{position}"
    duration = round(length * S)
    return WaterfallPhase(
        position=position,
        parent=parent.position if parent else None,
        depth=parent.depth + 1 if parent else 0,
        name=name,
        path=f"{parent.path}/{name}" if parent else name,
        lane=lane,
        start_time=ORIGIN + round(start * S),
        duration=duration,
        self_time=duration,
        slack=0 if critical else S,
        critical=critical,
        status=PhaseStatus.FAILED if failed else PhaseStatus.SUCCESS,
        children=children,
    )


def made(count: int, seed: int = 1) -> list[WaterfallPhase]:
    """A launch of ``count`` phases, nested up to eight deep, their lengths over many magnitudes."""
    random_numbers = random.Random(seed)
    phases: list[WaterfallPhase] = []
    for position in range(count):
        above = [one for one in phases[-50:] if one.depth < 8]
        parent = random_numbers.choice(above) if above and random_numbers.random() < 0.8 else None
        inside = parent.duration / S if parent else 160.0
        begins = (parent.start_time - ORIGIN) / S if parent else 0.0
        start = begins + inside * random_numbers.random() * 0.5
        length = (begins + inside - start) * random_numbers.random() ** 4
        critical, failed = random_numbers.random() < 0.1, random_numbers.random() < 0.01
        phases.append(phase(position, start, length, parent=parent, critical=critical, failed=failed))
    return phases


def handed_over(phases: Sequence[WaterfallPhase], most: int) -> tuple[list[WaterfallPhase], list[Hidden]]:
    """What storage gives of a large launch: the longest with their ancestors, and groups by parent of the rest."""
    by_position = {one.position: one for one in phases}
    kept: dict[int, WaterfallPhase] = {}
    for one in sorted(phases, key=lambda one: -one.duration)[:most]:
        above: WaterfallPhase | None = one
        while above and above.position not in kept:
            kept[above.position] = above
            above = by_position[above.parent] if above.parent is not None else None
    groups: dict[int | None, list[WaterfallPhase]] = {}
    for one in phases:
        if one.position not in kept:
            groups.setdefault(one.parent, []).append(one)
    return list(kept.values()), [_group(parent, members) for parent, members in groups.items()]


def _group(parent: int | None, members: Sequence[WaterfallPhase]) -> Hidden:
    first, last = min(one.start_time for one in members), max(one.end_time for one in members)
    return Hidden(parent, len(members), first, last, sum(one.duration for one in members))
