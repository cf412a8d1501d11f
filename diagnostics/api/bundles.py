"""Archives of a snapshot and the files that tell of its launch."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from diagnostics import ingest, tasks
from diagnostics.api import shapes, wire
from diagnostics.api.auth import SEND, access_of
from diagnostics.api.body import read_body
from diagnostics.api.errors import ErrorOut
from diagnostics.api.filters import BundleQuery
from diagnostics.models import Artifact

router = Router(auth=SEND)
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 409, 411, 413, 415, 422), ErrorOut)
FORMATS = ("application/gzip", "application/x-tar", "application/zstd", "application/zip")
FILE = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
BODY = {"requestBody": {"required": True, "content": dict.fromkeys(FORMATS, FILE)}}


@router.post(
    "",
    response={202: wire.BundleOut, 200: wire.BundleOut, **FAILURES},
    openapi_extra=BODY,
    summary="Send an archive (.tar, .tar.gz, .tar.zst, .zip) of a launch's files",
)
def send(request: HttpRequest, given: Query[BundleQuery]) -> Status[dict[str, Any]]:
    """Store every file that can be; ``items`` says of each what became of it, and why not. The same files again change
    nothing."""
    told = {name: value for name, value in given.dict().items() if value}
    bundle = ingest.accept_bundle(read_body(request), told, access_of(request).services)
    accepted = [item.accepted for item in bundle.items if item.accepted]
    for one in accepted:
        if one.state == Artifact.State.RECEIVED:
            tasks.enqueue_parse(one.artifact)
    items = [shapes.item_out(item) for item in bundle.items]
    answer = {"items": items, "launch": str(bundle.launch) if bundle.launch else None}
    return Status(202 if any(one.created for one in accepted) else 200, answer)
