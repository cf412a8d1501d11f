"""Real kernel logs beside what the parser makes of them; messages about nothing in particular are only counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from diagnostics.parsers import sniff
from diagnostics.records import Category, Event, Kind, Parsed, Phase
from tests.parsers.kernel_log.reading import read

DATA = Path(__file__).resolve().parents[2] / "data" / "kernel-log"
CASES = sorted(path.name for path in DATA.iterdir() if not path.name.endswith(".expected.json"))


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    path = DATA / name
    expected = json.loads((DATA / f"{name}.expected.json").read_text())

    parsed = read(path.read_bytes())

    assert json.loads(json.dumps(as_plain(parsed))) == expected
    assert sniff(path.read_bytes()) is Kind.KERNEL_LOG


def test_every_log_has_its_pair() -> None:
    assert len(CASES) == len(list(DATA.glob("*.expected.json"))) >= 12


def as_plain(parsed: Parsed) -> dict[str, Any]:
    """All that was read, of the messages about nothing in particular the first and the last."""
    dull = [event for event in parsed.events if event.category is Category.OTHER]
    return {
        "parser": parsed.parser,
        "host": parsed.host and [parsed.host.name, parsed.host.boot_id, parsed.host.boot_time],
        "lines": [parsed.lines.total, parsed.lines.read, parsed.lines.skipped],
        "facts": parsed.facts,
        "counts": Counter(event.category for event in parsed.events),
        "levels": Counter(event.level for event in parsed.events),
        "sources": Counter(event.source for event in parsed.events),
        "phases": [_phase(phase) for phase in parsed.phases],
        "events": [_event(event) for event in parsed.events if event.category is not Category.OTHER],
        "first_and_last": [_event(event) for event in (dull[:1] + dull[-1:])],
    }


def _phase(phase: Phase) -> list[Any]:
    return [phase.name, phase.start_time, phase.duration, phase.status, phase.attributes]


def _event(event: Event) -> dict[str, Any]:
    placed = {"time": event.time, "precision": event.precision, "clock": event.clock, "line": event.line}
    told = {"level": event.level, "source": event.source, "category": event.category, "text": event.text}
    return placed | told | {"fields": event.fields}
