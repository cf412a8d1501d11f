"""Outputs of sar and sadf beside what their parsers make of them, number by number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagnostics.parsers import PARSERS, Hints, Source, collect, sniff
from diagnostics.records import Kind, Parsed

DATA = Path(__file__).resolve().parent.parent / "data"
CASES = [
    (kind, path.name)
    for kind in (Kind.SAR, Kind.SADF)
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


def test_every_file_has_its_answer() -> None:
    answers = [path for kind in (Kind.SAR, Kind.SADF) for path in (DATA / kind).glob("*.expected.json")]
    assert len(answers) == len(CASES) >= 18


def as_plain(parsed: Parsed) -> dict[str, Any]:
    """Everything read; samples as values by metric and instance, below the times they share."""
    series: dict[str, dict[str, list[float]]] = {}
    for one in parsed.samples:
        times = " ".join(str(time // 10**9) for time in one.times)
        series.setdefault(times, {})[f"{one.metric} {one.instance}".strip()] = one.values
    return {
        "parser": parsed.parser,
        "host": parsed.host and parsed.host.name,
        "lines": [parsed.lines.total, parsed.lines.read, parsed.lines.skipped],
        "facts": parsed.facts,
        "events": [[event.time, event.line, event.text, event.fields] for event in parsed.events],
        "samples": series,
    }
