"""What launches belong to: services, hosts, and the series that one phase path forms over time."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from diagnostics.querysets.services import ServiceQuerySet


class Service(models.Model):
    """What is launched: a name in an environment."""

    name = models.TextField()
    environment = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())

    objects = ServiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "environment"], name="service_name_environment"),
            models.CheckConstraint(condition=~models.Q(name=""), name="service_has_name"),
        ]
        ordering = ["name", "environment"]

    def __str__(self) -> str:
        return f"{self.name} · {self.environment}" if self.environment else self.name


class Host(models.Model):
    """The machine, container or pod a launch ran on; which boot of it is a fact of the launch."""

    name = models.TextField(unique=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Series(models.Model):
    """One phase path of one service over all its launches: a trend is one index range over its phases."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="series", db_index=False)
    path = models.TextField()
    name = models.TextField()  # the last segment as its sender wrote it, neither escaped nor numbered

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "path"], name="series_service_path")]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.path
