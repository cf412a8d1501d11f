"""The shapes of the contract as schemas: what the OpenAPI document says and every answer is checked against."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field


class AcceptedOut(Schema):
    id: str
    artifact: str
    state: str
    url: str


class EvidenceOut(Schema):
    id: str
    kind: str
    state: str
    url: str


class ArtifactOut(Schema):
    id: str
    kind: str
    state: str
    error: dict[str, str] | None
    launch: str | None
    host: str | None
    size: int
    sha256: str
    parser: str
    lines: dict[str, int]
    counts: dict[str, int]
    time_span: list[int | None]
    facts: dict[str, Any]


class ClockOut(Schema):
    placing_ns: int | None
    correction_ns: int
    precision_ns: int
    reason: str


class JoinedOut(ArtifactOut):
    joined_by: str
    clock: ClockOut


class SeenEventOut(Schema):
    artifact: str
    time: int
    precision_ns: int
    clock: str
    line: int | None
    source: str
    level: str
    category: str
    text: str
    fields: dict[str, Any]


class EvidencePage(Schema):
    items: list[JoinedOut]
    events: list[SeenEventOut]
    next: str | None


class ProofOut(Schema):
    artifact: str | None
    line: int | None
    time: int | None
    text: str


class FindingOut(Schema):
    id: str
    reason: str
    layer: str
    severity: str
    text: str
    phase: str | None
    expected: float | str | None
    actual: float | str | None
    unit: str
    confidence: float
    cost_ns: int
    for_: list[ProofOut] = Field(alias="for")
    against: list[ProofOut]
    advice: str
    patch: str


class HeadlineOut(Schema):
    layer: str
    text: str
    confidence: float


class FindingPage(Schema):
    items: list[FindingOut]
    next: str | None
    headline: HeadlineOut


class BundleItemOut(Schema):
    name: str
    kind: str
    artifact: str | None
    state: str
    error: dict[str, str] | None


class BundleOut(Schema):
    items: list[BundleItemOut]
    launch: str | None


class LineOut(Schema):
    line: int
    text: str


class LinesOut(Schema):
    artifact: str
    line: int
    lines: list[LineOut]


class LaunchOut(Schema):
    id: str
    service: str
    environment: str
    version: str
    host: str | None
    status: str
    state: str
    start_time: int | None
    total_ns: int | None
    unaccounted_ns: int | None
    coverage: float | None
    start_class: str | None
    milestones: dict[str, int]
    labels: dict[str, str]
    phases: int
    artifacts: list[str]
    verdict: str | None
    headline: str | None


class PhaseOut(Schema):
    id: str
    path: str
    phase: str
    parent: str | None
    depends_on: list[str]
    lane: str
    depth: int
    start_time: int
    duration_ns: int
    self_ns: int
    slack_ns: int
    critical: bool
    status: str
    layer: str | None
    attributes: dict[str, Any]


class LaunchPage(Schema):
    items: list[LaunchOut]
    next: str | None


class PhasePage(Schema):
    items: list[PhaseOut]
    next: str | None


class CriticalPathOut(Schema):
    items: list[PhaseOut]
    total_ns: int
    waiting_ns: int


class DeltaOut(Schema):
    phase: str | None
    baseline_ns: int | None
    candidate_ns: int | None
    delta_ns: int
    ratio: float | None
    low: float | None
    high: float | None
    q: float | None
    verdict: str
    contribution_ns: int
    contribution_low: int | None = Field(description="ns; from 4 launches a side it bounds the contribution at 95 %")
    contribution_high: int | None
    least_effect: float | None
    bimodal: bool = Field(description="On one side at least it has two usual lengths")
    note: str


class SideOut(Schema):
    launches: list[str]
    runs: int = Field(
        description="Deploys, days or machines that the launches belong to: those of a run share its luck"
    )
    total_ns: int | None
    failed: int = Field(description="Launches that never got ready: their times count as longer than seen")


class RecordPage(Schema):
    items: list[dict[str, Any]]
    next: str | None


class ServiceOut(Schema):
    name: str
    environment: str
    last_launch: str | None
    last_version: str | None
    last_status: str | None
    last_start: int | None
    last_total_ns: int | None
    p50_ns: int | None
    p95_ns: int | None
    runs: int
    failed_share: float
    open_regressions: int


class ServicePage(Schema):
    items: list[ServiceOut]
    next: str | None


class PointOut(Schema):
    launch: str
    start_time: int
    version: str
    status: str
    duration_ns: int
    verdict: str | None
    start_class: str | None


class ChangePointOut(Schema):
    """Where the level changed; of a drift, where its stretch begins. ``confirmed`` ones were found looking back over
    the newest 2,000 launches, or opened a regression; others are suspected. ``p`` and the interval (``low``, ``high``)
    of the ratio are null where the method has none."""

    path: str | None
    time: int
    launch: str
    start_class: str | None
    from_ns: int
    to_ns: int
    delta_ns: int
    ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    kind: str
    direction: str
    confirmed: bool
    regression: int | None


class SeriesPage(Schema):
    items: list[PointOut]
    change_points: list[ChangePointOut]
    next: str | None
