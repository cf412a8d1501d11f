"""What the agent's probe documents become, through their parser."""

from __future__ import annotations

import json
from typing import Any

from diagnostics.analysis.diagnosis.case import EvidenceFile, SeenEvent
from diagnostics.parsers import PARSERS, Hints, Source, collect
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import at

MS = 10**6


def probed(document: dict[str, Any]) -> tuple[list[SeenEvent], EvidenceFile]:
    """What the agent's document becomes through its parser."""
    parsed = collect(PARSERS[Kind.PROBE](Source.of(json.dumps(document).encode()), Hints(at(10**8))))
    return [SeenEvent("probe", told) for told in parsed.events], EvidenceFile("probe", Kind.PROBE, parsed.facts)


def checks(*told: dict[str, Any], seconds: float = 5) -> dict[str, Any]:
    return {"schema": 1, "type": "deep", "time": at(seconds), "checks": list(told)}
