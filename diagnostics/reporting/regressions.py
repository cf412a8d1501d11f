"""The regressions of a report: how each stood when the period began and when it ended, with the proof behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from diagnostics.charts.duration import DAY
from diagnostics.models import Finding, Marker, Regression, RegressionChange
from diagnostics.querysets.reports import Scope
from diagnostics.reporting.content import Detail, Regressed
from diagnostics.reporting.proof import Proofs

LIVE = ("open", "acknowledged")
LISTED = {"new": 30, "continuing": 30, "resolved": 30}
DETAILED = {"new": 6, "continuing": 2, "resolved": 0}


@dataclass(frozen=True, slots=True)
class Told:
    """The regressions of one part of the report, those that cost most first, and how many there are in all."""

    rows: Sequence[Regressed]
    count: int


def regressions(scope: Scope) -> dict[str, Told]:
    """By part: "new" (reopened ones included), "continuing", "resolved" (dismissed ones included)."""
    change_of: dict[int, str] = {}
    parts: dict[str, list[int]] = defaultdict(list)
    for pk, after, before in _states(scope):
        if change := _change(after, before):
            change_of[pk] = change
            parts[_part(change)].append(pk)
    proofs = Proofs(scope)
    return {
        part: Told(_told(parts[part][:most], change_of, proofs, DETAILED[part]), len(parts[part]))
        for part, most in LISTED.items()
    }


def _change(after: str, before: str | None) -> str | None:
    """What happened in between; nothing for what was over before the period began."""
    if after in LIVE:
        return "new" if before is None else "continuing" if before in LIVE else "reopened"
    return after if before is None or before in LIVE else None


def _part(change: str) -> str:
    return {"reopened": "new", "dismissed": "resolved"}.get(change, change)


def _states(scope: Scope) -> QuerySet[Regression, Any]:
    """Ids, each with its state at the end of the period, and before it (``None``: it was not there yet)."""
    own = RegressionChange.objects.filter(regression=OuterRef("pk")).order_by("-pk").values("to_state")
    rows = Regression.objects.filter(service__in=scope.services, opened_at__lt=scope.until)
    if scope.labels:
        rows = rows.filter(first_launch__labels__contains=dict(scope.labels))
    touched = Q(state__in=LIVE) | Q(updated_at__gte=scope.since)
    # Regressions of before there was a history have no line of their opening.
    end, begin = (
        Coalesce(Subquery(own.filter(at__lt=at)[:1]), Value("open"), output_field=TextField())
        for at in (scope.until, scope.since)
    )
    known = Case(When(opened_at__lt=scope.since, then=begin), default=None, output_field=TextField())
    states = rows.filter(touched).annotate(at_end=end, at_begin=known)
    largest = states.order_by((F("candidate_ns") - F("baseline_ns")).desc(), "pk")
    return largest.values_list("pk", "at_end", "at_begin")


def _told(ids: Sequence[int], change_of: dict[int, str], proofs: Proofs, detailed: int) -> list[Regressed]:
    rows = Regression.objects.listed().in_bulk(ids)
    ordered = _phases_first([rows[pk] for pk in ids if pk in rows])
    layers = _layers(one.first_launch_id for one in ordered)
    details = [proofs.of(one) if place < detailed else None for place, one in enumerate(ordered)]
    # Regressions that began with the same launch have one proof, which is shown once.
    details = [None if detail in details[:place] else detail for place, detail in enumerate(details)]
    return [
        _regressed(one, change_of[one.pk], layers.get(one.first_launch_id, ""), detail)
        for one, detail in zip(ordered, details, strict=True)
    ]


def _phases_first(rows: Sequence[Regression]) -> list[Regression]:
    """Of what began together, the total comes last: a phase says more."""
    rank: dict[tuple[int, Any], int] = {}
    for place, one in enumerate(rows):
        rank.setdefault((one.service_id, one.first_launch_id), place)
    return sorted(rows, key=lambda one: (rank[one.service_id, one.first_launch_id], one.series_id is None))


def _layers(launches: Iterable[Any]) -> dict[Any, str]:
    """By launch: the layer of its largest finding."""
    return dict(Finding.objects.filter(launch__in=list(launches), position=0).values_list("launch_id", "layer"))


def _regressed(one: Regression, change: str, layer: str, detail: Detail | None) -> Regressed:
    return Regressed(
        id=one.pk,
        service=one.service.name,
        environment=one.service.environment,
        phase=one.phase,
        change=change,
        baseline_ns=one.baseline_ns,
        candidate_ns=one.candidate_ns,
        low=one.low,
        high=one.high,
        first_launch=str(one.first_launch_id),
        first_version=one.first_version,
        first_time=one.first_launch.start_time,
        opened_at=one.opened_at.isoformat(timespec="seconds"),
        layer=detail.finding.layer if detail and detail.finding else layer,
        marker=_deploy_before(one) if change in ("new", "reopened") else "",
        detail=detail,
    )


def _deploy_before(one: Regression) -> str:
    """The deploy that came last in the day before the first slower launch, in the words it was reported with."""
    began = one.first_launch.start_time
    near = Marker.objects.filter(service=one.service_id, kind=Marker.Kind.DEPLOY, at__lte=began, at__gte=began - DAY)
    deploy = near.order_by("-at").first()
    return "" if deploy is None else " ".join(filter(None, (deploy.version, deploy.commit[:12], deploy.text[:100])))
