"""Events as evidence: each thing that happened once, however many files tell it, and a few of many as proofs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.finding import Proof
from diagnostics.analysis.diagnosis.stretches import Stretch
from diagnostics.analysis.diagnosis.wording import seconds
from diagnostics.records import NS_PER_SECOND, Category, Event

# A disk that dies says so a thousand times; a few lines prove it.
SHOWN = 5
LONGEST = 300
# Two files that tell of one event stamp it up to so far apart, beyond the worth of their last digits.
SAME = 2 * NS_PER_SECOND


def during(case: Case, *categories: Category, slack: int = NS_PER_SECOND) -> list[SeenEvent]:
    """What happened in the launch, or up to ``slack`` ns beside it, each event once."""
    start, end = case.window.start - slack, case.window.end + slack
    return distinct(seen for seen in case.of_category(*categories) if start <= seen.event.time <= end)


def distinct(events: Iterable[SeenEvent]) -> list[SeenEvent]:
    """Events in their order without those that another file has told already."""
    kept: list[SeenEvent] = []
    newest: dict[tuple[str, str], list[SeenEvent]] = {}
    for seen in events:
        alike = newest.setdefault((seen.event.category, seen.event.text.strip()), [])
        if not any(other.artifact != seen.artifact and _is_same_time(other.event, seen.event) for other in alike):
            kept.append(seen)
            # Only the last of each file can be near the next.
            alike[:] = [other for other in alike if other.artifact != seen.artifact] + [seen]
    return kept


def proof(seen: SeenEvent, text: str = "") -> Proof:
    """The line itself, or ``text`` in its place."""
    told = text or seen.event.text
    if len(told) > LONGEST:
        told = told[: LONGEST - 1] + "…"
    return Proof(told, seen.artifact, seen.event.line, seen.event.time)


def proofs(events: Sequence[SeenEvent]) -> list[Proof]:
    """The first lines, and how many more there are."""
    told = [proof(seen) for seen in events[:SHOWN]]
    rest = events[SHOWN:]
    if rest:
        told.append(proof(rest[-1], f"… and {len(rest):,} more, the last: {rest[-1].event.text}"))
    return told


def uncertain_phase(seen: SeenEvent, stretch: Stretch) -> list[Proof]:
    """Speaks against a phase: the event's time is known too coarsely to tell it from its neighbours."""
    if seen.event.precision < NS_PER_SECOND or 2 * seen.event.precision < stretch.window.duration:
        return []
    known = seconds(seen.event.precision)
    return [proof(seen, f"Its time is known to {known} only: it may have been before or after {stretch.name}")]


def _is_same_time(one: Event, other: Event) -> bool:
    return abs(one.time - other.time) <= max(one.precision, other.precision, SAME)
