"""JSON out, by orjson: integers beyond 2**53 stay exact."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.renderers import BaseRenderer

from diagnostics.exports.json_text import json_text


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return json_text(data, default=str)
