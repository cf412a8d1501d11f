"""What waits to be told, written in the transaction of whoever has something to say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from diagnostics.delivery.message import Message
from diagnostics.models import Channel, Delivery


def enqueue(channels: Iterable[Channel], message: Message, *, once: str, group: str = "") -> list[Delivery]:
    """Write the message to the outbox, once per channel and ``once``: saying it again changes nothing.

    Messages of one ``group`` that wait together are sent as one, so such a message waits DELIVERY_GATHER seconds for
    others. A disabled channel is told nothing. Returns the rows of this ``once``, old and new.
    """
    told = [channel for channel in channels if channel.enabled]
    due = timezone.now() + timedelta(seconds=settings.DELIVERY_GATHER if group else 0)
    kept = message.as_json()
    Delivery.objects.bulk_create(
        [
            Delivery(
                channel=channel,
                once=once,
                group=group,
                subject=kept["subject"][:500],
                severity=message.severity.value,
                message=kept,
                next_try_at=due,
            )
            for channel in told
        ],
        # The unique key decides, so that two workers who say the same at once both succeed and one row is written.
        ignore_conflicts=True,
    )
    return list(Delivery.objects.filter(channel__in=told, once=once).order_by("pk"))
