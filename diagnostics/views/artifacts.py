"""One uploaded file: what was read of it and what was not, its lines, and reading it again with today's parser."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from diagnostics import ingest, tasks
from diagnostics.evidence_figures import has_lines
from diagnostics.ingest.trace_parts import BY_TRACE, told_by
from diagnostics.models import Artifact, ArtifactPhase, EventRecord, PhaseRecord, SampleRecord
from diagnostics.parsers import Source
from diagnostics.records import Kind, ParseError
from diagnostics.views.access import Visitor, may, needs
from diagnostics.views.source_lines import Excerpt, excerpt

PREVIEW = 20
# Numbers that a reading is compared by, with what they count.
NUMBERS = ("read", "skipped", "total", "phases", "events", "samples")


@dataclass(frozen=True, slots=True)
class Change:
    """One number of a reading, before and after the file was read again."""

    name: str
    before: int | None
    now: int | None

    @property
    def difference(self) -> int | None:
        return None if self.before is None or self.now is None else self.now - self.before


@dataclass
class ArtifactPage:
    """What the page asks of an artifact, each asked once."""

    artifact: Artifact

    @property
    def unread(self) -> list[dict[str, Any]]:
        """The first lines that were not understood: ``{"line", "text"}``."""
        found = self.artifact.facts.get("unread")
        return found if isinstance(found, list) else []

    @property
    def facts(self) -> list[tuple[str, Any]]:
        return [(name, value) for name, value in sorted(self.artifact.facts.items()) if name != "unread"]

    @cached_property
    def events(self) -> list[EventRecord]:
        return list(EventRecord.objects.filter(artifact=self.artifact).order_by("position")[:PREVIEW])

    @cached_property
    def samples(self) -> list[SampleRecord]:
        return list(SampleRecord.objects.filter(artifact=self.artifact).order_by("position")[:PREVIEW])

    @cached_property
    def phases(self) -> list[tuple[str, int, int, bool]]:
        """Name, start, duration and whether it failed, of the first phases."""
        launch = self.artifact.launch
        if self.artifact.kind == Kind.SNAPSHOT and launch:
            rows = PhaseRecord.objects.filter(launch=launch, artifact_id=self.artifact.pk)
            own = rows.in_order()[:PREVIEW]
            return [(row.series.name, row.start_time, row.duration_ns, row.failed) for row in own]
        told: Iterable[ArtifactPhase]
        if BY_TRACE in self.artifact.given:
            told = told_by(self.artifact)[:PREVIEW]
        else:
            told = ArtifactPhase.objects.filter(artifact=self.artifact).order_by("position")[:PREVIEW]
        return [(row.name, row.start_time, row.duration_ns, row.failed) for row in told]

    @property
    def changes(self) -> list[Change]:
        """What came out differently when the file was read again."""
        before = self.artifact.previous
        if not before or self.artifact.state == Artifact.State.RECEIVED:
            return []
        then, now = _numbers(before), _numbers({"lines": self.artifact.lines, "counts": self.artifact.counts})
        return [Change(name, then.get(name), now.get(name)) for name in NUMBERS if name in then or name in now]


def _numbers(reading: dict[str, Any]) -> dict[str, int]:
    return {**(reading.get("lines") or {}), **(reading.get("counts") or {})}


def artifact(request: Visitor, artifact_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Artifact.objects.select_related("launch__service", "host"), pk=artifact_id)
    context = {
        "section": "parsers",
        "artifact": found,
        "page": ArtifactPage(found),
        "has_lines": has_lines(found),
        "may_reparse": may(request.user, "editor"),
    }
    return render(request, "artifacts/page.html", context)


def lines(request: Visitor, artifact_id: uuid.UUID) -> HttpResponse:
    """The lines around ``?line=N``: a page, or for htmx the part that a drawer shows."""
    found = get_object_or_404(Artifact.objects.select_related("launch__service", "host"), pk=artifact_id)
    shown, problem = _excerpt(found, _line(request.GET.get("line", "")))
    context = {"section": "parsers", "artifact": found, "excerpt": shown, "problem": problem}
    return render(request, "artifacts/excerpt.html" if request.htmx else "artifacts/lines.html", context)


def _line(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else 1


def _excerpt(found: Artifact, line: int) -> tuple[Excerpt | None, str]:
    try:
        return excerpt(Source(lambda: ingest.stream_of(found)).lines(), line), ""
    except ParseError as error:
        return None, error.message


@needs("editor")
@require_POST
def reparse(request: Visitor, artifact_id: uuid.UUID) -> HttpResponse:
    """Have a worker read the file again; the page then shows what differs."""
    get_object_or_404(Artifact, pk=artifact_id)
    try:
        tasks.enqueue_parse(ingest.reparse(artifact_id).pk)
    except ingest.UploadError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("It is read again now: reload the page in a moment to see what differs."))
    return redirect("artifact", artifact_id)
