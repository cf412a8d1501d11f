"""How others of the system raise alerts: they look, the rule decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from diagnostics.alerting.observing import observe
from diagnostics.alerting.subject import Number, Observation, Subject
from diagnostics.alerting.telling import tell
from diagnostics.models import Alert, AlertRule, Service
from diagnostics.querysets.alerts import AlertRuleQuerySet
from diagnostics.triage.history import hold


def rules_for(kind: str, service: Service) -> AlertRuleQuerySet:
    """The enabled rules of one kind that concern a service."""
    return AlertRule.objects.of(service).filter(kind=kind)


@transaction.atomic
def fire(
    rule: AlertRule,
    subject: Subject,
    at: datetime,
    text: str,
    url: str,
    *,
    values: Mapping[str, str | int | float] | None = None,
    numbers: Sequence[Number] = (),
) -> Alert | None:
    """The condition held at ``at``; the alert, when the rule's terms are met just now.

    Call it at every look: it counts "three in a row" and "for 30 s", raises once, and says nothing more while it lasts.
    ``text`` is one English sentence without a full stop; to be told in other languages, mark it with ``gettext_noop``
    and put what changes as %(name)s, filled from ``values``. ``url`` is a path of this site.
    """
    hold(subject.service.pk)
    seen = Observation(subject, at, True, at.isoformat(), text, values or {}, numbers, url)
    alert = observe(rule, seen)
    if alert is not None:
        tell()
    return alert


@transaction.atomic
def calm(rule: AlertRule, subject: Subject, at: datetime) -> None:
    """The condition did not hold at ``at``. After so many in a row as the rule says, its alert resolves itself."""
    hold(subject.service.pk)
    observe(rule, Observation(subject, at, False, at.isoformat()))
    tell()
