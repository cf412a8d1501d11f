"""The list of what got slower."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from diagnostics.api import paging, shapes, wire
from diagnostics.api.auth import READ, access_of
from diagnostics.api.errors import ErrorOut
from diagnostics.api.filters import Text
from diagnostics.models import Regression

router = Router(auth=READ)


@router.get("", response={200: wire.RegressionPage, **dict.fromkeys((400, 401, 403, 422), ErrorOut)})
def listed(
    request: HttpRequest,
    service: Text | None = None,
    environment: Text | None = None,
    state: Literal["open", "acknowledged", "resolved", "dismissed"] | None = None,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = None,
) -> dict[str, Any]:
    """Newest first."""
    wanted = {"service__name": service, "service__environment": environment, "state": state}
    rows = Regression.objects.filter(
        access_of(request).visible(), **{key: value for key, value in wanted.items() if value is not None}
    )
    if cursor:
        rows = rows.filter(pk__lt=paging.decode(cursor, int)[0])
    page = list(rows.listed().order_by("-pk")[: limit + 1])
    following = paging.encode(page[limit - 1].pk) if len(page) > limit else None
    return {"items": [shapes.regression_out(row) for row in page[:limit]], "next": following}
