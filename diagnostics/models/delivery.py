"""The outbox: one row for each message and channel."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from diagnostics.models.channel import Channel
from diagnostics.querysets.deliveries import DeliveryQuerySet


class Delivery(models.Model):
    """waiting → sent | dead. Rows that are sent as one message point to the first of them."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DEAD = "dead"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # receivers know a repetition by it
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    once = models.TextField()
    group = models.TextField(blank=True, default="")
    subject = models.TextField()
    severity = models.TextField(db_default="info")
    message = models.JSONField()  # delivery.Message.as_json()
    state = models.TextField(choices=State.choices, db_default=State.WAITING, default=State.WAITING)
    attempts = models.IntegerField(db_default=0, default=0)
    parts_sent = models.IntegerField(db_default=0, default=0)  # of a long message: a retry goes on after these
    next_try_at = models.DateTimeField(db_default=Now())
    leased_until = models.DateTimeField(null=True)  # a worker is at it; after this, it counts as lost
    sent_with = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="companions")
    last_error = models.TextField(blank=True, db_default="", default="")  # masked
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["channel", "once"], name="delivery_once_a_channel"),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False)
                | models.Q(state__in=["waiting", "dead"], sent_at__isnull=True),
                name="delivery_sent_has_a_time",
            ),
        ]
        indexes = [
            # delivery.claiming: what is due
            models.Index(fields=["next_try_at"], name="delivery_due", condition=models.Q(state="waiting")),
            # /settings/channels/ and /api/v1/deliveries: newest first, of one state
            models.Index(fields=["state", "-id"], name="delivery_state"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.channel_id}"
