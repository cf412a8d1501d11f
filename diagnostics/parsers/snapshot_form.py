"""The form of a snapshot as types: what the parser converts to, and what the published JSON Schema is made from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from diagnostics.parsers.document import BYTE_ORDER_MARK, SentHost, Time, in_words
from diagnostics.parsers.timestamps import INT64_MAX
from diagnostics.records import ParseError

Name = Annotated[str, Meta(min_length=1, max_length=500, description="Any text; shown as text")]
Duration = Annotated[int, Meta(ge=0, le=INT64_MAX, description="Nanoseconds")]


class SentPhase(msgspec.Struct):
    """A named, timed stage. Without ``parent``, nesting follows from time containment; ``null`` makes it a root."""

    phase: Name
    start_time: Time
    duration_ns: Duration
    status: Literal["success", "failed"]
    id: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    parent: str | UnsetType | None = UNSET
    depends_on: list[str] = []
    lane: Annotated[str, Meta(max_length=200)] = ""
    attributes: dict[str, Any] = {}


class SentEvent(msgspec.Struct):
    """An instant the sender saw, such as a line of output."""

    time: Time
    text: str
    source: str = ""


class Snapshot(msgspec.Struct):
    """The full form of a launch snapshot."""

    phases: list[SentPhase]
    schema: Literal[1] = 1
    launch_id: str | None = None
    service: Annotated[str, Meta(max_length=200)] | None = None
    environment: Annotated[str, Meta(max_length=200)] | None = None
    version: Annotated[str, Meta(max_length=500)] | None = None
    host: SentHost | None = None
    labels: dict[str, str] = {}
    config: dict[str, dict[str, Any]] = {}
    milestones: dict[str, Time] = {}
    events: list[SentEvent] = []


class Envelope(msgspec.Struct):
    """What the request path needs to know of a snapshot before a worker reads the rest."""

    launch_id: str | None = None
    service: Annotated[str, Meta(max_length=200)] | None = None
    environment: Annotated[str, Meta(max_length=200)] | None = None


def envelope(content: bytes) -> Envelope:
    """Read the outside of a snapshot without building its phases. Raises ``ParseError`` for what is not JSON."""
    content = content.removeprefix(BYTE_ORDER_MARK)
    if not content.strip():
        raise ParseError("The body is empty; send a snapshot as JSON", "body", "invalid_json")
    try:
        if content.lstrip()[:1] == b"[":
            msgspec.json.decode(content, type=list[msgspec.Raw])
            return Envelope()
        return msgspec.json.decode(content, type=Envelope)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        raise ParseError(in_words(message), where.strip("`") or "$", "invalid_snapshot") from None
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise ParseError(f"Not valid JSON: byte 0x{byte:02x} in a text is not UTF-8", "body", "invalid_json") from None
    except RecursionError:
        raise ParseError("Not valid JSON: it is nested too deeply", "body", "invalid_json") from None
    except msgspec.DecodeError as error:
        raise ParseError(f"Not valid JSON: {error}", "body", "invalid_json") from None


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of both forms, derived from the types that read them."""
    here = "#/$defs/{name}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Launch snapshot",
        **schema_forms(here),
        "$defs": schema_definitions(here),
    }


def schema_forms(ref_template: str) -> dict[str, Any]:
    """Either form, by references to ``schema_definitions``."""
    array, whole = msgspec.json.schema_components([list[SentPhase], Snapshot], ref_template=ref_template)[0]
    return {"anyOf": [array, whole]}


def schema_definitions(ref_template: str) -> dict[str, Any]:
    """The types of a snapshot by name."""
    return msgspec.json.schema_components([Snapshot], ref_template=ref_template)[1]
