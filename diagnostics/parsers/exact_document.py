"""A whole JSON document of a report or trace, every number as it stands in the file."""

from __future__ import annotations

import json
from typing import Any

from diagnostics.parsers.amounts import exact_decoder
from diagnostics.parsers.source import Source
from diagnostics.records import ParseError

LARGEST = 128 * 1_048_576


def read_document(source: Source, what: str) -> Any:
    """The document. Raises ``ParseError`` for what is too large or no JSON; ``what`` names it: “A speedscope file”."""
    content = bytearray()
    for chunk in source.chunks():
        content += chunk
        if len(content) > LARGEST:
            raise ParseError(f"{what} of more than {LARGEST // 1_048_576} MiB is not read: record less of it", "body")
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    try:
        return exact_decoder().decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ParseError(f"{what} must be JSON, and this is not: {error.msg}", where, "invalid_json") from None
    except (ValueError, RecursionError):
        message = f"{what} must be JSON, and this is nested too deeply or has a number that is too long"
        raise ParseError(message, "body", "invalid_json") from None


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, without what else stands in it; nothing for what is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
