"""Two selections of launches, side by side."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from diagnostics import comparing
from diagnostics.api import shapes, wire
from diagnostics.api.auth import READ, access_of
from diagnostics.api.errors import ErrorOut

router = Router(auth=READ)
SEL = "Launch ids (id,id,…), or service=…,environment=…,version=…,last=20"
Selection = Annotated[str, Query(description=SEL, max_length=10_000)]


@router.get("", response={200: wire.ComparisonOut, **dict.fromkeys((400, 401, 403, 422), ErrorOut)})
def compare(request: HttpRequest, baseline: Selection, candidate: Selection) -> dict[str, Any]:
    """Per-phase deltas, largest contribution first; contributions sum to the total's delta."""
    return shapes.comparison_out(comparing.compare(baseline, candidate, access_of(request).visible()))
