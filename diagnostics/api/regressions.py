"""The list of what got slower, and what is decided about it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import ConfigDict

from diagnostics import triage
from diagnostics.api import paging, regression_shapes
from diagnostics.api.auth import DECIDE, READ, access_of, actor_of
from diagnostics.api.errors import ApiError, ErrorOut
from diagnostics.api.filters import Text
from diagnostics.models import Regression

router = Router(auth=READ)
State = Literal["open", "acknowledged", "resolved", "dismissed"]
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 404, 409, 422), ErrorOut)
MOST_ID = 2**63 - 1


class RegressionQuery(Schema):
    service: Text | None = None
    environment: Text | None = None
    state: State | None = None
    phase: Text | None = None
    assignee: Text | None = None
    limit: paging.Limit = 50
    cursor: paging.Cursor = None


class RegressionPatch(Schema):
    """What to change; what is not named stays. ``null`` or ``""`` takes assignee, note or ticket away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    state: State | None = None
    reason: str | None = None
    assignee: str | None = None
    note: str | None = None
    ticket: str | None = None

    def decision(self) -> triage.Decision:
        told = {name: getattr(self, name) or "" for name in self.model_fields_set - {"state", "reason"}}
        return triage.Decision(state=self.state, reason=self.reason, **told)


@router.get("", response={200: regression_shapes.RegressionPage, **dict.fromkeys((400, 401, 403, 422), ErrorOut)})
def listed(request: HttpRequest, query: Annotated[RegressionQuery, Query()]) -> dict[str, Any]:
    """Newest first."""
    wanted = {
        "service__name": query.service,
        "service__environment": query.environment,
        "state": query.state,
        "series__path": query.phase,
        "assignee__username": query.assignee,
    }
    rows = Regression.objects.filter(
        access_of(request).visible(), **{key: value for key, value in wanted.items() if value is not None}
    )
    if query.cursor:
        rows = rows.filter(pk__lt=paging.decode(query.cursor, int)[0])
    page = list(rows.listed().order_by("-pk")[: query.limit + 1])
    following = paging.encode(page[query.limit - 1].pk) if len(page) > query.limit else None
    return {"items": [regression_shapes.regression_out(row) for row in page[: query.limit]], "next": following}


@router.get("/{int:regression_id}", response={200: regression_shapes.RegressionDetailOut, **FAILURES})
def one(request: HttpRequest, regression_id: int) -> dict[str, Any]:
    """One regression with its history."""
    return regression_shapes.regression_detail_out(_visible(request, regression_id))


@router.patch("/{int:regression_id}", response={200: regression_shapes.RegressionDetailOut, **FAILURES}, auth=DECIDE)
def decide(request: HttpRequest, regression_id: int, patch: RegressionPatch) -> dict[str, Any]:
    """Change state (dismissed needs a reason), assignee (a user's name), note or ticket (an address)."""
    _visible(request, regression_id)
    if not patch.model_fields_set:
        raise ApiError(422, "invalid_parameter", "Say what to change: state, reason, assignee, note or ticket", "body")
    triage.decide(regression_id, patch.decision(), actor_of(request))
    return regression_shapes.regression_detail_out(_visible(request, regression_id))


def _visible(request: HttpRequest, regression_id: int) -> Regression:
    rows = Regression.objects.listed().filter(access_of(request).visible()).prefetch_related("changes")
    return get_object_or_404(rows, pk=min(regression_id, MOST_ID))
