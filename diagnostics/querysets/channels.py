"""Questions asked of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Q

if TYPE_CHECKING:
    from diagnostics.models.channel import Channel  # noqa: F401  (named in a string below)


class ChannelQuerySet(models.QuerySet["Channel"]):
    def enabled(self) -> Self:
        return self.filter(enabled=True)

    def with_counts(self) -> Self:
        """Each with how many of its messages wait, and how many are dead."""
        return self.annotate(
            waiting=Count("deliveries", filter=Q(deliveries__state="waiting")),
            dead=Count("deliveries", filter=Q(deliveries__state="dead")),
        )
