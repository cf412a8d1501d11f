"""Questions asked of phase records: whole launches in order, windows of large ones, the history of a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, ExpressionWrapper, F, Max, Min, Sum

from diagnostics.records import Interval

if TYPE_CHECKING:
    from diagnostics.models.record import PhaseRecord

# Django takes the sum of two 64-bit fields for a 32-bit one, and answers comparisons beyond that with nothing at all.
END_TIME = ExpressionWrapper(F("start_time") + F("duration_ns"), output_field=models.BigIntegerField())


class PhaseQuerySet(models.QuerySet["PhaseRecord"]):
    def in_order(self) -> Self:
        """As their sender listed them, with path and name."""
        return self.select_related("series").order_by("position")

    def overlapping(self, window: Interval) -> Self:
        """Phases that run, even for an instant, inside the window."""
        return self.alias(end_time=END_TIME).filter(start_time__lte=window.end, end_time__gte=window.start)

    def largest(self, count: int) -> Self:
        """The phases a reader looks for first: failed ones, critical ones, then the longest."""
        return self.order_by("-failed", "-critical", "-duration_ns", "position")[:count]

    def by_parent(self) -> models.QuerySet[PhaseRecord, Any]:
        """Per parent: how many phases, their span and summed time."""
        return (
            self.order_by()
            .values("parent")
            .annotate(
                count=Count("position"),
                first=Min("start_time"),
                last=Max(END_TIME),
                time=Sum("duration_ns"),
            )
        )
