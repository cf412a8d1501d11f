"""Instants that others tell of: a deploy, an alert of another system."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from diagnostics.models.catalogue import Service
from diagnostics.querysets.markers import MarkerQuerySet


class Marker(models.Model):
    """Something that happened to a service at ``at`` (ns since the epoch); an alert may last until ``until``."""

    class Kind(models.TextChoices):
        DEPLOY = "deploy"
        ALERT = "alert"
        NOTE = "note"

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="markers", db_index=False)
    kind = models.TextField(choices=Kind.choices, db_default=Kind.DEPLOY, default=Kind.DEPLOY)
    key = models.TextField()  # the sender's id for it, else made of what it says: sent again it is the same marker
    at = models.BigIntegerField()
    until = models.BigIntegerField(null=True)
    version = models.TextField(blank=True, db_default="", default="")
    commit = models.TextField(blank=True, db_default="", default="")
    url = models.TextField(blank=True, db_default="", default="")
    text = models.TextField(blank=True, db_default="", default="")
    severity = models.TextField(blank=True, db_default="", default="")
    sent_by = models.TextField(blank=True, db_default="", default="")
    received_at = models.DateTimeField(db_default=Now())

    objects = MarkerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "kind", "key"], name="marker_once"),
            models.CheckConstraint(condition=models.Q(at__gte=0), name="marker_after_1970"),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("at")),
                name="marker_ends_after_it_began",
            ),
        ]
        indexes = [models.Index(fields=["service", "-at", "-id"], name="marker_by_service")]  # trends, launch pages

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """What it is called on an axis."""
        return self.text or self.version or self.commit[:12] or self.kind
