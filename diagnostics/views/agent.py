"""The agent for any host, ``curl -O http://server/agent.pyz``, with its digest. Open to all: it holds no secret."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from diagnostics.agent import packing


@cache
def packed() -> tuple[bytes, str]:
    """The file and its SHA-256, made once a process: the code on disk does not change under a running server."""
    content = packing.content()
    return content, packing.digest(content)


@require_safe
def agent_file(request: HttpRequest) -> HttpResponse:
    content, digest = packed()
    if request.headers.get("If-None-Match") == f'"{digest}"':
        return HttpResponse(status=304, headers={"ETag": f'"{digest}"'})
    headers = {
        "ETag": f'"{digest}"',
        "X-Checksum-Sha256": digest,
        "Content-Disposition": 'attachment; filename="agent.pyz"',
    }
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


@require_safe
def agent_digest(request: HttpRequest) -> HttpResponse:
    """As ``sha256sum --check`` reads it."""
    return HttpResponse(f"{packed()[1]}  agent.pyz\n", content_type="text/plain")
