"""Questions asked of launches: filters, pages, baselines, and the samples statistics work on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, models
from django.db.models import Count, Exists, ExpressionWrapper, F, Max, OuterRef, Q
from django.db.models.functions import Now

from diagnostics.querysets.artifacts import MARGIN, NODE
from diagnostics.records import NS_PER_SECOND, LaunchStatus, Sample, Verdict

if TYPE_CHECKING:
    from diagnostics.models.artifact import Artifact
    from diagnostics.models.launch import Launch
    from diagnostics.models.policy import BaselinePolicy

END_TIME = ExpressionWrapper(F("start_time") + F("total_ns"), output_field=models.BigIntegerField())
LONGEST = 7 * 86_400 * NS_PER_SECOND  # how long a launch may take and still be looked for
# The start classes that find more there already than the key does.
WARMER = {"cold": ("warm", "hot"), "warm": ("hot",)}
SUSPECTS = 4  # one less than the newest launches among which a regression opens
# Phase rows of many launches as one row of arrays a launch: twenty times fewer Python objects to build. Their paths,
# which launches share, come once, by another query: repeated for each phase they would outweigh all the rest.
SAMPLES = """
SELECT launch_id, array_agg(series_id), array_agg(duration_ns), array_agg(critical_ns)
FROM diagnostics_phase WHERE launch_id = ANY(%s) GROUP BY launch_id
"""
# Of launches that failed: the phases that did, with all that they are inside of.
CUT_SHORT = """
SELECT p.launch_id, array_agg(DISTINCT s.path) FROM diagnostics_phase p JOIN diagnostics_series s ON s.id = p.series_id
WHERE p.launch_id = ANY(%s) AND p.failed GROUP BY p.launch_id
"""
PATHS = "SELECT id, path FROM diagnostics_series WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class LaunchFilter:
    """What a list of launches is narrowed to; the fields are the query parameters of GET /api/v1/launches."""

    service: str | None = None
    environment: str | None = None
    version: str | None = None
    host: str | None = None
    status: str | None = None
    start_class: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    since: int | None = None  # start_time, ns
    until: int | None = None
    slower_than: int | None = None  # total, ns

    def as_q(self) -> Q:
        exact = {
            "service__name": self.service,
            "service__environment": self.environment,
            "version": self.version,
            "host__name": self.host,
            "status": self.status,
            "start_class": self.start_class,
            "labels__contains": dict(self.labels) or None,
            "start_time__gte": self.since,
            "start_time__lt": self.until,
            "total_ns__gt": self.slower_than,
        }
        return Q(**{key: value for key, value in exact.items() if value is not None})


class LaunchQuerySet(models.QuerySet["Launch"]):
    def matching(self, narrowed: LaunchFilter) -> Self:
        return self.filter(narrowed.as_q())

    def newest_first(self) -> Self:
        """Newest first, with what a row shows; a row does not show the gaps, of which there may be many."""
        return self.select_related("service", "host").defer("gaps").order_by("-start_time", "-id")

    def with_artifact_ids(self) -> Self:
        """Each with ``artifact_ids``, oldest first."""
        artifacts = self.model._meta.get_field("artifacts").related_model._default_manager
        own = artifacts.filter(launch_id=OuterRef("pk")).order_by("received_at").values("pk")
        return self.annotate(artifact_ids=ArraySubquery(own))

    def after_cursor(self, start_time: int, launch_id: UUID) -> Self:
        """The rest of ``newest_first`` behind this place; an index range, however deep the page."""
        return self.filter(Q(start_time__lt=start_time) | Q(start_time=start_time, id__lt=launch_id)).filter(
            start_time__lte=start_time  # implied by the line above; it is what lets the planner use the index
        )

    def with_rejection(self) -> Self:
        """Each with ``rejected``: whether its snapshot was refused and no better one has come."""
        same = self.model._default_manager.filter(pk=OuterRef("pk"), state="received")
        refused, waiting = same.filter(artifacts__state="rejected"), same.filter(artifacts__state="received")
        return self.annotate(rejected=Exists(refused) & ~Exists(waiting))

    def slowest_first(self) -> Self:
        """By total, longest first, with what a row shows; launches without a total are left out."""
        return self.filter(total_ns__isnull=False).select_related("service", "host").order_by("-total_ns", "-id")

    def fastest_first(self) -> Self:
        return self.filter(total_ns__isnull=False).select_related("service", "host").order_by("total_ns", "id")

    def after_total(self, total_ns: int, launch_id: UUID, *, longer: bool) -> Self:
        """The rest of ``slowest_first`` (or, with ``longer``, of ``fastest_first``) behind this place."""
        beyond, same = ("gt", "id__gt") if longer else ("lt", "id__lt")
        return self.filter(Q(**{f"total_ns__{beyond}": total_ns}) | Q(total_ns=total_ns, **{same: launch_id}))

    def versions(self, service_id: int, among: int = 2000) -> list[tuple[str, int]]:
        """Versions of a service's newest launches with how many there are of each, newest version first."""
        newest = self.filter(service_id=service_id).exclude(state="received").order_by("-start_time", "-id")
        recent = self.model._default_manager.filter(pk__in=newest.values("pk")[:among])
        counted = recent.order_by().values("version").annotate(runs=Count("pk"), last=Max("start_time"))
        return [(row["version"], row["runs"]) for row in counted.order_by("-last")]

    def newest_of(self, service_id: int, count: int) -> Self:
        """The newest ``count`` launches of a service that have a total, newest first."""
        return self.filter(service_id=service_id, total_ns__isnull=False).order_by("-start_time", "-id")[:count]

    def knows_start_class(self) -> bool:
        return any(self.values_list("start_class", flat=True))

    def comparable_to(self, launch: Launch) -> Self:
        """Launches of the same service that start from the same state and at the same place: totals of one thing."""
        return self.filter(service_id=launch.service_id, start_class=launch.start_class, begins_with=launch.begins_with)

    def baseline_of(self, launch: Launch, count: int) -> Self:
        """The newest ``count`` successful launches like this one before it: of its service, start class and beginning.

        Of the last ``SUSPECTS`` those judged slower are left out: a step would else enter its own baseline before it
        has been seen often enough to be called a regression. Older ones stay: by then slower is the new normal.

        The service's ``BaselinePolicy``, if it has one, may say which launches and how many instead.
        """
        before, policy = self.earlier_than(launch), getattr(launch.service, "policy", None)
        if policy is not None:
            count = policy.launches or count
            if policy.choose != "last_good":
                return before[:count]  # somebody chose these, the slow ones too
        newest = self.model._default_manager.filter(pk__in=before.values("pk")[:SUSPECTS])
        return before.exclude(pk__in=newest.filter(verdict=Verdict.REGRESSED).values("pk"))[:count]

    def earlier_than(self, launch: Launch) -> Self:
        """All successful launches like this one before it that the service's policy admits, newest first."""
        before = self.comparable_to(launch).filter(status=LaunchStatus.SUCCESS, start_time__lt=launch.start_time)
        before = before.exclude(state="received").order_by("-start_time", "-id")
        policy = getattr(launch.service, "policy", None)
        return before if policy is None else before.filter(_chosen_by(policy, launch))

    def warmer_than(self, launch: Launch, count: int) -> Self:
        """The newest ``count`` successful launches of the service before this one that started warmer than it."""
        warmer = WARMER.get(launch.start_class)
        if not warmer:
            return self.none()
        before = self.filter(service_id=launch.service_id, start_class__in=warmer, begins_with=launch.begins_with)
        before = before.filter(status=LaunchStatus.SUCCESS, start_time__lt=launch.start_time)
        return before.order_by("-start_time", "-id")[:count]

    def newest_like(self, launch: Launch, count: int) -> Self:
        """The newest judged launches of the same service, start class and beginning, newest first."""
        return self.comparable_to(launch).filter(state="judged").order_by("-start_time", "-id")[:count]

    def joined_by(self, artifact: Artifact) -> Self:
        """Launches that a file of their host tells of, newest first; the counterpart of ``evidence_of``."""
        if artifact.host_id is None or artifact.launch_id is not None:
            return self.none()
        assert artifact.host
        of_host = self.filter(Q(host_id=artifact.host_id) | Q(labels__contains={NODE: artifact.host.name}))
        if artifact.boot_id:
            of_host = of_host.filter(boot_id__in=["", artifact.boot_id])
        if service := artifact.given.get("service"):
            of_host = of_host.filter(service__name=service)
        known = of_host.filter(total_ns__isnull=False).alias(end_time=END_TIME)
        return known.filter(_overlapping(artifact)).order_by("-start_time", "-id")

    def left_unjudged(self, older_than: timedelta) -> models.QuerySet[Launch, UUID]:
        """Ids of launches that were parsed but never judged; those that spans still come for are judged after that."""
        waiting = self.filter(state="parsed", received_at__lt=Now() - older_than)
        traces = apps.get_model("diagnostics", "OtlpTrace")._default_manager
        waiting = waiting.exclude(Exists(traces.filter(pk=OuterRef("pk"), settled=False)))
        return waiting.order_by("received_at").values_list("id", flat=True)


def _chosen_by(policy: BaselinePolicy, launch: Launch) -> Q:
    """The launches that a service's policy admits to the baseline of this launch."""
    chosen = Q()
    if policy.choose == "pinned":
        chosen &= Q(version=policy.version)
    if policy.choose == "tagged":
        name, value = policy.tag
        chosen &= Q(labels__contains={name: value})
    if key := policy.host_class:
        known = launch.labels.get(key)
        chosen &= Q(labels__contains={key: known}) if known is not None else ~Q(labels__has_key=key)
    if policy.begins_at is not None:
        chosen &= Q(start_time__gte=policy.begins_at)
    return chosen


def _overlapping(artifact: Artifact) -> Q:
    """Launches during which a file's records were made, or shortly before or after."""
    first, last = artifact.first_ns, artifact.last_ns
    if first is None or last is None:
        first = last = int(artifact.received_at.timestamp() * NS_PER_SECOND)
    if artifact.facts.get("clock") != "boot":
        near = Q(start_time__lte=last + MARGIN, start_time__gte=first - MARGIN - LONGEST)
        return near & Q(end_time__gte=first - MARGIN)
    # Seconds since boot, which only the launch can place.
    boot = F("boot_time")
    return Q(boot_time__isnull=False, start_time__lte=boot + (last + MARGIN), end_time__gte=boot + (first - MARGIN))


def samples(launches: Sequence[Launch]) -> list[Sample]:
    """Launches as statistics see them, in order, without those that have no total yet. Two queries in all."""
    phases = _phase_times([launch.pk for launch in launches])
    return [
        Sample(str(launch.pk), launch.total_ns, launch.waiting_ns or 0, *phases.get(launch.pk, ({}, {})))
        for launch in launches
        if launch.total_ns is not None
    ]


def cut_short(launches: Sequence[Launch]) -> dict[str, set[str]]:
    """Of each launch the paths of phases that did not end well, so that their durations say nothing, and of those
    around them."""
    if not launches:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(CUT_SHORT, [[launch.pk for launch in launches]])
        return {str(launch): {around for path in paths for around in _around(path)} for launch, paths in cursor}


def _around(path: str) -> Iterator[str]:
    names = path.split("/")
    return ("/".join(names[:depth]) for depth in range(1, len(names) + 1))


def _phase_times(ids: Sequence[UUID]) -> dict[UUID, tuple[dict[str, int], dict[str, int]]]:
    """Per launch: durations and time on the critical path, both by phase path."""
    with connection.cursor() as cursor:
        cursor.execute(SAMPLES, [list(ids)])
        rows = cursor.fetchall()
        cursor.execute(PATHS, [list({series for row in rows for series in row[1]})])
        path_of = dict(cursor.fetchall()).__getitem__
    times = {}
    for launch_id, series, durations, critical in rows:
        paths = list(map(path_of, series))
        times[launch_id] = dict(zip(paths, durations, strict=True)), dict(zip(paths, critical, strict=True))
    return times
