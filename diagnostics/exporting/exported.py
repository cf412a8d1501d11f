"""A file to take away."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What every file system and every mail program takes.
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Exported:
    content: bytes
    content_type: str
    name: str


def file_name(*parts: str) -> str:
    """Parts joined by dashes, the last one as the ending."""
    *stem, ending = parts
    safe = "-".join(_UNSAFE.sub("-", part).strip("-.")[:60] for part in stem if part)
    return f"{safe or 'launch'}.{ending}"
