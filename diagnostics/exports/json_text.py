"""JSON of whatever a launch holds, for every format that is JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

UINT64 = 2**64


def json_text(document: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """Integers of any size are written out: attributes may hold them, which 64 bits do not."""
    try:
        return orjson.dumps(document, default=default)
    except TypeError:
        return orjson.dumps(_written(document), default=default)


def _written(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _written(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_written(item) for item in value]
    return orjson.Fragment(str(value)) if type(value) is int and not -UINT64 // 2 <= value < UINT64 else value
