"""Questions asked of artifacts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import connection, models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now

from diagnostics.records import NS_PER_SECOND, Interval

if TYPE_CHECKING:
    from diagnostics.models.artifact import Artifact
    from diagnostics.models.launch import Launch

# What was read of a host shortly before or after a launch (its disks, an answer to a ping) still tells of it.
MARGIN = 600 * NS_PER_SECOND

NODE = "node"  # the label of a launch that names the machine under its pod
# Asked of every launch that is judged, most of which have nothing but their snapshot: a tenth of the time of the above.
ANY_EVIDENCE = """
SELECT EXISTS (SELECT FROM diagnostics_artifact a
               WHERE a.launch_id = %(launch)s AND a.state = 'parsed'
                 AND (a.kind NOT IN ('snapshot', 'otlp') OR (a.counts->>'events')::int8 > 0))
    OR EXISTS (SELECT FROM diagnostics_artifact a
               WHERE a.launch_id IS NULL AND a.state = 'parsed'
                 AND a.host_id IN (%(host)s, (SELECT id FROM diagnostics_host WHERE name = %(node)s)))
"""


def has_evidence(launch: Launch) -> bool:
    """Whether ``evidence_of`` may find more than the snapshot itself."""
    about = {"launch": launch.pk, "host": launch.host_id, "node": launch.labels.get(NODE)}
    with connection.cursor() as cursor:
        cursor.execute(ANY_EVIDENCE, about)
        return bool(cursor.fetchone()[0])


class ArtifactQuerySet(models.QuerySet["Artifact"]):
    def left_behind(self, older_than: timedelta) -> models.QuerySet[Artifact, UUID]:
        """Ids of artifacts that were accepted and never parsed, oldest first: what a lost queue forgot."""
        waiting = self.filter(state="received", received_at__lt=Now() - older_than)
        return waiting.order_by("received_at").values_list("id", flat=True)

    def evidence_of(self, launch: Launch) -> Self:
        """What was read of files that tell of this launch, each with ``joined_by``, oldest first.

        ``launch``: its sender named the launch. ``host``: it belongs to no launch, comes from the launch's host (or
        from the node of its pod) and the same boot where both say which, and its times overlap the launch's, ten
        minutes to either side. A file sent for a service stays with it.
        """
        found = self.filter(Q(launch_id=launch.pk) | self._of_hosts(launch), state="parsed")
        by = Case(When(launch_id=launch.pk, then=Value("launch")), default=Value("host"))
        return found.annotate(joined_by=by).select_related("host").order_by("first_ns", "received_at", "pk")

    def _of_hosts(self, launch: Launch) -> Q:
        node = launch.labels.get(NODE)
        if launch.total_ns is None or not (launch.host_id or node):
            return Q(pk__in=[])
        of_host = Q(host__name=node) if node else Q()
        if launch.host_id:
            of_host |= Q(host_id=launch.host_id)
        known = of_host & Q(launch__isnull=True) & for_service(launch.service.name)
        if launch.boot_id:
            known &= Q(boot_id__in=["", launch.boot_id])
        return known & _overlapping(launch)

    def for_followers(self, services: tuple[str, ...]) -> Self:
        """What a token bound to ``services`` may see; a host's own files belong to none, so anybody may."""
        if not services:
            return self.all()
        return self.filter(Q(launch__service__name__in=services) | (Q(launch=None) & for_service(*services)))


def for_service(*names: str) -> Q:
    """Files sent for one of these services, or for none."""
    return Q(given__service__isnull=True) | Q(given__service__in=names)


def _overlapping(launch: Launch) -> Q:
    window = Interval(launch.start_time - MARGIN, launch.ready_time + MARGIN)
    dated = Q(first_ns__lte=window.end, last_ns__gte=window.start)
    # A file without times tells of the moment it was read, shortly before it came.
    received = [datetime.fromtimestamp(t / NS_PER_SECOND, UTC) for t in (window.start, window.end)]
    overlapping = dated | Q(first_ns=None, received_at__range=received)
    if launch.boot_time is not None:
        since_boot = Interval(window.start - launch.boot_time, window.end - launch.boot_time)
        overlapping |= Q(facts__clock="boot", first_ns__lte=since_boot.end, last_ns__gte=since_boot.start)
    return overlapping
