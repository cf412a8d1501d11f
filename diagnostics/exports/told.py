"""What an export tells of a launch, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from diagnostics.records import Event, PlacedPhase


@dataclass(frozen=True)
class Told:
    """A launch with its phases in order of position; times are ns since the epoch, ``total`` is in ns."""

    id: UUID
    service: str
    environment: str
    version: str
    host: str
    boot_id: str
    boot_time: int | None
    status: str
    start_class: str
    start_time: int
    total: int
    phases: Sequence[PlacedPhase]
    milestones: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Event] = ()

    @cached_property
    def ids(self) -> Mapping[int, str]:
        """Position → the id a phase is known by: its sender's, else its place."""
        return {one.phase.position: _id(one) for one in self.phases}

    def parent_of(self, one: PlacedPhase) -> str | None:
        return None if one.parent is None else self.ids.get(one.parent)

    def before(self, one: PlacedPhase) -> list[str]:
        """Ids of the phases that this one waited for."""
        return [self.ids[position] for position in one.phase.depends_on if position in self.ids]


def _id(one: PlacedPhase) -> str:
    return one.phase.id if one.phase.id is not None else f"#{one.phase.position}"
