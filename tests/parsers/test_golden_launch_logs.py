"""Programs' logs, import times and systemd-analyze's outputs beside what their parsers make of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagnostics.parsers import PARSERS, Hints, Source, collect, sniff
from diagnostics.records import Event, Kind, Parsed, Phase

DATA = Path(__file__).resolve().parent.parent / "data"
KINDS = (Kind.CONTAINER_LOG, Kind.PYTHON_IMPORTTIME, Kind.SYSTEMD_ANALYZE)
CASES = [
    (kind, path.name)
    for kind in KINDS
    for path in sorted((DATA / kind).iterdir())
    if not path.name.endswith(".expected.json")
]
RECEIVED = 1_795_500_000_000_000_000  # late November 2026


@pytest.mark.parametrize(("kind", "name"), CASES, ids=lambda value: str(value))
def test_golden(kind: Kind, name: str) -> None:
    path = DATA / kind / name
    expected = json.loads(path.with_name(f"{name}.expected.json").read_text())

    parsed = collect(PARSERS[kind](Source.of(path.read_bytes()), Hints(RECEIVED)))

    assert json.loads(json.dumps(as_plain(parsed))) == expected
    assert sniff(path.read_bytes()) == kind


def test_every_kind_has_its_cases() -> None:
    assert {kind for kind, _ in CASES} == set(KINDS)
    assert sum(len(list((DATA / kind).glob("*.expected.json"))) for kind in KINDS) == len(CASES)


def as_plain(parsed: Parsed) -> dict[str, Any]:
    """Everything read."""
    return {
        "parser": parsed.parser,
        "host": parsed.host.name if parsed.host else None,
        "lines": [parsed.lines.total, parsed.lines.read, parsed.lines.skipped],
        "milestones": parsed.milestones,
        "labels": parsed.labels,
        "facts": parsed.facts,
        "phases": [_phase(phase) for phase in parsed.phases],
        "events": [_event(event) for event in parsed.events],
    }


def _phase(phase: Phase) -> list[Any]:
    placed = [phase.parent, list(phase.depends_on), phase.lane]
    return [phase.name, phase.start_time, phase.duration, phase.status, *placed, phase.attributes]


def _event(event: Event) -> list[Any]:
    when = [event.line, event.time, event.precision]
    return [*when, event.level, event.category, event.source, event.text, event.fields]
