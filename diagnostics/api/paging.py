"""Lists of the contract: ``{"items": […], "next": cursor | null}``, ``limit`` ≤ 1000."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from ninja import Query

from diagnostics.api.errors import ApiError
from diagnostics.parsers.timestamps import INT64_MAX

Limit = Annotated[int, Query(ge=1, le=1000, description="Rows a page")]
Cursor = Annotated[str | None, Query(description="“next” of the page before")]


def encode(*place: object) -> str:
    return base64.urlsafe_b64encode(":".join(map(str, place)).encode()).decode().rstrip("=")


def decode(cursor: str, *types: Any) -> list[Any]:
    """The place a cursor stands for. Raises ``ApiError`` 400 for one that this server did not make."""
    try:
        parts = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(":")
        place = [kind(part) for kind, part in zip(types, parts, strict=True)]
        if any(isinstance(part, int) and abs(part) > INT64_MAX for part in place):
            raise ValueError
        return place
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise ApiError(400, "invalid_cursor", "This cursor is not one of ours; begin without it", "cursor") from None
