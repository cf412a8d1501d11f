"""What ``autoglm-debug dump-launch-sequence`` writes.

The minimal form is an array of phases::

    [{"phase": "model-init", "start_time": 1764000000000000000, "duration_ns": 57660000000, "status": "success"}]

The full form wraps it: ``{"schema": 1, "launch_id": …, "service": …, "milestones": {…}, "phases": […], …}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from math import isinf
from typing import Annotated, Any, Literal

import jiter
import msgspec
from msgspec import UNSET, Meta, UnsetType

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.timestamps import INT64_MAX, instant, plausible
from diagnostics.records import Event, HostFacts, Lines, Parsed, ParseError, Phase, PhaseStatus

PARSER = "snapshot/1"
MAX_PHASES = 1_000_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Name = Annotated[str, Meta(min_length=1, max_length=500, description="Any text; shown as text")]
Time = (
    Annotated[int, Meta(description="Nanoseconds since 1970-01-01 UTC")]
    | Annotated[str, Meta(description="RFC 3339 with up to nine decimals and a zone")]
)
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


class SentHost(msgspec.Struct):
    """Where the launch ran."""

    name: Annotated[str, Meta(min_length=1, max_length=500)]
    boot_id: str = ""
    boot_time: Time | None = None


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


def parse(content: bytes, hints: Hints) -> Parsed:
    """Read a snapshot of either form. Raises ``ParseError`` with the JSON path of what is wrong."""
    document = _json(content.removeprefix(BYTE_ORDER_MARK))
    minimal = isinstance(document, list)
    if not minimal and not isinstance(document, dict):
        raise ParseError("A snapshot is an array of phases, or an object with “phases”", "$", "invalid_snapshot")
    sent = _typed({"phases": document} if minimal else document, minimal)
    root = "$" if minimal else "$.phases"
    return Parsed(
        parser=PARSER,
        phases=list(_phases(sent.phases, root, hints.received_at)),
        events=[
            Event(_time(event.time, f"$.events[{n}].time", hints.received_at), event.text, event.source, n + 1)
            for n, event in enumerate(sent.events)
        ],
        milestones={k: _time(v, f"$.milestones.{k}", hints.received_at) for k, v in sent.milestones.items()},
        labels=sent.labels,
        config=_finite(sent.config, "$.config"),
        version=sent.version or hints.version,
        host=_host(sent.host, hints),
        lines=Lines(total=len(sent.phases) + len(sent.events), read=len(sent.phases) + len(sent.events)),
        facts={"form": "minimal" if minimal else "full"},
    )


def _json(content: bytes) -> Any:
    try:
        document = jiter.from_json(content, allow_inf_nan=False, catch_duplicate_keys=True)
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


def _finite(mapping: dict[str, Any], where: str) -> dict[str, Any]:
    """JSON may write 1e999, but neither a float nor a JSON column holds it."""
    if place := _first(_is_infinite, mapping, where):
        raise ParseError("The number is too large for a 64-bit float: send it as text", place, "invalid_number")
    return mapping


def _json_place(message: str) -> str:
    place = re.search(r"line (\d+) column (\d+)", message)
    return f"line {place[1]}, column {place[2]}" if place else "body"


def _typed(document: Any, minimal: bool) -> Snapshot:
    try:
        return msgspec.convert(document, type=Snapshot)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        where = where.strip("`") or "$"
        # The minimal form is the array itself: its paths must point into what was sent, not into our wrapping.
        raise ParseError(message, where.replace("$.phases", "$", 1) if minimal else where, "invalid_snapshot") from None


def _phases(sent: Sequence[SentPhase], root: str, received_at: int) -> Iterator[Phase]:
    if len(sent) > MAX_PHASES:
        raise ParseError(f"{len(sent)} phases in one launch; at most {MAX_PHASES} are read", root)
    positions = _positions(sent, root)
    for n, phase in enumerate(sent):
        start = _time(phase.start_time, f"{root}[{n}].start_time", received_at)
        if start + phase.duration_ns > INT64_MAX:
            raise ParseError("The phase ends beyond what 64-bit nanoseconds hold", f"{root}[{n}].duration_ns")
        yield Phase(
            position=n,
            name=phase.phase,
            start_time=start,
            duration=phase.duration_ns,
            status=PhaseStatus(phase.status),
            id=phase.id,
            parent=_known(phase.parent, positions, f"{root}[{n}].parent") if isinstance(phase.parent, str) else None,
            is_root=phase.parent is None,
            depends_on=tuple(_known(d, positions, f"{root}[{n}].depends_on") for d in phase.depends_on),
            lane=phase.lane,
            attributes=_finite(phase.attributes, f"{root}[{n}].attributes") if phase.attributes else {},
        )


def _positions(sent: Sequence[SentPhase], root: str) -> dict[str, int]:
    """Sender's id → position. A phase may also be referred to by its name, if it alone has it."""
    positions: dict[str, int] = {}
    names: dict[str, int | None] = {}
    for n, phase in enumerate(sent):
        names[phase.phase] = None if phase.phase in names else n
        if phase.id is not None and positions.setdefault(phase.id, n) != n:
            raise ParseError(f"Two phases have the id “{phase.id}”", f"{root}[{n}].id", "duplicate_id")
    return {name: n for name, n in names.items() if n is not None} | positions


def _known(reference: str, positions: dict[str, int], where: str) -> int:
    if reference not in positions:
        raise ParseError(f"No phase of this snapshot has the id “{reference}”", where, "unknown_id")
    return positions[reference]


def _time(value: int | str, where: str, received_at: int) -> int:
    return plausible(instant(value, where), where, received_at)


def _host(sent: SentHost | None, hints: Hints) -> HostFacts | None:
    if sent is None:
        return HostFacts(hints.host) if hints.host else None
    boot_time = None if sent.boot_time is None else _time(sent.boot_time, "$.host.boot_time", hints.received_at)
    return HostFacts(sent.name, sent.boot_id, boot_time)


def recognise(content: bytes) -> bool:
    """A JSON document that speaks of phases with durations."""
    head = content[:4096].removeprefix(BYTE_ORDER_MARK).lstrip()
    return head[:1] in (b"[", b"{") and (b'"duration_ns"' in head or b'"phases"' in head)


class Envelope(msgspec.Struct):
    """What the request path needs to know of a snapshot before a worker reads the rest."""

    launch_id: str | None = None
    service: Annotated[str, Meta(max_length=200)] | None = None
    environment: Annotated[str, Meta(max_length=200)] | None = None


def envelope(content: bytes) -> Envelope:
    """Read the outside of a snapshot without building its phases. Raises ``ParseError`` for what is not JSON."""
    content = content.removeprefix(BYTE_ORDER_MARK)
    try:
        if content.lstrip()[:1] == b"[":
            msgspec.json.decode(content, type=list[msgspec.Raw])
            return Envelope()
        return msgspec.json.decode(content, type=Envelope)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        raise ParseError(message, where.strip("`") or "$", "invalid_snapshot") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
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
