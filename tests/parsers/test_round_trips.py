"""What is exported and read again is the same launch, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from diagnostics.analysis.launch import analyse
from diagnostics.exports import FORMATS
from diagnostics.exports.told import Told
from diagnostics.parsers import Hints, Source, chrome_trace, collect, otlp, snapshot
from diagnostics.records import Parsed, ParseError
from tests.data.snapshots import T0, encoded
from tests.data.strategies import snapshots

HINTS = Hints(T0 + 7 * 24 * 3600 * 10**9)
READ = {
    "snapshot": lambda content: snapshot.parse(content, HINTS),
    "otlp": lambda content: collect(otlp.parse(Source.of(content), HINTS)),
    "chrome-trace": lambda content: collect(chrome_trace.parse(Source.of(content), HINTS)),
}


def told(launch: Parsed) -> Told:
    analysis = analyse(launch.phases, launch.milestones)
    about: Any = {"boot_id": "", "boot_time": None, "status": "success", "start_class": ""}
    about |= {"start_time": analysis.start_time, "total": analysis.total, "phases": analysis.phases}
    about |= {"milestones": launch.milestones, "labels": launch.labels, "config": launch.config}
    return Told(UUID(int=7), "glm", "prod", launch.version, "gpu-07", **about)


def shown(launch: Parsed) -> Any:
    """What is shown of it: phases with their final parents, and what it is known by."""
    phases = [
        (one.phase.name, one.phase.start_time, one.phase.duration, one.phase.status, one.phase.lane, one.parent)
        for one in analyse(launch.phases, launch.milestones).phases
    ]
    waits = [(set(phase.depends_on), dict(phase.attributes)) for phase in launch.phases]
    return phases, waits, launch.milestones, launch.labels, launch.config, launch.version


@pytest.mark.parametrize("form", sorted(READ))
@settings(max_examples=25)
@given(document=snapshots(least=1), same_time=st.booleans())
def test_an_export_is_the_same_launch_again(form: str, document: dict[str, Any], same_time: bool) -> None:
    for phase in document["phases"]:
        # No circles: each waits only for those whose ids come first, wherever in the launch these are.
        phase["depends_on"] = [other for other in phase["depends_on"] if other < phase["id"]]
        if phase.get("parent") == phase["id"]:
            del phase["parent"]
        if same_time:  # ties, which only their place tells apart
            phase |= {"start_time": T0 + phase["start_time"] % 3, "duration_ns": phase["duration_ns"] % 2}
        else:
            phase |= {"start_time": max(phase["start_time"], 1), "duration_ns": phase["duration_ns"] % 10**15}
    try:
        before = READ["snapshot"](encoded({**document, "version": "1.4"}))
        launch = told(before)
    except ParseError:
        assume(False)
    if form == "otlp":  # which has integers of 64 bits, and text of others
        assume(not any(abs(number) >= 2**63 for phase in before.phases for number in _integers(phase.attributes)))
    after = READ[form](FORMATS[form].write(launch))
    assert shown(after) == shown(before)


def _integers(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _integers(item)
    elif isinstance(value, int):
        yield value
