"""Parser health: how much of what was sent is understood, and which files are understood worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from diagnostics.models import Artifact
from diagnostics.querysets.parser_health import parser_health, worst_understood
from diagnostics.views.access import Visitor

WORST_SHOWN = 20
LINES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class WorstFile:
    artifact: Artifact
    unread: list[dict[str, Any]]


def parsers(request: Visitor) -> HttpResponse:
    worst = [_worst(artifact) for artifact in worst_understood(Artifact, WORST_SHOWN)]
    context = {"section": "parsers", "parsers": parser_health(), "worst": worst}
    return render(request, "parsers/page.html", context)


def _worst(artifact: Artifact) -> WorstFile:
    unread = artifact.facts.get("unread")
    return WorstFile(artifact, unread[:LINES_SHOWN] if isinstance(unread, list) else [])
