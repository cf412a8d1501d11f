"""Findings as cards: what was found in a person's units, with what speaks for it and against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from diagnostics.analysis.diagnosis.finding import Layer
from diagnostics.analysis.diagnosis.wording import memory
from diagnostics.charts import quantity
from diagnostics.evidence_figures import has_lines
from diagnostics.models import Artifact, Finding, Launch, PhaseRecord
from diagnostics.records import Interval


@dataclass(frozen=True, slots=True)
class ShownProof:
    """A piece of evidence; ``artifact`` is ``None`` for what the launch itself says, ``after``: ns since its start."""

    text: str
    artifact: Artifact | None
    line: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class FindingCard:
    """A finding to show; ``place`` is where its phase lies, with a little room around it."""

    finding: Finding
    expected: str
    actual: str
    place: Interval | None
    evidence_for: Sequence[ShownProof]
    evidence_against: Sequence[ShownProof]


def cards(launch: Launch, artifacts: Iterable[Artifact]) -> list[FindingCard]:
    """The findings of a launch, gravest first. Two queries, and one more for files that no longer join it."""
    findings = list(launch.findings.all())
    known = _artifacts(findings, {artifact.pk: artifact for artifact in artifacts})
    places = _places(launch, {finding.phase for finding in findings if finding.phase is not None})
    return [_card(finding, launch, known, places) for finding in findings]


def _card(
    finding: Finding, launch: Launch, artifacts: Mapping[UUID, Artifact], places: Mapping[str, Interval]
) -> FindingCard:
    shown = [
        [_proof(said, launch, artifacts) for said in evidence]
        for evidence in (finding.evidence_for, finding.evidence_against)
    ]
    expected, actual = (_worded(value, finding) for value in (finding.expected, finding.actual))
    return FindingCard(finding, expected, actual, places.get(finding.phase or ""), *shown)


def _worded(value: float | str | None, finding: Finding) -> str:
    if value is None:
        return ""
    # Limits of memory are set in powers of 1,024, disks and networks are sold in powers of 1,000.
    if finding.unit == "bytes" and finding.layer == Layer.MEMORY and not isinstance(value, str):
        return memory(value)
    return quantity.worded(value, finding.unit)


def _proof(said: Mapping[str, object], launch: Launch, artifacts: Mapping[UUID, Artifact]) -> ShownProof:
    named, line, time = said.get("artifact"), said.get("line"), said.get("time")
    artifact = artifacts.get(UUID(named)) if isinstance(named, str) else None
    return ShownProof(
        text=str(said.get("text") or ""),
        artifact=artifact,
        line=line if isinstance(line, int) and artifact and has_lines(artifact) else None,
        after=time - launch.start_time if isinstance(time, int) else None,
    )


def _artifacts(findings: Sequence[Finding], known: dict[UUID, Artifact]) -> dict[UUID, Artifact]:
    said = [proof for finding in findings for proof in (*finding.evidence_for, *finding.evidence_against)]
    wanted = {UUID(proof["artifact"]) for proof in said if proof.get("artifact")} - known.keys()
    return known | Artifact.objects.in_bulk(wanted) if wanted else known


def _places(launch: Launch, paths: set[str]) -> dict[str, Interval]:
    if not paths:
        return {}
    rows = PhaseRecord.objects.filter(launch=launch, series__path__in=paths)
    spans = rows.values_list("series__path", "start_time", "duration_ns")
    return {path: _roomy(Interval(start, start + duration), launch) for path, start, duration in spans}


def _roomy(place: Interval, launch: Launch) -> Interval:
    """With a tenth of its length to either side, inside of the launch."""
    room = max(place.duration // 10, 1000)
    start = max(place.start - room, launch.start_time)
    return Interval(start, max(min(place.end + room, launch.ready_time), start + 1))
