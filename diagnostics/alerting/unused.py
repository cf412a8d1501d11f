"""Rules that watch nothing, or have not said anything for so long that nobody remembers them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from diagnostics.alerting.kinds import KINDS
from diagnostics.analysis.thresholds import TOTAL, Threshold
from diagnostics.models import AlertRule, Launch, Series, Service
from diagnostics.querysets.services import ServiceQuerySet

SILENT_DAYS = 90


def why_unused(rule: AlertRule) -> list[str]:
    """Sentences that say why a rule may be deleted or mended; none when it is in use."""
    return list(_reasons(rule))


def _reasons(rule: AlertRule) -> Iterable[str]:
    since = timezone.now() - timedelta(days=SILENT_DAYS)
    if rule.kind not in KINDS:
        yield _("This version knows no rules of its kind")
        return
    if rule.service_id is None and not _services(rule).exists():
        yield _("No service fits it")
    elif rule.service_id is not None:
        if rule.environment and rule.service and rule.service.environment != rule.environment:
            yield _("No service fits it: its service is in another environment")
        launches = Launch.objects.filter(service=rule.service_id)
        if not launches.filter(start_time__gte=round(since.timestamp()) * 10**9).exists():
            yield _("Its service has not been launched for %(days)s days") % {"days": SILENT_DAYS}
    if rule.phase and rule.phase != TOTAL and not _some_phase_fits(rule):
        yield _("No phase fits “%(glob)s”") % {"glob": rule.phase}
    if (rule.last_fired_at or rule.created_at) < since:
        yield _("It has not fired for %(days)s days") % {"days": SILENT_DAYS}


def _services(rule: AlertRule) -> ServiceQuerySet:
    return Service.objects.filter(environment=rule.environment) if rule.environment else Service.objects.all()


def _some_phase_fits(rule: AlertRule) -> bool:
    series = Series.objects.filter(service__in=_services(rule) if rule.service_id is None else [rule.service_id])
    glob = Threshold(rule.phase)
    return any(glob.fits(path) for path in series.values_list("path", flat=True).distinct().iterator())
