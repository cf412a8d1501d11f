"""What host and logs said during a launch, as a figure on the waterfall's time axis. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from diagnostics.charts.evidence_markers import Mark
from diagnostics.charts.load_rows import ROWS, HostReadings
from diagnostics.clocks import shifts
from diagnostics.models import Artifact, Launch
from diagnostics.querysets.event_marks import counted_events
from diagnostics.querysets.records import samples_within
from diagnostics.records import Interval, Kind, SampleSeries

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# From the cluster inward; the launch's own words last.
LANES = {
    Kind.K8S_EVENTS: "Kubernetes",
    Kind.K8S_POD: "Kubernetes",
    Kind.KERNEL_LOG: "Kernel",
    Kind.CONTAINER_LOG: "Container",
    Kind.SNAPSHOT: "Launch",
}
OTHER_LANE = "Other"
_ORDER = [*dict.fromkeys(LANES.values()), OTHER_LANE]
METRICS = [metric for row in ROWS for one in (*row.measures, *row.aside) for metric in one.metrics]


def evidence(launch: Launch, window: Interval, width: int, *, corrected: bool = False) -> Figure:
    """The figure of ``window``: give it the stretch that the waterfall shows, and both have one axis.

    ``corrected``: whether times that contradict the launch's own clock are moved. Four queries.
    """
    from diagnostics.charts.host_load import host_load  # plotly takes its time to import

    artifacts = {artifact.pk: artifact for artifact in Artifact.objects.evidence_of(launch)}
    moved = shifts(launch, list(artifacts.values()), corrected=corrected)
    return host_load(
        _readings(artifacts, moved, window),
        _marks(artifacts, moved, window, width),
        origin=launch.start_time,
        window=window,
        launch=Interval(launch.start_time, max(launch.ready_time, launch.start_time + 1)),
        milestones_at=launch.milestones,
        width=width,
    )


def _readings(artifacts: dict[UUID, Artifact], moved: dict[UUID, int], window: Interval) -> list[HostReadings]:
    by_artifact: dict[UUID, list[SampleSeries]] = {}
    for artifact_id, series in samples_within(moved, window, METRICS):
        by_artifact.setdefault(artifact_id, []).append(series)
    return [
        HostReadings(artifacts[artifact_id].kind, series, artifacts[artifact_id].facts.get("interval_ns") or 0)
        for artifact_id, series in by_artifact.items()
    ]


def _marks(artifacts: dict[UUID, Artifact], moved: dict[UUID, int], window: Interval, width: int) -> Sequence[Mark]:
    # Finer than markers can be told apart, so that grouping them by pixels has something to choose from.
    found = counted_events(moved, window, max(50, width // 6))
    marks = [
        Mark(
            time=one.time,
            lane=lane_of(artifacts[one.artifact].kind),
            category=one.category,
            text=one.text,
            artifact=str(one.artifact),
            line=one.line if has_lines(artifacts[one.artifact]) else None,
            precision=one.precision,
            count=one.count,
            last=one.last,
        )
        for one in found
    ]
    return sorted(marks, key=lambda mark: (_ORDER.index(mark.lane), mark.time))


def has_lines(artifact: Artifact) -> bool:
    """Whether the lines that its events name are those of the file; a snapshot's are places in its list of events."""
    return artifact.kind != Kind.SNAPSHOT


def lane_of(kind: str) -> str:
    """In which lane the events of an artifact are drawn, and what they are called in lists."""
    return LANES.get(Kind(kind), OTHER_LANE)
