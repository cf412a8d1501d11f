"""Launches on their way to another OTLP endpoint."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from diagnostics.models.launch import Launch


class Forward(models.Model):
    """A launch that waits to be sent on; the row goes when it was sent, or given up."""

    launch = models.OneToOneField(Launch, on_delete=models.CASCADE, primary_key=True, related_name="+")
    attempts = models.IntegerField(db_default=0)
    due_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="forward_due")]  # forwarding.send_due

    def __str__(self) -> str:
        return str(self.launch_id)


class ForwardCount(models.Model):
    """What became of all of them, and whose turn it is: one row."""

    instance = models.UUIDField(db_default=RandomUUID())  # what this database's server is known by to those it sends to
    sent = models.BigIntegerField(db_default=0)
    dropped = models.BigIntegerField(db_default=0)  # because too many waited, or after too many attempts
    last_sent_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, db_default="")
    failed_at = models.DateTimeField(null=True)
    failures = models.IntegerField(db_default=0)  # of the endpoint in a row
    next_at = models.DateTimeField(db_default=Now())  # nobody sends before: another worker does, or the endpoint rests

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="forward_count_is_one_row")]

    def __str__(self) -> str:
        return f"{self.sent} sent, {self.dropped} dropped"
