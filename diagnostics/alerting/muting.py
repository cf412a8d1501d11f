"""Silence with an end and a reason: alerts are shown, and told only when it is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from diagnostics.alerting.alert_error import AlertError
from diagnostics.alerting.telling import tell
from diagnostics.models import AlertRule, Mute, Service
from diagnostics.triage import Actor

LONGEST = timedelta(days=366)
MOST = 2000  # characters of a reason


def mute(
    by: Actor,
    until: datetime,
    reason: str,
    service: Service | None = None,
    rule: AlertRule | None = None,
    subject_key: str = "",
) -> Mute:
    """Keep quiet about a service, a rule, one subject of them, or everything. Raises ``AlertError``."""
    reason = reason.strip()
    if not reason or len(reason) > MOST or "\0" in reason:
        raise AlertError(_("Say why, in at most %(most)d characters") % {"most": MOST}, "reason")
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise AlertError(_("A mute ends in the future, within a year"), "until")
    return Mute.objects.create(
        service=service, rule=rule, subject_key=subject_key, until=until, reason=reason, actor=by.name
    )


@transaction.atomic
def end_mute(mute_id: int, by: Actor) -> Mute:
    """End it now; what it kept back and still goes on is told. Raises ``Mute.DoesNotExist``."""
    found = Mute.objects.select_for_update().get(pk=mute_id)
    if found.until > timezone.now():
        found.until, found.ended_by = timezone.now(), by.name
        found.save()
        tell()
    return found
