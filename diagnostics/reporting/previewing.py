"""A report that nobody keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from diagnostics.models import Schedule
from diagnostics.reporting import rendering
from diagnostics.reporting.content import Content
from diagnostics.reporting.gathering import Asked, gather
from diagnostics.reporting.schedules import covered_from
from diagnostics.reporting.sending import asked_by


def preview(asked: Asked, language: str | None = None) -> Content:
    """What a report would say now, in this language if not in its own. Reads only."""
    return reworded(gather(asked).content, language or asked.language)


def reworded(content: Content, language: str) -> Content:
    """The same with its headline in another language; all else is worded where it is shown."""
    return replace(rendering.worded(replace(content, language=language)), language=content.language)


def asked_now(schedule: Schedule) -> Asked:
    """What this schedule would report on if it were due now."""
    now = datetime.now(UTC)
    return asked_by(schedule, covered_from(schedule, now), now)
