"""The phases of one start: its inits, a restored snapshot, and the first invocation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from diagnostics.parsers.lambda_init.lines import Said
from diagnostics.records import Phase, PhaseStatus


class Start(list[Phase]):
    """Phases in order; without any times one follows the other from 0 on."""

    @property
    def inits(self) -> list[Phase]:
        return [phase for phase in self if phase.name.startswith("init")]

    def moved(self, shift: int) -> Iterator[Phase]:
        for phase in self:
            yield msgspec.structs.replace(phase, start_time=phase.start_time + shift)


def phases_of(told: Sequence[Said]) -> Start:
    """Of an init that ``INIT_REPORT`` and ``REPORT`` both tell, the former is believed: it says how it ended."""
    start = Start()
    begun: int | None = None
    invoked: Said | None = None
    for said in told:
        if said.kind in ("INIT_START", "RESTORE_START"):
            begun = said.time
        elif said.kind == "START":
            invoked = invoked or said
        elif said.kind == "INIT_REPORT":
            _add(start, _init_name(said, start), said, said.took("Init Duration"), begun)
            begun = None
        elif said.kind == "RESTORE_REPORT":
            _add(start, "restore", said, said.took("Restore Duration"), begun)
            begun = None
        elif said.kind == "REPORT":
            _report(start, said, begun, invoked)
            break
    return start


def _init_name(said: Said, start: Start) -> str:
    at_invoke = said.fields.get("Phase") == "invoke" or bool(start.inits)
    return "init at first invocation" if at_invoke else "init"


def _report(start: Start, said: Said, begun: int | None, invoked: Said | None) -> None:
    init, restored = said.took("Init Duration"), said.took("Restore Duration")
    took = said.took("Duration")
    first = said.time - took if said.time is not None and took is not None else None
    first = invoked.time if invoked is not None and invoked.time is not None else first
    if init is not None and not start.inits:
        _add(start, "init", said, init, begun, first)
    if restored is not None and not any(phase.name == "restore" for phase in start):
        _add(start, "restore", said, restored, begun, first)
    # What the first invocation had to initialise again is part of its time.
    inner = [phase for phase in start if phase.name == "init at first invocation"]
    _add(start, "first invocation", said, took, first if first is not None else inner[0].start_time if inner else None)


def _add(start: Start, name: str, said: Said, took: int | None, begun: int | None, ended: int | None = None) -> None:
    """``begun`` beats ``ended``, which beats the line's own time; without any, it follows what came before."""
    if took is None:
        return
    end = ended if ended is not None else said.time
    at = begun if begun is not None else end - took if end is not None else _last(start)
    kept = {key: said.fields[key] for key in ("Phase", "Status", "Error Type", "RequestId") if said.fields.get(key)}
    # What a report says of the invocation it does not say of the init before it.
    failed = said.fields.get("Status", "success") != "success" and (said.kind != "REPORT" or name == "first invocation")
    status = PhaseStatus.FAILED if failed else PhaseStatus.SUCCESS
    about = {key.lower().replace(" ", "_"): value for key, value in kept.items()} | {"line": said.line}
    start.append(Phase(len(start), name, at, took, status, attributes=about))


def _last(start: Start) -> int:
    return max((phase.end_time for phase in start), default=0)
