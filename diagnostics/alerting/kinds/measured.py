"""What a rule measures of launches: the total, or the phases its glob fits."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from diagnostics.alerting.kinds.spans import moment
from diagnostics.alerting.subject import Observation, Subject
from diagnostics.analysis.thresholds import TOTAL, Threshold
from diagnostics.models import AlertRule, Launch, PhaseRecord, Series

MOST = 50  # phases of one launch that a rule looks at: the longest of those its glob fits


@dataclass(frozen=True, slots=True)
class Measured:
    """The total (no series) or one phase of a launch, and how long it took, ns."""

    series: int | None
    path: str
    duration: int

    @property
    def key(self) -> str:
        return f"phase:{self.path}" if self.path else "launch-total"


def measured(rule: AlertRule, launch: Launch) -> list[Measured]:
    """The longest first. A launch that failed early is short for no good reason; who asks must know."""
    if not rule.phase or rule.phase == TOTAL:
        return [Measured(None, "", launch.total_ns or 0)]
    paths = fitting(rule, launch.service_id)
    rows = PhaseRecord.objects.filter(launch=launch, series__in=list(paths)).order_by("-duration_ns")[:MOST]
    return [Measured(series, paths[series], took) for series, took in rows.values_list("series_id", "duration_ns")]


def fitting(rule: AlertRule, service_id: int) -> dict[int, str]:
    """The service's phases that the rule's glob fits, by series."""
    glob = Threshold(rule.phase)
    known = Series.objects.filter(service=service_id).values_list("pk", "path")
    return {series: path for series, path in known if glob.fits(path)}


def history(launches: Sequence[Launch], wanted: Sequence[Measured]) -> dict[int | None, list[int]]:
    """How long each of these took in other launches, ns; a launch without the phase says nothing of it."""
    took: dict[int | None, list[int]] = defaultdict(list)
    took[None] = [launch.total_ns for launch in launches if launch.total_ns is not None]
    if series := [one.series for one in wanted if one.series is not None]:
        rows = PhaseRecord.objects.filter(launch__in=[launch.pk for launch in launches], series__in=series)
        for one, duration in rows.values_list("series_id", "duration_ns"):
            took[one].append(duration)
    return took


def percentile(values: Sequence[int], share: float) -> int:
    """The least of the values that so large a share of them does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def gone(rule: AlertRule, launch: Launch, seen: Sequence[Measured], suffix: str = "") -> list[Observation]:
    """Phases that an alert of this rule is about and that the launch does not have any more: they took no time."""
    if rule._state.adding:
        return []  # only drafted: it has no alerts
    keys = {one.key + suffix for one in seen}
    live = rule.alerts.live().filter(service=launch.service_id, subject_key__startswith="phase:")
    return [
        seen_in(launch, Subject(launch.service, alert.subject_key, alert.subject_name), False)
        for alert in live
        if alert.subject_key not in keys and alert.subject_key.endswith(suffix)
    ]


def seen_in(launch: Launch, subject: Subject, holds: bool, **told: object) -> Observation:
    """A look at a launch, which is its own proof."""
    return Observation(
        subject,
        moment(launch.ready_time),
        holds,
        str(launch.pk),
        url=f"/launches/{launch.pk}/",
        launch=UUID(str(launch.pk)),
        **told,  # type: ignore[arg-type]
    )
