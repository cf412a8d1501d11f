"""Real and documented snapshots beside what parser and analysis make of them, number by number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagnostics.analysis.launch import analyse
from diagnostics.parsers import Hints, snapshot
from diagnostics.records import LaunchAnalysis, Parsed, PlacedPhase

DATA = Path(__file__).resolve().parent.parent / "data" / "snapshot"
CASES = sorted(path.name.removesuffix(".expected.json") for path in DATA.glob("*.expected.json"))
RECEIVED = 1_795_500_000_000_000_000  # late November 2026


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    expected = json.loads((DATA / f"{case}.expected.json").read_text())

    parsed = snapshot.parse((DATA / f"{case}.json").read_bytes(), Hints(RECEIVED))

    assert as_plain(parsed, analyse(parsed.phases, parsed.milestones)) == expected


def test_every_snapshot_has_its_pair() -> None:
    sent = {path.stem for path in DATA.glob("*.json") if not path.name.endswith(".expected.json")}
    assert sent == set(CASES)
    assert len(CASES) >= 6


def as_plain(parsed: Parsed, launch: LaunchAnalysis) -> dict[str, Any]:
    """Everything read and computed, without the sender's own attributes repeated for each phase that has none."""
    return {
        "parser": parsed.parser,
        "version": parsed.version,
        "host": parsed.host and [parsed.host.name, parsed.host.boot_id, parsed.host.boot_time],
        "labels": parsed.labels,
        "config": parsed.config,
        "milestones": parsed.milestones,
        "lines": [parsed.lines.total, parsed.lines.read, parsed.lines.skipped],
        "facts": parsed.facts,
        "status": launch.status,
        "start_time": launch.start_time,
        "total": launch.total,
        "ready_by": launch.ready_by,
        "unaccounted": [[gap.start, gap.end] for gap in launch.unaccounted],
        "waiting": launch.waiting,
        "critical_path": list(launch.critical_path),
        "events": [[event.time, event.line, event.source, event.text] for event in parsed.events],
        "phases": [_phase(placed) for placed in launch.phases],
    }


def _phase(placed: PlacedPhase) -> dict[str, Any]:
    phase = placed.phase
    plain = {
        "path": placed.path,
        "start_time": phase.start_time,
        "duration": phase.duration,
        "status": phase.status,
        "id": phase.id,
        "parent": placed.parent,
        "depends_on": list(phase.depends_on),
        "lane": phase.lane,
        "self_time": placed.self_time,
        "slack": placed.slack,
        "critical_time": placed.critical_time,
    }
    return plain | ({"attributes": phase.attributes} if phase.attributes else {})
