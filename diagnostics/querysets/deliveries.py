"""Questions asked of the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count

if TYPE_CHECKING:
    from diagnostics.models.delivery import Delivery  # noqa: F401  (named in a string below)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def counts(self) -> dict[tuple[str, str], int]:
        """How many rows, by kind of channel and state: ``{("slack", "waiting"): 2}``."""
        rows = self.order_by().values_list("channel__kind", "state").annotate(n=Count("pk"))
        return {(kind, state): n for kind, state, n in rows}

    def totals(self) -> dict[str, int]:
        """How many rows of each state, also of those that have none."""
        told = dict(self.order_by().values_list("state").annotate(n=Count("pk")))
        return {state: told.get(state, 0) for state in self.model.State.values}

    def listed(self) -> Self:
        """Newest first, without what they say at length."""
        return self.select_related("channel").defer("message").order_by("-pk")
