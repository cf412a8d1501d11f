"""JSON documents of a known shape: syntax by jiter, types by msgspec, every error with its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isinf
from typing import Annotated, Any, TypeVar

import jiter
import msgspec
from msgspec import Meta

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.timestamps import instant, plausible
from diagnostics.records import HostFacts, ParseError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
T = TypeVar("T")
_TYPES = {
    "int": "an integer",
    "float": "a number with decimals",
    "int | float": "a number",
    "str": "text",
    "bool": "true or false",
    "null": "null",
    "object": "an object",
    "array": "an array",
    "int | str": "an integer of nanoseconds or an RFC 3339 time",
    "str | null": "text or null",
    "object | null": "an object or null",
    "int | str | null": "an integer of nanoseconds, an RFC 3339 time or null",
}
SENTENCES = [
    (r"Expected `([^`]+)`, got `([^`]+)`", "This must be {0}, but it is {1}"),
    (r"Expected `(\w+)` >= (-?\d+)", "This must be {0} of {1} or more"),
    (r"Expected `(\w+)` <= (-?\d+)", "This must be {0} of at most {1}"),
    (r"Expected `str` of length >= 1", "This text must not be empty"),
    (r"Expected `str` of length <= (\d+)", "This text is longer than {0} characters"),
    (r"Object missing required field `(\w+)`", "The field “{0}” is missing"),
    (r"Invalid enum value (.+)", "{0} is not one of the values allowed here"),
]

Time = (
    Annotated[int, Meta(description="Nanoseconds since 1970-01-01 UTC")]
    | Annotated[str, Meta(description="RFC 3339 with up to nine decimals and a zone")]
)


class SentHost(msgspec.Struct):
    """Where the launch ran."""

    name: Annotated[str, Meta(min_length=1, max_length=500)]
    boot_id: str = ""
    boot_time: Time | None = None


def read_json(content: bytes) -> Any:
    """The document. Raises ``ParseError`` for broken syntax, duplicate keys, NaN, deep nesting and NUL characters."""
    try:
        document = jiter.from_json(
            content.removeprefix(BYTE_ORDER_MARK), allow_inf_nan=False, catch_duplicate_keys=True
        )
    except ValueError as error:
        raise ParseError(f"Not valid JSON: {error}", _json_place(str(error)), "invalid_json") from None
    # PostgreSQL stores any text but this one character; the search before the walk keeps the usual case free.
    if b"\\u0000" in content and (where := _first(_has_nul, document, "$")):
        raise ParseError("The text holds a NUL character (\\u0000), which cannot be stored", where, "invalid_text")
    return document


def _first(bad: Callable[[Any], bool], value: Any, where: str) -> str:
    """JSON path of the first key or value that is ``bad``, or ``""``."""
    if isinstance(value, dict):
        found = (where if bad(key) else _first(bad, item, f"{where}.{key}") for key, item in value.items())
    elif isinstance(value, list):
        found = (_first(bad, item, f"{where}[{n}]") for n, item in enumerate(value))
    else:
        return where if bad(value) else ""
    return next(filter(None, found), "")


def _has_nul(value: Any) -> bool:
    return isinstance(value, str) and "\0" in value


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float) and isinf(value)


def finite(mapping: dict[str, Any], where: str) -> dict[str, Any]:
    """JSON may write 1e999, but neither a float nor a JSON column holds it."""
    if place := _first(_is_infinite, mapping, where):
        raise ParseError("The number is too large for a 64-bit float: send it as text", place, "invalid_number")
    return mapping


def _json_place(message: str) -> str:
    place = re.search(r"line (\d+) column (\d+)", message)
    return f"line {place[1]}, column {place[2]}" if place else "body"


def typed(document: Any, shape: type[T], code: str) -> T:
    """The document as ``shape``. Raises ``ParseError`` with the JSON path of the first value that does not fit."""
    try:
        return msgspec.convert(document, type=shape)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        raise ParseError(
            in_words(message), _key_named(document, shape, str(error), where.strip("`")) or "$", code
        ) from None


def _key_named(document: Any, shape: type[Any], wrong: str, where: str) -> str:
    """The place with the key of a mapping in it: msgspec says no more than ``$.labels[...]``."""
    place = re.fullmatch(r"\$\.(\w+)\[\.\.\.\](.*)", where)
    if place is None:
        return where
    for key, value in document[place[1]].items():
        try:
            msgspec.convert({place[1]: {key: value}}, type=shape)
        except msgspec.ValidationError as error:
            if str(error) == wrong:
                return f"$.{place[1]}.{key}{place[2]}"
    return where


def in_words(message: str) -> str:
    """msgspec's message as a sentence for somebody who does not know Python's names of types."""
    for pattern, words in SENTENCES:
        if match := re.fullmatch(pattern, message):
            parts = (_TYPES.get(part or "", part) for part in match.groups())
            return words.format(*parts)
    return message


def time_of(value: int | str, where: str, received_at: int) -> int:
    """A time of either form, ns. Raises ``ParseError`` if it cannot be right."""
    return plausible(instant(value, where), where, received_at)


def host_of(sent: SentHost | None, hints: Hints) -> HostFacts | None:
    """The host as the file tells it, else as the upload's query does."""
    if sent is None:
        return HostFacts(hints.host) if hints.host else None
    boot_time = None if sent.boot_time is None else time_of(sent.boot_time, "$.host.boot_time", hints.received_at)
    return HostFacts(sent.name, sent.boot_id, boot_time)
