"""Old checks and outages go, a batch at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from diagnostics.models import Check, Outage

BATCH = 10_000  # rows a transaction: nobody waits long for their locks


def prune(now: datetime | None = None, batch: int = BATCH) -> int:
    """Delete what is older than MONITOR_CHECK_DAYS and MONITOR_OUTAGE_DAYS; how many rows went."""
    now, gone = now or timezone.now(), 0
    while rows := list(
        Check.objects.older_than(now - timedelta(days=settings.MONITOR_CHECK_DAYS)).values_list("pk", flat=True)[:batch]
    ):
        gone += Check.objects.filter(pk__in=rows).delete()[0]
    ended = Outage.objects.filter(ended_at__lt=now - timedelta(days=settings.MONITOR_OUTAGE_DAYS))
    return gone + ended.delete()[0]
