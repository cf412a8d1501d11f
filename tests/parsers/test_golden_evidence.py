"""Files of clusters, disks, networks and settings beside what their parsers make of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagnostics.parsers import PARSERS, Hints, Source, collect, sniff
from diagnostics.records import Event, Kind, Parsed, Phase

DATA = Path(__file__).resolve().parent.parent / "data"
KINDS = (Kind.K8S_EVENTS, Kind.K8S_POD, Kind.DF, Kind.PING, Kind.TRACEROUTE, Kind.CONFIG)
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
    expected = json.loads(path.with_suffix(".expected.json").read_text())

    parsed = collect(PARSERS[kind](Source.of(path.read_bytes()), Hints(RECEIVED)))

    # Through JSON, as facts are stored: tuples and enums would otherwise differ from what was written.
    assert json.loads(json.dumps(as_plain(parsed))) == expected
    assert sniff(path.read_bytes()) == kind


def test_every_kind_has_its_cases() -> None:
    assert {kind for kind, _ in CASES} == set(KINDS)
    answers = {path for kind in KINDS for path in (DATA / kind).glob("*.expected.json")}
    assert len(answers) == len(CASES) >= 13


def as_plain(parsed: Parsed) -> dict[str, Any]:
    """Everything read."""
    return {
        "parser": parsed.parser,
        "host": parsed.host.name if parsed.host else None,
        "lines": [parsed.lines.total, parsed.lines.read, parsed.lines.skipped],
        "milestones": parsed.milestones,
        "config": parsed.config,
        "facts": parsed.facts,
        "phases": [_phase(phase) for phase in parsed.phases],
        "events": [_event(event) for event in parsed.events],
        "samples": [[one.metric, one.instance, one.times, one.values] for one in parsed.samples],
    }


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "name": phase.name,
        "lane": phase.lane,
        "start_time": phase.start_time,
        "duration": phase.duration,
        "status": phase.status,
        "parent": phase.parent,
        "attributes": phase.attributes,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "time": event.time,
        "precision": event.precision,
        "line": event.line,
        "level": event.level,
        "category": event.category,
        "source": event.source,
        "text": event.text,
        "fields": event.fields,
    }
