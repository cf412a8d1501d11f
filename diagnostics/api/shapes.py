"""Stored rows in the shapes of the contract; ``wire`` describes the same shapes to readers of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from diagnostics.analysis.clock import Correction
from diagnostics.change_history import Looked
from diagnostics.ingest import Accepted, Item
from diagnostics.models import (
    Artifact,
    ArtifactPhase,
    EventRecord,
    Finding,
    Launch,
    PhaseRecord,
    SampleRecord,
)
from diagnostics.querysets.services import Point, ServiceOverview
from diagnostics.records import Event


def accepted_out(accepted: Accepted) -> dict[str, str]:
    return {
        "id": str(accepted.launch),
        "artifact": str(accepted.artifact),
        "state": accepted.state,
        "url": f"/launches/{accepted.launch}/",
    }


def evidence_out(accepted: Accepted) -> dict[str, str]:
    return {
        "id": str(accepted.artifact),
        "kind": accepted.kind,
        "state": accepted.state,
        "url": f"/api/v1/artifacts/{accepted.artifact}",
    }


def stored_out(artifact: Artifact) -> dict[str, str]:
    """An artifact that waits to be read again."""
    url = f"/api/v1/artifacts/{artifact.pk}"
    return {"id": str(artifact.pk), "kind": artifact.kind, "state": artifact.state, "url": url}


def artifact_out(artifact: Artifact) -> dict[str, Any]:
    return {
        "id": str(artifact.id),
        "kind": artifact.kind,
        "state": artifact.state,
        "error": artifact.error,
        "launch": str(artifact.launch_id) if artifact.launch_id else None,
        "host": artifact.host.name if artifact.host else None,
        "size": artifact.size,
        "sha256": artifact.sha256,
        "parser": artifact.parser,
        "lines": artifact.lines or {"total": 0, "read": 0, "skipped": 0},
        "counts": artifact.counts or {"phases": 0, "events": 0, "samples": 0},
        "time_span": [artifact.first_ns, artifact.last_ns],
        # What an earlier parser had counted, where the file was read again.
        "facts": artifact.facts | ({"previous": artifact.previous} if artifact.previous else {}),
    }


def item_out(item: Item) -> dict[str, Any]:
    """What became of one file of a bundle."""
    accepted = item.accepted
    return {
        "name": item.name,
        "kind": item.kind,
        "artifact": str(accepted.artifact) if accepted else None,
        "state": accepted.state if accepted else "refused",
        "error": item.error,
    }


def joined_out(artifact: Artifact, clock: Correction) -> dict[str, Any]:
    """An artifact with how it joins a launch; ``clock`` says what brings its times onto the launch's."""
    moved = {"placing_ns": clock.placing, "correction_ns": clock.correction, "precision_ns": clock.precision}
    return {**artifact_out(artifact), "joined_by": artifact.joined_by, "clock": {**moved, "reason": clock.reason}}


def seen_event_out(artifact: UUID, event: Event) -> dict[str, Any]:
    """An event with the artifact that tells it."""
    return {
        "artifact": str(artifact),
        "time": event.time,
        "precision_ns": event.precision,
        "clock": event.clock,
        "line": event.line,
        "source": event.source,
        "level": event.level,
        "category": event.category,
        "text": event.text,
        "fields": event.fields,
    }


def finding_out(finding: Finding) -> dict[str, Any]:
    return {
        "id": str(finding.pk),
        "reason": finding.reason,
        "layer": finding.layer,
        "severity": finding.severity,
        "text": finding.text,
        "phase": finding.phase,
        "expected": finding.expected,
        "actual": finding.actual,
        "unit": finding.unit,
        "confidence": finding.confidence,
        "cost_ns": finding.cost_ns,
        "for": finding.evidence_for,
        "against": finding.evidence_against,
        "advice": finding.advice,
        "patch": finding.patch,
    }


def headline_out(launch: Launch) -> dict[str, Any]:
    return {"layer": launch.layer or "unknown", "text": launch.diagnosis, "confidence": launch.confidence or 0.0}


def launch_out(launch: Launch, artifacts: Iterable[object]) -> dict[str, Any]:
    known = launch.state != Launch.State.RECEIVED
    return {
        "id": str(launch.id),
        "service": launch.service.name,
        "environment": launch.service.environment,
        "version": launch.version,
        "host": launch.host.name if launch.host else None,
        "status": launch.status,
        "state": launch.state,
        "start_time": launch.start_time if known else None,
        "total_ns": launch.total_ns,
        "unaccounted_ns": launch.unaccounted_ns,
        "coverage": launch.coverage,
        "start_class": launch.start_class or None,
        "milestones": launch.milestones,
        "labels": launch.labels,
        "phases": launch.phase_count,
        "artifacts": [str(artifact) for artifact in artifacts],
        "verdict": launch.verdict or None,
        "headline": launch.headline or None,
    }


def phase_id(position: int, sender_id: str | None) -> str:
    """The sender's own id, or the phase's place in the snapshot."""
    return sender_id if sender_id is not None else f"#{position}"


def phase_out(phase: PhaseRecord, ids: Mapping[int, str]) -> dict[str, Any]:
    """``ids`` maps the positions this phase refers to to the ids they are known by."""
    return {
        "id": phase_id(phase.position, phase.sender_id),
        "path": phase.series.path,
        "phase": phase.series.name,
        "parent": None if phase.parent is None else ids[phase.parent],
        "depends_on": [ids[position] for position in phase.depends_on or ()],
        "lane": phase.lane,
        "depth": phase.depth,
        "start_time": phase.start_time,
        "duration_ns": phase.duration_ns,
        "self_ns": phase.self_ns,
        "slack_ns": phase.slack_ns,
        "critical": phase.critical,
        "status": str(phase.status),
        "layer": phase.layer,
        "attributes": phase.attributes or {},
    }


def told_phase_out(phase: ArtifactPhase, ids: Mapping[int, str], shift: int) -> dict[str, Any]:
    """A phase as an artifact tells it, which has no place in a launch yet."""
    return {
        "id": phase_id(phase.position, phase.sender_id),
        "phase": phase.name,
        "parent": None if phase.parent is None else ids[phase.parent],
        "depends_on": [ids[position] for position in phase.depends_on or ()],
        "lane": phase.lane,
        "start_time": phase.start_time + shift,
        "duration_ns": phase.duration_ns,
        "status": str(phase.status),
        "attributes": phase.attributes or {},
    }


def event_out(event: EventRecord, shift: int = 0) -> dict[str, Any]:
    return {
        "time": event.time + shift,
        "precision_ns": event.precision_ns,
        "clock": event.clock,
        "line": event.line,
        "source": event.source,
        "level": event.level,
        "category": event.category,
        "text": event.text,
        "fields": event.fields or {},
    }


def sample_out(series: SampleRecord, start: int, stop: int, shift: int = 0) -> list[dict[str, Any]]:
    pairs = zip(series.times[start:stop], series.values[start:stop], strict=True)
    return [{"metric": series.metric, "instance": series.instance, "time": t + shift, "value": v} for t, v in pairs]


def service_out(row: ServiceOverview) -> dict[str, Any]:
    return {
        "name": row.name,
        "environment": row.environment,
        "last_launch": str(row.last_launch) if row.last_launch else None,
        "last_version": row.last_version,
        "last_status": row.last_status,
        "last_start": row.last_start,
        "last_total_ns": row.last_total,
        "p50_ns": None if row.p50 is None else round(row.p50),
        "p95_ns": None if row.p95 is None else round(row.p95),
        "runs": row.runs,
        "failed_share": row.failed_share,
        "open_regressions": row.open_regressions,
    }


def point_out(point: Point) -> dict[str, Any]:
    return {
        "launch": str(point.launch),
        "start_time": point.start_time,
        "version": point.version,
        "status": point.status,
        "duration_ns": point.duration,
        "verdict": point.verdict,
        "start_class": point.start_class or None,
    }


def change_points_out(looked: Looked, path: str | None) -> list[dict[str, Any]]:
    """Oldest first: what looking back shows, regressions that it does not show yet, and what is suspected."""
    found = [
        _change(one.launch, one.time, one.sort[0], one.before, one.after)
        | {"low": one.low, "high": one.high, "p": one.p, "kind": one.kind, "confirmed": True}
        for one in looked.history.changes
    ]
    found += [
        _change(*_first(one.first_launch), one.baseline_ns, one.candidate_ns)
        | {"low": one.low, "high": one.high, "p": None, "kind": "step", "confirmed": True}
        for one in looked.others
    ]
    found += [
        _change(*_first(one.first_launch), one.before_ns, one.after_ns)
        | {"low": one.low, "high": one.high, "p": one.p, "kind": "step", "confirmed": False}
        for one in looked.suspected
    ]
    told = {**looked.regressions, **{str(one.first_launch_id): one.pk for one in looked.others}}
    rows = [{**one, "path": path, "regression": told.get(one["launch"])} for one in found]
    return sorted(rows, key=lambda one: int(one["time"]))


def _first(launch: Launch) -> tuple[str, int, str]:
    return str(launch.pk), launch.start_time, launch.start_class


def _change(launch: str, time: int, start_class: str, before: int, after: int) -> dict[str, Any]:
    return {
        "launch": launch,
        "time": time,
        "start_class": start_class or None,
        "from_ns": before,
        "to_ns": after,
        "delta_ns": after - before,
        "ratio": after / before if before else None,
        "direction": "slower" if after > before else "faster",
    }
