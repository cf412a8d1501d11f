"""Questions asked of regressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from diagnostics.models.regression import Regression  # noqa: F401  (named in a string below)


class RegressionQuerySet(models.QuerySet["Regression"]):
    def live(self) -> Self:
        return self.filter(state__in=self.model.LIVE)

    def listed(self) -> Self:
        """Newest first, with everything a row shows: no query per row."""
        return self.select_related("service", "series", "first_launch").order_by("-opened_at", "-id")
