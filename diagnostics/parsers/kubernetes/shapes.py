"""Parts of API objects, where a part that is missing, null or of another type is an empty one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def table(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> Sequence[Mapping[str, Any]]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    """The text, or none."""
    return value if isinstance(value, str) else ""


def integer(value: object, default: int = 0) -> int:
    """The integer, or the default; never one that 64 bits do not hold."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return default
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return default
    return number if abs(number) < 2**63 else default
