"""What ``autoglm-debug dump-launch-sequence`` writes.

The minimal form is an array of phases::

    [{"phase": "model-init", "start_time": 1764000000000000000, "duration_ns": 57660000000, "status": "success"}]

The full form wraps it: ``{"schema": 1, "launch_id": …, "service": …, "milestones": {…}, "phases": […], …}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from diagnostics.parsers.document import BYTE_ORDER_MARK, finite, host_of, read_json, time_of, typed
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.snapshot_form import SentPhase, Snapshot
from diagnostics.parsers.timestamps import INT64_MAX
from diagnostics.records import Event, Lines, Parsed, ParseError, Phase, PhaseStatus

PARSER = "snapshot/1"
MAX_PHASES = 1_000_000


def parse(content: bytes, hints: Hints) -> Parsed:
    """Read a snapshot of either form. Raises ``ParseError`` with the JSON path of what is wrong."""
    document = read_json(content)
    minimal = isinstance(document, list)
    if not minimal and not isinstance(document, dict):
        raise ParseError("A snapshot is an array of phases, or an object with “phases”", "$", "invalid_snapshot")
    sent = _typed({"phases": document} if minimal else document, minimal)
    root = "$" if minimal else "$.phases"
    return Parsed(
        parser=PARSER,
        phases=list(_phases(sent.phases, root, hints.received_at)),
        events=[
            Event(time_of(event.time, f"$.events[{n}].time", hints.received_at), event.text, event.source, n + 1)
            for n, event in enumerate(sent.events)
        ],
        milestones={k: time_of(v, f"$.milestones.{k}", hints.received_at) for k, v in sent.milestones.items()},
        labels=sent.labels,
        config=finite(sent.config, "$.config"),
        version=sent.version or hints.version,
        host=host_of(sent.host, hints),
        lines=Lines(total=len(sent.phases) + len(sent.events), read=len(sent.phases) + len(sent.events)),
        facts={"form": "minimal" if minimal else "full"},
    )


def _typed(document: Any, minimal: bool) -> Snapshot:
    try:
        return typed(document, Snapshot, "invalid_snapshot")
    except ParseError as error:
        # The minimal form is the array itself: its paths must point into what was sent, not into our wrapping.
        where = error.where.replace("$.phases", "$", 1) if minimal else error.where
        raise ParseError(error.message, where, error.code) from None


def _phases(sent: Sequence[SentPhase], root: str, received_at: int) -> Iterator[Phase]:
    if len(sent) > MAX_PHASES:
        raise ParseError(f"{len(sent)} phases in one launch; at most {MAX_PHASES} are read", root)
    positions = _positions(sent, root)
    # Places are worded only for what is wrong: done for every phase, they took a third of the time.
    for n, phase in enumerate(sent):
        start, parent, before = phase.start_time, phase.parent, phase.depends_on
        if not isinstance(start, int) or not 0 <= start <= received_at:
            start = time_of(start, f"{root}[{n}].start_time", received_at)
        if start + phase.duration_ns > INT64_MAX:
            raise ParseError("The phase ends beyond what 64-bit nanoseconds hold", f"{root}[{n}].duration_ns")
        yield Phase(
            position=n,
            name=phase.phase,
            start_time=start,
            duration=phase.duration_ns,
            status=PhaseStatus.FAILED if phase.status == "failed" else PhaseStatus.SUCCESS,
            id=phase.id,
            parent=_known(parent, positions, root, n, "parent") if isinstance(parent, str) else None,
            is_root=parent is None,
            depends_on=tuple([_known(name, positions, root, n, "depends_on") for name in before]) if before else (),
            lane=phase.lane,
            attributes=finite(phase.attributes, f"{root}[{n}].attributes") if phase.attributes else {},
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


def _known(reference: str, positions: dict[str, int], root: str, n: int, field: str) -> int:
    if reference not in positions:
        sentence = f"No phase of this snapshot has the id “{reference}”"
        raise ParseError(sentence, f"{root}[{n}].{field}", "unknown_id")
    return positions[reference]


def recognise(content: bytes) -> bool:
    """A JSON document that speaks of phases with durations."""
    head = content[:4096].removeprefix(BYTE_ORDER_MARK).lstrip()
    return head[:1] in (b"[", b"{") and (b'"duration_ns"' in head or b'"phases"' in head)
