"""Builders of cases for the tests of diagnosis: times are seconds since the launch's first phase.

A case is put together from phases, events and series, invented or taken from real files::

    case(
        phase("weights-load", 0, 60, bytes=14 * 10**9),
        events=[event(Category.OOM_KILL, 42, "Killed process 17 (python3)", victim="python3")],
        samples=[series("cpu.iowait", [80.0] * 60)],
    )
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from diagnostics.analysis.diagnosis.case import Case, EvidenceFile, SeenEvent, SeenSeries, Usual
from diagnostics.analysis.diagnosis.finding import Finding
from diagnostics.analysis.launch import analyse
from diagnostics.parsers import PARSERS, Hints, Source, collect
from diagnostics.records import (
    NS_PER_SECOND,
    Category,
    Event,
    Kind,
    Parsed,
    Phase,
    PhaseStatus,
    SampleSeries,
)

START = 1_764_000_000 * NS_PER_SECOND
REPOSITORY = Path(__file__).parents[3]
SAMPLES = REPOSITORY.parent / "shared" / "samples"
DATA = REPOSITORY / "tests" / "data"


def ns(seconds: float) -> int:
    """A duration."""
    return round(seconds * NS_PER_SECOND)


def at(seconds: float) -> int:
    """An instant of the launch."""
    return START + ns(seconds)


def phase(
    name: str,
    start: float,
    end: float,
    *,
    failed: bool = False,
    parent: int | None = None,
    depends_on: Sequence[int] = (),
    lane: str = "",
    **attributes: Any,
) -> Phase:
    """A phase from ``start`` to ``end``; ``parent`` and ``depends_on`` are places in the case's list of phases."""
    status = PhaseStatus.FAILED if failed else PhaseStatus.SUCCESS
    return Phase(
        0,
        name,
        at(start),
        ns(end - start),
        status,
        parent=parent,
        depends_on=tuple(depends_on),
        lane=lane,
        attributes=attributes,
    )


def event(
    category: Category,
    seconds: float,
    text: str,
    /,
    *,
    artifact: str = "kernel",
    line: int | None = 1,
    level: str = "",
    source: str = "",
    precision: int = 1000,
    **fields: Any,
) -> SeenEvent:
    told = Event(at(seconds), text, source, line, precision=precision, level=level, category=category, fields=fields)
    return SeenEvent(artifact, told)


def series(
    metric: str,
    values: Sequence[float],
    *,
    every: float = 1.0,
    first: float | None = None,
    instance: str = "all",
    artifact: str = "host",
) -> SeenSeries:
    """Readings ``every`` so many seconds; the first ends the launch's first interval unless ``first`` says when."""
    begin = every if first is None else first
    times = [at(begin + n * every) for n in range(len(values))]
    return SeenSeries(artifact, SampleSeries(metric, instance, times, list(values)))


def usual(*seconds: float) -> Usual:
    return Usual(sorted(ns(value) for value in seconds))


def case(
    *phases: Phase,
    events: Iterable[SeenEvent] = (),
    samples: Iterable[SeenSeries] = (),
    files: Sequence[EvidenceFile] | None = None,
    facts: Mapping[str, Any] | None = None,
    milestones: Mapping[str, float] | None = None,
    **fields: Any,
) -> Case:
    """A case of these phases; ``milestones`` in seconds, ``facts`` for every file, ``fields`` as ``Case`` names them.

    Files that events and series stand in are made for them unless ``files`` names them all.
    """
    known = {name: at(value) for name, value in (milestones or {}).items()}
    placed = [_with_position(told, position) for position, told in enumerate(phases)]
    seen, metrics = sorted(events, key=lambda told: told.event.time), list(samples)
    return Case(
        analyse(placed, known),
        milestones=known,
        events=seen,
        samples=metrics,
        files=_files(seen, metrics, facts or {}) if files is None else files,
        **{"service": "open-autoglm", "environment": "prod", "host": "gpu-07", **fields},
    )


def file(
    artifact: str, kind: Kind, *, first: float | None = None, last: float | None = None, **facts: Any
) -> EvidenceFile:
    return EvidenceFile(artifact, kind, facts, None if first is None else at(first), None if last is None else at(last))


class Evidence:
    """What a real file holds, by its parser, moved so that ``anchor`` (ns, of the file) is ``seconds`` of the launch.

    ``anchor`` ``None`` takes the file's first record.
    """

    def __init__(self, path: Path, kind: Kind, seconds: float, anchor: int | None = None, **hints: Any) -> None:
        if not path.exists():
            pytest.skip(f"{path} is not here")
        # Long after every recorded file, so that no stamp lies in the future.
        self.parsed: Parsed = collect(PARSERS[kind](Source.of(path.read_bytes()), Hints(at(10**8), **hints)))
        self.artifact = path.name
        self.kind = kind
        times = [told.time for told in self.parsed.events] + [s.times[0] for s in self.parsed.samples if s.times]
        self.shift = at(seconds) - (min(times, default=0) if anchor is None else anchor)

    @property
    def events(self) -> list[SeenEvent]:
        return [
            SeenEvent(self.artifact, msgspec.structs.replace(told, time=told.time + self.shift))
            for told in self.parsed.events
        ]

    @property
    def samples(self) -> list[SeenSeries]:
        return [
            SeenSeries(self.artifact, msgspec.structs.replace(told, times=[time + self.shift for time in told.times]))
            for told in self.parsed.samples
        ]

    @property
    def file(self) -> EvidenceFile:
        times = [told.event.time for told in self.events] + [t for s in self.samples for t in s.series.times]
        return EvidenceFile(
            self.artifact, self.kind, self.parsed.facts, min(times, default=None), max(times, default=None), self.shift
        )


def reasons(findings: Iterable[Finding]) -> list[str]:
    return [finding.reason for finding in findings]


def _with_position(told: Phase, position: int) -> Phase:
    return msgspec.structs.replace(told, position=position)


def _files(events: Sequence[SeenEvent], samples: Sequence[SeenSeries], facts: Mapping[str, Any]) -> list[EvidenceFile]:
    spans: dict[str, list[int]] = {}
    for seen in events:
        spans.setdefault(seen.artifact, []).append(seen.event.time)
    for metric in samples:
        spans.setdefault(metric.artifact, []).extend(metric.series.times)
    sampled = {metric.artifact for metric in samples}
    return [
        EvidenceFile(
            artifact,
            Kind.HOST_SAMPLES if artifact in sampled else Kind.KERNEL_LOG,
            facts,
            min(times, default=None),
            max(times, default=None),
        )
        for artifact, times in spans.items()
    ]
