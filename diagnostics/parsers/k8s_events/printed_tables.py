"""Events of kubectl's tables and descriptions, with the ages they tell made times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.k8s_events.event import KubeEvent
from diagnostics.parsers.kubernetes.described import BEGINNING, Description, descriptions, pod_of
from diagnostics.parsers.kubernetes.durations import Age
from diagnostics.parsers.kubernetes.printed import printed_at
from diagnostics.parsers.kubernetes.rows import BARE, Row, placed, row_of
from diagnostics.parsers.kubernetes.stamps import Stamp
from diagnostics.parsers.kubernetes.tables import Table, event_table
from diagnostics.parsers.reading import Tally
from diagnostics.parsers.source import Source
from diagnostics.records import NS_PER_SECOND, ParseError

NO_EVENTS = "No resources found"


def table_events(source: Source, hints: Hints, tally: Tally, facts: dict[str, Any]) -> Iterator[KubeEvent]:
    """Every row of the file. Raises ``ParseError`` for text that is neither a table nor a description."""
    lines = enumerate(source.lines(), 1)
    for number, line in lines:
        tally.total += 1
        if BEGINNING.match(line):
            facts["table"] = "kubectl describe"
            rest = _with_first(number, line, lines)
            yield from _described(rest, hints, tally, facts)
            return
        if table := event_table(line):
            facts["table"] = "kubectl events"
            yield from _rows(lines, table, hints, tally, facts)
            return
        if bare := BARE.match(line):
            facts["table"] = "kubectl events"
            first = row_of({key: text or "" for key, text in bare.groupdict().items()}, number, hints.received_at)
            yield from _event_of(first, tally, hints, facts, line) if first else ()
            yield from _rows(lines, None, hints, tally, facts)
            return
        if line.startswith(NO_EVENTS):
            facts["table"] = "kubectl events"
        elif line.strip():
            tally.skip(number, line)
    if "table" not in facts:
        raise ParseError(
            "No events found: send the output of kubectl get events (-o json tells exact times) or kubectl describe",
            "line 1",
            "no_events",
        )


def _with_first(number: int, line: str, rest: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield number, line
    yield from rest


def _rows(
    lines: Iterator[tuple[int, str]], table: Table | None, hints: Hints, tally: Tally, facts: dict[str, Any]
) -> Iterator[KubeEvent]:
    """Rows under one header, or under none; a repeated header (several tables in one file) opens anew."""
    for number, line in lines:
        tally.total += 1
        plain = line.expandtabs()
        if not plain.strip():
            continue
        if again := event_table(plain):
            table = again
            continue
        row = row_of(table.row(plain), number, hints.received_at) if table else None
        if row is None and (bare := BARE.match(plain)):
            row = row_of({key: text or "" for key, text in bare.groupdict().items()}, number, hints.received_at)
        if row is None:
            tally.skip(number, line)
        else:
            yield from _event_of(row, tally, hints, facts, line)


def _event_of(row: Row, tally: Tally, hints: Hints, facts: dict[str, Any], line: str) -> Iterator[KubeEvent]:
    if found := _event(row, Stamp(hints.received_at, NS_PER_SECOND), facts):
        yield found
    else:
        tally.skip(row.line, line)


def _described(
    lines: Iterator[tuple[int, str]], hints: Hints, tally: Tally, facts: dict[str, Any]
) -> Iterator[KubeEvent]:
    tally.total -= 1  # the first line is counted with its description
    for found in descriptions(lines, hints.received_at):
        tally.total += found.lines
        for number, line in found.unread:
            tally.skip(number, line)
        facts.setdefault("described", []).append(f"{found.kind}/{found.root.text('Name')}")
        yield from described_events(found, hints, tally, facts)


def described_events(found: Description, hints: Hints, tally: Tally, facts: dict[str, Any]) -> Iterator[KubeEvent]:
    """The events of one description; where it tells when it was printed, the fact ``printed_at`` does too."""
    printed = printed_at(pod_of(found), found.rows, hints.received_at)
    facts["clock"] = "relative"
    if printed:
        facts["printed_at"] = printed.time
    namespace, name = found.root.text("Namespace"), found.root.text("Name")
    for row in found.rows:
        row = row._replace(kind=found.kind, namespace=namespace, name=name)
        if event := _event(row, printed or Stamp(hints.received_at, NS_PER_SECOND), facts):
            yield event
        else:
            tally.skip(row.line, f"{row.reason}: the table tells no age")


def _event(row: Row, printed: Stamp, facts: dict[str, Any]) -> KubeEvent | None:
    last, first = placed(row.last, printed), placed(row.first, printed)
    if last is None:
        return None
    if isinstance(row.last, Age):
        facts["clock"] = "relative"
    return KubeEvent(
        line=row.line,
        reason=row.reason,
        message=row.message,
        last=last.time,
        first=min((first or last).time, last.time),
        precision=last.precision,
        first_precision=(first or last).precision,
        count=row.repeats,
        type=row.type,
        kind=row.kind,
        namespace=row.namespace,
        name=row.name,
        container=row.container,
        is_init=row.is_init,
        component=row.component,
    )
