"""What Prometheus is told: counts that only grow, whatever happens to the launches behind them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from diagnostics.models.catalogue import Service
from diagnostics.models.launch import Launch


class Histogram(models.Model):
    """Durations of a service's launches (no phase), or of an outermost phase, in the buckets of ``metrics``."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.TextField(blank=True)
    start_class = models.TextField(blank=True)
    status = models.TextField()
    phase = models.TextField(blank=True)
    counts = ArrayField(models.BigIntegerField())  # one more than there are bounds: the last holds what is longer
    sum_ns = models.DecimalField(max_digits=40, decimal_places=0)
    last_ns = models.BigIntegerField()  # duration of the newest
    last_at = models.BigIntegerField()  # its launch's start

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "version", "start_class", "status", "phase"], name="histogram_once"
            ),
        ]

    def __str__(self) -> str:
        return self.phase or "launch"


class LaunchMeasured(models.Model):
    """That a launch is counted in the histograms: a launch judged again must not be counted again."""

    launch = models.OneToOneField(Launch, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.launch_id)
