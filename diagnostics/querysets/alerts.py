"""Questions asked of alerts, their rules and mutes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.functions import Coalesce, Now

if TYPE_CHECKING:
    from diagnostics.models.alerting import Alert, AlertRule, Mute  # noqa: F401  (named in strings below)
    from diagnostics.models.catalogue import Service


class AlertRuleQuerySet(models.QuerySet["AlertRule"]):
    def of(self, service: Service) -> Self:
        """The enabled rules that concern a service, in a fixed order."""
        concerned = Q(service=None) | Q(service=service)
        anywhere = Q(environment="") | Q(environment=service.environment)
        return self.filter(concerned, anywhere, enabled=True).order_by("pk")

    def listed(self) -> Self:
        """By name, with what a row shows."""
        firing = Count("alerts", filter=Q(alerts__state="firing"))
        return self.select_related("service").annotate(firing=firing).order_by("name", "pk")

    def silent(self, days: int) -> Self:
        """Those that have not fired for so long, though they could have."""
        since = Now() - timedelta(days=days)
        return self.alias(heard=Coalesce("last_fired_at", "created_at")).filter(heard__lt=since)


class AlertQuerySet(models.QuerySet["Alert"]):
    def live(self) -> Self:
        return self.filter(state__in=self.model.LIVE)

    def firing(self) -> Self:
        return self.filter(state="firing")

    def listed(self) -> Self:
        """Firing first, critical before warning, newest first; with everything a row shows."""
        state = Case(When(state="firing", then=Value(0)), When(state="acknowledged", then=Value(1)), default=Value(2))
        severity = Case(
            When(state="resolved", then=Value(0)), When(severity="critical", then=Value(0)), default=Value(1)
        )
        return self.select_related("service", "rule", "launch").order_by(state, severity, "-fired_at", "-pk")


class MuteQuerySet(models.QuerySet["Mute"]):
    def in_force(self) -> Self:
        return self.filter(until__gt=Now())

    def listed(self) -> Self:
        """Those in force first, then the newest."""
        ended = Case(When(until__gt=Now(), then=Value(0)), default=Value(1))
        return self.select_related("service", "rule").order_by(ended, F("until").desc(), "-pk")
