"""One file per artifact kind. A parser takes the raw bytes and what the upload's query said, and returns ``Parsed``."""

from __future__ import annotations

from collections.abc import Callable

from diagnostics.parsers import snapshot
from diagnostics.parsers.hints import Hints
from diagnostics.records import Kind, Parsed

Parser = Callable[[bytes, Hints], Parsed]

PARSERS: dict[Kind, Parser] = {
    Kind.SNAPSHOT: snapshot.parse,
}

__all__ = ["PARSERS", "Hints", "Parser"]
