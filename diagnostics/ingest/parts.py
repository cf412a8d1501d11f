"""What a launch is assembled from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from diagnostics.models import Artifact
from diagnostics.records import Phase


@dataclass(frozen=True, slots=True)
class Part:
    """What one artifact tells of the launch: its phases, positions counted from 0, and the rest by name.

    ``tellers`` has, by position, the artifact of each phase, where several have told them together.
    """

    artifact: Artifact
    phases: Sequence[Phase]
    told: Mapping[str, Any]
    tellers: Sequence[UUID] = ()

    @property
    def kind(self) -> str:
        return self.artifact.kind
