"""Questions asked of traces and of their rules."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from diagnostics.parsers.otlp import DEFAULT_RULES, Rule

if TYPE_CHECKING:
    from diagnostics.models.trace import OtlpTrace, TraceRule


class TraceQuerySet(models.QuerySet["OtlpTrace"]):
    def quiet_for(self, quiet: timedelta) -> Self:
        """Those that nobody has looked at since their last spans came, so long ago, oldest first."""
        return self.filter(settled=False, touched_at__lt=Now() - quiet).order_by("touched_at")

    def requests_with(self, request_id: str) -> Self:
        """Request traces that carry an id, or are it, newest first."""
        carries = Q(request_ids__contains=[request_id])
        with contextlib.suppress(ValueError):
            carries |= Q(pk=UUID(request_id))
        return self.filter(carries, verdict="request").select_related("service").order_by("-received_at")

    def ids_of_quiet(self, quiet: timedelta) -> models.QuerySet[OtlpTrace, UUID]:
        return self.quiet_for(quiet).values_list("pk", flat=True)

    def newest_first(self) -> Self:
        return self.select_related("service").order_by("-received_at", "-pk")


class TraceRuleQuerySet(models.QuerySet["TraceRule"]):
    def in_force(self) -> Sequence[Rule]:
        """What people have written, in their order; else the rules that everybody begins with."""
        return [rule.as_rule() for rule in self.listed()] or DEFAULT_RULES

    def listed(self) -> models.QuerySet[TraceRule]:
        return self.order_by("position", "pk")
