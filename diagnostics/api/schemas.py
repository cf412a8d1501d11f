"""What senders may write, as JSON Schema: for their editors and tests, so it needs no token."""

from __future__ import annotations

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Router

from diagnostics.parsers.snapshot_form import json_schema

router = Router(auth=None)
SNAPSHOT = orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2)


@router.get("/snapshot.json", summary="JSON Schema of a launch snapshot")
def snapshot(request: HttpRequest) -> HttpResponse:
    """Both forms of a snapshot (JSON Schema 2020-12)."""
    return HttpResponse(SNAPSHOT, content_type="application/schema+json")
