"""A change for the worse that the system recorded."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from diagnostics.models.catalogue import Series, Service
from diagnostics.models.launch import Launch
from diagnostics.querysets.regressions import RegressionQuerySet


class Regression(models.Model):
    """One phase, or the total (no series), of a service that stays slower than its baseline."""

    class State(models.TextChoices):
        OPEN = "open"
        ACKNOWLEDGED = "acknowledged"
        RESOLVED = "resolved"
        DISMISSED = "dismissed"

    LIVE = (State.OPEN, State.ACKNOWLEDGED)

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="regressions")
    series = models.ForeignKey(Series, null=True, on_delete=models.CASCADE, related_name="regressions")
    state = models.TextField(choices=State.choices, db_default=State.OPEN)
    baseline_ns = models.BigIntegerField()
    candidate_ns = models.BigIntegerField()
    low = models.FloatField()  # interval of the ratio
    high = models.FloatField()
    first_launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="+")
    first_version = models.TextField(blank=True, db_default="")
    rule = models.TextField()  # the rule that opened it, with its numbers, as a sentence
    opened_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = RegressionQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two workers that judge at once must not open the same regression twice.
            models.UniqueConstraint(
                fields=["service", "series"],
                condition=models.Q(state__in=["open", "acknowledged"]),
                name="regression_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["state", "-opened_at"], name="regression_state")]  # /regressions/

    def __str__(self) -> str:
        return f"{self.service} {self.phase or 'total'}"

    @property
    def phase(self) -> str | None:
        return self.series.path if self.series else None

    @property
    def delta_ns(self) -> int:
        return self.candidate_ns - self.baseline_ns

    @property
    def ratio(self) -> float:
        return self.candidate_ns / self.baseline_ns if self.baseline_ns else float("inf")
