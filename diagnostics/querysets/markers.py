"""Questions asked of markers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from diagnostics.records import Interval

if TYPE_CHECKING:
    from diagnostics.models.catalogue import Service
    from diagnostics.models.marker import Marker


class MarkerQuerySet(models.QuerySet["Marker"]):
    def newest_first(self) -> Self:
        return self.select_related("service").order_by("-at", "-id")

    def during(self, service: Service | int, window: Interval) -> Self:
        """What happened in, or lasted into, a window of ns; newest first."""
        lasting = Q(until__isnull=True, at__gte=window.start) | Q(until__gte=window.start)
        # An alert that nobody ended lasts on.
        lasting |= Q(kind="alert", until__isnull=True)
        return self.filter(lasting, service=service, at__lte=window.end).newest_first()

    def deployed(self, service: Service | int, version: str, before: int) -> Marker | None:
        """The deploy that brought a version, the last one until then (ns)."""
        deploys = self.filter(service=service, kind="deploy", version=version, at__lte=before)
        return deploys.newest_first().first() if version else None

    def after_cursor(self, at: int, pk: int) -> Self:
        return self.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
