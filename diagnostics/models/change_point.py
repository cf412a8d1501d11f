"""Changes of level in the history of totals and phases, and what is remembered so that the next launch shows one."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from diagnostics.models.catalogue import Series, Service
from diagnostics.models.launch import Launch
from diagnostics.querysets.change_points import ChangePointQuerySet


class WatchState(models.Model):
    """What is remembered of the launches of one sort of a service: see ``analysis.change_points.watched``.

    ``like`` names the sort: start class, where the launches begin, and the host class where the policy asks for one.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="watched", db_index=False)
    like = models.TextField()
    begins_at = models.BigIntegerField(db_default=0)  # launches of before the new normal (ns) are forgotten
    facts = models.JSONField(null=True)  # none: nothing is remembered yet
    raw = models.BinaryField(default=b"")
    settled = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "like"], name="watched_once")]

    def __str__(self) -> str:
        return f"{self.service_id} {self.like}"


class ChangePoint(models.Model):
    """The first launch of a new level of a series (none: the total). Times are ns.

    ``confirmed`` ones stay; a suspicion is shown, never told, and replaced by the next look. Only what is ``worth`` it,
    being beyond the floors of its phase, is shown at all.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="change_points", db_index=False)
    series = models.ForeignKey(Series, null=True, on_delete=models.CASCADE, related_name="change_points")
    like = models.TextField()
    first_launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="change_points")
    start_time = models.BigIntegerField()  # of the first launch
    before_ns = models.BigIntegerField()
    after_ns = models.BigIntegerField()
    low = models.FloatField()  # interval of the ratio
    high = models.FloatField()
    p = models.FloatField()
    change = models.FloatField()  # of the logarithm, what the launches had in common taken out
    confirmed = models.BooleanField()
    worth = models.BooleanField()
    seen_at = models.DateTimeField(db_default=Now())

    objects = ChangePointQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two workers, or one launch judged twice, must not record one change twice.
            models.UniqueConstraint(
                fields=["service", "series", "like", "first_launch"], name="change_point_once", nulls_distinct=False
            ),
        ]
        indexes = [
            # What is suspected now: /regressions/ and the service page.
            models.Index(fields=["service", "like"], condition=models.Q(confirmed=False), name="change_suspected"),
        ]

    def __str__(self) -> str:
        return f"{self.phase or 'total'} {self.ratio:.2f}×"

    @property
    def phase(self) -> str | None:
        return self.series.path if self.series else None

    @property
    def ratio(self) -> float:
        return self.after_ns / max(self.before_ns, 1)

    @property
    def delta_ns(self) -> int:
        return self.after_ns - self.before_ns
