"""Questions asked of regressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F
from django.db.models.functions import NullIf

if TYPE_CHECKING:
    from diagnostics.models.catalogue import Service
    from diagnostics.models.regression import Regression  # noqa: F401  (named in a string below)


class RegressionQuerySet(models.QuerySet["Regression"]):
    def live(self) -> Self:
        return self.filter(state__in=self.model.LIVE)

    def of_series(self, service: Service, path: str | None) -> Self:
        """Those of a phase (no path: the total), the oldest first."""
        own = self.filter(service=service, series__path=path) if path else self.filter(service=service, series=None)
        return own.select_related("series", "first_launch").order_by("first_launch__start_time", "pk")

    def listed(self) -> Self:
        """Newest first, with everything a row shows: no query per row."""
        related = ("service", "series", "first_launch", "assignee")
        return self.select_related(*related).order_by("-opened_at", "-id")

    def at_least(self, ratio: float) -> Self:
        """At least so many times as slow as the baseline."""
        return self.filter(candidate_ns__gte=F("baseline_ns") * ratio)

    def largest_first(self) -> Self:
        """By ratio; a phase that had no time at all before comes first of all."""
        ratio = F("candidate_ns") * 1.0 / NullIf(F("baseline_ns"), 0)
        return self.order_by(ratio.desc(nulls_first=True), "-id")

    def costliest_first(self) -> Self:
        return self.order_by((F("candidate_ns") - F("baseline_ns")).desc(), "-id")
