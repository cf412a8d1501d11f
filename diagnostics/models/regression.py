"""A change for the worse that the system recorded, and what was decided about it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from diagnostics.analysis.families import family_of
from diagnostics.models.catalogue import Series, Service
from diagnostics.models.launch import Launch
from diagnostics.querysets.regressions import RegressionQuerySet


class Regression(models.Model):
    """One phase, or the total (no series), of a service that stays slower than its baseline. Times are ns."""

    class State(models.TextChoices):
        OPEN = "open"
        ACKNOWLEDGED = "acknowledged"
        RESOLVED = "resolved"
        DISMISSED = "dismissed"

    LIVE = (State.OPEN, State.ACKNOWLEDGED)

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="regressions")
    series = models.ForeignKey(Series, null=True, on_delete=models.CASCADE, related_name="regressions")
    family = models.TextField(blank=True, db_default="")  # "" is the total's; see analysis.families
    state = models.TextField(choices=State.choices, db_default=State.OPEN)
    baseline_ns = models.BigIntegerField()
    candidate_ns = models.BigIntegerField()
    low = models.FloatField()  # interval of the ratio
    high = models.FloatField()
    limit_ns = models.BigIntegerField(null=True)  # up to here a launch is back at the baseline
    first_launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="+")
    first_version = models.TextField(blank=True, db_default="")
    rule = models.TextField()  # the rule that opened it, with its numbers, as a sentence
    numbers = models.JSONField(default=list)  # the same numbers as (name, value, unit), the most telling first
    # Launches that start after this (ns) may resolve it, or after its end open it again: others are known already.
    counts_from = models.BigIntegerField(db_default=0)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(blank=True, db_default="")  # why it was dismissed
    note = models.TextField(blank=True, db_default="")
    ticket = models.TextField(blank=True, db_default="")  # http(s) address
    opened_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = RegressionQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two workers that judge at once must not open the same regression twice,
            models.UniqueConstraint(
                fields=["service", "family"],
                condition=models.Q(state__in=["open", "acknowledged"]),
                name="regression_once",
            ),
            # nor may one change be recorded again after it was decided about.
            models.UniqueConstraint(fields=["service", "family", "first_launch"], name="regression_once_a_change"),
        ]
        indexes = [models.Index(fields=["state", "-opened_at"], name="regression_state")]  # /regressions/

    def __str__(self) -> str:
        return f"{self.service} {self.phase or 'total'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.family = family_of(self.phase)
        super().save(*args, **kwargs)

    @property
    def phase(self) -> str | None:
        return self.series.path if self.series else None

    @property
    def delta_ns(self) -> int:
        return self.candidate_ns - self.baseline_ns

    @property
    def ratio(self) -> float:
        return self.candidate_ns / self.baseline_ns if self.baseline_ns else float("inf")

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def limit(self) -> int:
        """What a launch may take and be back at the baseline; half of the way where no rule told."""
        return self.limit_ns if self.limit_ns is not None else self.baseline_ns + self.delta_ns // 2


class RegressionChange(models.Model):
    """Who did what to a regression, and when; rows are only ever added."""

    regression = models.ForeignKey(Regression, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(db_default=Now())
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.TextField()  # the user's name then, a token's, or "launchscope"
    from_state = models.TextField(blank=True)  # "" at the opening
    to_state = models.TextField()
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.actor}: {self.from_state} → {self.to_state}"
