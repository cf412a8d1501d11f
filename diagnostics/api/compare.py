"""Two selections of launches, side by side."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import override
from ninja import Query, Router

from diagnostics import comparing
from diagnostics.api.auth import READ, access_of
from diagnostics.api.comparison_shapes import ComparisonOut, comparison_out
from diagnostics.api.errors import ErrorOut

router = Router(auth=READ)
SEL = (
    "Launch ids (id,id,…), or service=…,environment=…,version=…,last=20; failed launches count as longer than seen, "
    "status=success leaves them out"
)
Selection = Annotated[str, Query(description=SEL, max_length=10_000)]


@router.get("", response={200: ComparisonOut, **dict.fromkeys((400, 401, 403, 422), ErrorOut)})
def compare(request: HttpRequest, baseline: Selection, candidate: Selection) -> dict[str, Any]:
    """Per-phase deltas, largest contribution first; contributions sum to the total's delta. Also what all phases
    changed by together (`factor`), what else differs between the launches (`what_changed`), and the rule of a flag."""
    with override("en"):
        return comparison_out(comparing.compare(baseline, candidate, access_of(request).visible()))
