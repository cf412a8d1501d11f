"""The same request as ``application/json``, and the files that write it::

    {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "glm"}}]},
                        "scopeSpans": [{"spans": [{"traceId": "5b8e…", "spanId": "eee1…", "parentSpanId": "…",
                                                   "name": "Load model", "kind": 1,
                                                   "startTimeUnixNano": "1764000000000000000", …}]}]}]}

Ids are hexadecimal, enums integers, 64-bit integers text or numbers, unknown fields ignored, as the specification has
it. Beyond it: names of enums, base64 ids and snake_case, which generic protobuf tools write, and the older
``instrumentationLibrarySpans``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

import orjson

from diagnostics.parsers.otlp.spans import KINDS, Group, Received, Span, SpanEvent, fault
from diagnostics.records import ParseError

HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")
KIND_NAMES = {f"SPAN_KIND_{name.upper()}": number for number, name in KINDS.items()}
STATUS_NAMES = {"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}
SCOPES = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans")
DEEPEST = 20


def decoded(body: bytes) -> dict[str, Any]:
    """The document of a request. Raises ``ParseError``."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _wrong(f"Not valid JSON: {error}", "body") from None
    if not isinstance(document, dict):
        raise _wrong("An OTLP request is an object with “resourceSpans”", "$")
    return document


def read(document: dict[str, Any], received_at: int, services: tuple[str, ...] = ()) -> Received:
    """The spans that can be kept. Raises ``ParseError`` with the JSON path of a value of the wrong type."""
    groups, rejected, reason = [], 0, ""
    for where, told in _items(document, "$", "resourceSpans", "resource_spans"):
        resource = _attributes(_object(told, where, "resource"), f"{where}.resource")
        group = Group(resource, [])
        foreign = bool(services) and group.service not in services
        for span in _spans(told, where):
            wrong = f"This token may not send spans of service “{group.service}”" if foreign else ""
            wrong = wrong or fault(span.trace, span.id, span.name, span.start, span.end, received_at)
            if wrong:
                rejected, reason = rejected + 1, reason or wrong
            else:
                group.spans.append(span)
        groups.append(group)
    return Received(groups, rejected, reason)


def _spans(told: dict[str, Any], where: str) -> Iterator[Span]:
    for place, scope in _items(told, where, *SCOPES):
        about = _object(scope, place, "scope", "instrumentationLibrary", "instrumentation_library")
        name = _text(about, f"{place}.scope", "name")
        for at, span in _items(scope, place, "spans"):
            yield _span(span, at, name)


def _span(told: dict[str, Any], at: str, scope: str) -> Span:
    status = _object(told, at, "status")
    parent = _id(told, at, 8, "parentSpanId", "parent_span_id")
    return Span(
        _id(told, at, 16, "traceId", "trace_id"),
        _id(told, at, 8, "spanId", "span_id"),
        parent if parent.strip("0") else "",
        _text(told, at, "name"),
        _integer(told, at, "startTimeUnixNano", "start_time_unix_nano"),
        _integer(told, at, "endTimeUnixNano", "end_time_unix_nano"),
        _enum(told, at, "kind", KIND_NAMES),
        _enum(status, f"{at}.status", "code", STATUS_NAMES),
        _text(status, f"{at}.status", "message"),
        _text(told, at, "traceState", "trace_state"),
        _attributes(told, at),
        [_event(event, place) for place, event in _items(told, at, "events")],
        [_link(link, place) for place, link in _items(told, at, "links")],
        scope,
    )


def _event(told: dict[str, Any], at: str) -> SpanEvent:
    time = _integer(told, at, "timeUnixNano", "time_unix_nano")
    return SpanEvent(time, _text(told, at, "name"), _attributes(told, at))


def _link(told: dict[str, Any], at: str) -> tuple[str, str]:
    return _id(told, at, 16, "traceId", "trace_id"), _id(told, at, 8, "spanId", "span_id")


def _get(told: dict[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        if (value := told.get(name)) is not None:
            return value
    return None


def _items(told: dict[str, Any], where: str, *names: str) -> Iterator[tuple[str, dict[str, Any]]]:
    items = _get(told, names)
    if items is None:
        return
    if not isinstance(items, list):
        raise _wrong("This must be an array", f"{where}.{names[0]}")
    for n, item in enumerate(items):
        if not isinstance(item, dict):
            raise _wrong("This must be an object", f"{where}.{names[0]}[{n}]")
        yield f"{where}.{names[0]}[{n}]", item


def _object(told: dict[str, Any], where: str, *names: str) -> dict[str, Any]:
    value = _get(told, names)
    if value is not None and not isinstance(value, dict):
        raise _wrong("This must be an object", f"{where}.{names[0]}")
    return value or {}


def _text(told: dict[str, Any], where: str, *names: str) -> str:
    value = _get(told, names)
    if value is not None and not isinstance(value, str):
        raise _wrong("This must be text", f"{where}.{names[0]}")
    return value or ""


def _integer(told: dict[str, Any], where: str, *names: str) -> int:
    value = _get(told, names)
    if value is None:
        return 0
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20:
        return int(value)
    if isinstance(value, float) and value.is_integer():  # what JavaScript makes of a large number
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong("This must be an integer of nanoseconds, as text or as a number", f"{where}.{names[0]}")
    return value


def _enum(told: dict[str, Any], where: str, name: str, names: dict[str, int]) -> int:
    value = told.get(name)
    if value is None:
        return 0
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdecimal() else names.get(value, 0)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong("This must be an integer", f"{where}.{name}")
    return value if 0 <= value <= max(names.values()) else 0  # of a newer protocol than this one


def _id(told: dict[str, Any], where: str, size: int, *names: str) -> str:
    """Hexadecimal; protobuf's own JSON has base64, which is shorter, so that the length tells them apart."""
    value = _text(told, where, *names)
    if HEX.fullmatch(value):
        return value.lower()
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != size:
        raise _wrong(f"“{value[:60]}” is not an id: {2 * size} hexadecimal digits", f"{where}.{names[0]}")
    return raw.hex()


def _attributes(told: dict[str, Any], where: str) -> dict[str, Any]:
    found = {}
    for place, one in _items(told, where, "attributes"):
        value = one.get("value")
        if value is not None and not isinstance(value, dict):
            raise _wrong("This must be an object such as {“stringValue”: …}", f"{place}.value")
        found[_text(one, place, "key")] = _value(value or {}, f"{place}.value")
    return found


def _value(told: dict[str, Any], where: str, depth: int = 0) -> Any:
    if depth > DEEPEST:
        return None
    for name, content in told.items():
        if content is None:  # protobuf's own JSON may write a value that is not set so
            continue
        kind = name.replace("_", "").lower()
        if kind in ("arrayvalue", "kvlistvalue"):
            return _several(_object(told, where, name), where, kind == "kvlistvalue", depth)
        if kind == "intvalue":
            return _whole(content, f"{where}.{name}")
        if kind == "doublevalue":
            return content if isinstance(content, (int, float)) and isfinite(content) else str(content)
        if kind in ("stringvalue", "boolvalue", "bytesvalue"):
            return content if isinstance(content, (str, bool)) else str(content)
    return None


def _several(told: dict[str, Any], where: str, is_mapping: bool, depth: int) -> Any:
    items = list(_items(told, where, "values"))
    if is_mapping:
        pairs = [(_text(item, place, "key"), _object(item, place, "value")) for place, item in items]
        return {key: _value(value, where, depth + 1) for key, value in pairs}
    return [_value(item, place, depth + 1) for place, item in items]


def _whole(content: Any, where: str) -> int | str:
    try:
        number = int(content)
        return number if -(2**63) <= number < 2**63 else str(number)
    except (TypeError, ValueError, OverflowError):
        raise _wrong("This must be an integer, as text or as a number", where) from None


def _wrong(message: str, where: str) -> ParseError:
    return ParseError(message, where, "invalid_otlp")
