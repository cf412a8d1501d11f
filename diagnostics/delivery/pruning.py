"""What was told long ago goes, a batch at a time. What waits never does."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from diagnostics.models import Delivery

BATCH = 10_000  # rows a transaction: nobody waits long for their locks


def prune(now: datetime | None = None, batch: int = BATCH) -> int:
    """Delete messages that were sent, or are dead, and older than DELIVERY_DAYS; how many went."""
    before, gone = (now or timezone.now()) - timedelta(days=settings.DELIVERY_DAYS), 0
    # Rows that went with another are deleted with it.
    old = Delivery.objects.exclude(state="waiting").filter(created_at__lt=before, sent_with=None).order_by("pk")
    while rows := list(old.values_list("pk", flat=True)[:batch]):
        gone += Delivery.objects.filter(pk__in=rows).delete()[0]
    return gone
