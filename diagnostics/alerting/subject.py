"""What a rule looks at, and what it saw there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from diagnostics.models import Service

Number = tuple[str, float | int | str, str]  # name, value, unit (ns, %, ratio or none)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about, e.g. ``launch-total``, ``phase:weights``, ``monitor:12``; the name is for people."""

    service: Service
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at a subject: whether the condition ``holds`` there, and in which words and numbers.

    ``words`` is English with %(name)s for ``values``, so that it can be told in each channel's language. ``instance``
    is what was looked at (a launch's id, an instant): seen again, it replaces what was seen. ``once`` conditions begin
    and end as a whole, without the rule's "so many launches".
    """

    subject: Subject
    at: datetime
    holds: bool
    instance: str
    words: str = ""
    values: Mapping[str, str | int | float] = field(default_factory=dict)
    numbers: Sequence[Number] = ()
    url: str = ""
    launch: UUID | None = None
    once: bool = False
