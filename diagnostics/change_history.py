"""The history of a service's total or phase with its change points, looked for over all of it. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from diagnostics.analysis.change_points import DEFAULT
from diagnostics.analysis.change_points.history import History, LevelChange, Measured, look_over
from diagnostics.analysis.launch_runs import Circumstances
from diagnostics.analysis.thresholds import floors_of
from diagnostics.floors import floors
from diagnostics.models import BaselinePolicy, ChangePoint, Regression, Service
from diagnostics.querysets.services import Point, history
from diagnostics.records import LaunchStatus

MOST = 2000  # the newest launches are looked over


@dataclass(frozen=True, slots=True)
class Looked:
    """``points`` newest first; what is suspected was seen looking on. ``regressions`` are ids by the first launch of
    their change, a drift's by that of its stretch; ``others`` began where looking back shows no change (yet)."""

    points: Sequence[Point]
    history: History
    suspected: Sequence[ChangePoint]
    regressions: Mapping[str, int]
    others: Sequence[Regression]

    def drift_of(self, regression: int) -> LevelChange | None:
        """The slow growth in which it was opened, if that is what the history shows by now."""
        told = (one for one in self.history.changes if self.regressions.get(one.launch) == regression)
        return next((one for one in told if one.kind == "drift"), None)


def look(service: Service, path: str | None, count: int = MOST) -> Looked:
    """The newest ``count`` launches of a service, its total or one phase, and where the level changed."""
    points = history(service, path, count)
    policy = BaselinePolicy.objects.filter(service=service).first()
    least = floors_of(path, policy.rules if policy else [], floors())
    measured = [_measured(point) for point in points if point.status == LaunchStatus.SUCCESS]
    found = look_over(measured, least, settings.CHANGE_POINTS) if least else History([], [])
    suspected = ChangePoint.objects.suspected().filter(service=service)
    own = suspected.filter(series__path=path) if path is not None else suspected.filter(series=None)
    known = {one.launch for one in found.changes}
    # Looking on sees a step in every slow growth.
    grows = min((one.time for one in found.changes if one.kind == "drift"), default=None)
    own = own.filter(start_time__lt=grows) if grows is not None else own
    regressions, others = _joined(found, list(Regression.objects.of_series(service, path)), points)
    return Looked(points, found, [one for one in own if str(one.first_launch_id) not in known], regressions, others)


def _joined(
    found: History, regressions: Sequence[Regression], points: Sequence[Point]
) -> tuple[dict[str, int], list[Regression]]:
    """Which change each regression tells of: looking on may have placed it a few launches beside it."""
    place = {str(point.launch): at for at, point in enumerate(points)}
    steps = [one for one in found.changes if one.kind == "step" and one.after > one.before]
    told: dict[str, int] = {}
    others = []
    for regression in regressions:
        at = place.get(str(regression.first_launch_id), -MOST)
        away = {one.launch: abs(place[one.launch] - at) for one in steps}
        near = min(away, key=lambda launch: away[launch], default=None)
        drift = _grown(found, regression)
        if near is not None and away[near] <= DEFAULT.margin:
            told[near] = regression.pk
        elif drift is not None and drift not in told:
            told[drift] = regression.pk
        elif at >= 0:
            others.append(regression)
    return told, others


def _grown(found: History, regression: Regression) -> str | None:
    """The first launch of the drift that it began in: looking on sees a step in every slow growth."""
    first = regression.first_launch
    sort = (first.start_class, first.begins_with)
    before = [one for one in found.changes if one.sort == sort and one.time <= first.start_time]
    last = before[-1] if before else None
    return last.launch if last is not None and last.kind == "drift" and last.after > last.before else None


def _measured(point: Point) -> Measured:
    circumstances = Circumstances(point.start_time, "", point.version, point.labels)
    return Measured(str(point.launch), (point.start_class, point.begins_with), point.duration, circumstances)
