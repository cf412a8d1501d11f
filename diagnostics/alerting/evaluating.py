"""The rules look at a launch that was judged, and every minute at what no launch tells of."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from diagnostics.alerting.kinds import KINDS
from diagnostics.alerting.kinds.spans import moment
from diagnostics.alerting.observing import observe
from diagnostics.alerting.subject import Observation
from diagnostics.alerting.telling import tell
from diagnostics.models import Alert, AlertRule, Launch, LaunchEvaluation, Service
from diagnostics.triage.history import hold

logger = logging.getLogger(__name__)
CURRENT = timedelta(days=1)  # a launch that arrives later than this after it was ready is history
NEWEST = 100  # launches of a service; one further back was told about, or not, in its time
LOST = timedelta(minutes=2)  # a launch that was judged so long ago should have been looked at
BATCH = 200


def is_current(launch: Launch) -> bool:
    """Whether it tells of how the service is now: it came within a day, and is among the newest."""
    if launch.total_ns is None or launch.received_at - moment(launch.ready_time) > CURRENT:
        return False
    newest = Launch.objects.filter(service=launch.service_id).order_by("-start_time", "-id").values_list("pk")
    return (launch.pk,) in newest[:NEWEST]


def concerned(launch_id: uuid.UUID) -> bool:
    """Whether rules need to look at this launch at all; cheap, so that a history of thousands costs no task each."""
    launch = Launch.objects.only("service_id", "received_at", "start_time", "total_ns").filter(pk=launch_id).first()
    return launch is not None and is_current(launch)


@transaction.atomic
def evaluate(launch_id: uuid.UUID) -> list[Alert]:
    """Hold a judged launch against every rule; the alerts that began with it. Again, that changes nothing."""
    launch = Launch.objects.select_related("service", "host").filter(pk=launch_id, state="judged").first()
    if launch is None or not is_current(launch):
        return []
    # Two launches judged at once would each begin the same alert: whoever comes second waits, and goes on with it.
    hold(launch.service_id)
    begun = []
    for rule in AlertRule.objects.of(launch.service):
        kind = KINDS.get(rule.kind)
        # What was received before somebody made the rule is not what they asked to be told of.
        if kind and kind.judge and launch.received_at >= rule.created_at:
            begun += _taken(rule, kind.judge(rule, launch))
    LaunchEvaluation.objects.update_or_create(launch=launch, defaults={"at": Now()})
    tell()
    return begun


def _taken(rule: AlertRule, seen: Iterable[Observation]) -> list[Alert]:
    """One rule's looks. What goes wrong with it is written to the log, and the others go on."""
    try:
        with transaction.atomic():
            return [alert for one in seen if (alert := observe(rule, one)) is not None]
    except Exception:
        logger.exception("The alert rule %s (%s) could not look", rule.pk, rule.kind)
        return []


def patrol(now: datetime | None = None) -> list[Alert]:
    """What no launch tells of: silence, hanging, and what ended by hand; then what was waiting to be told."""
    now = now or timezone.now()
    looking = [key for key, kind in KINDS.items() if kind.look]
    rules = AlertRule.objects.filter(enabled=True, kind__in=looking).select_related("service").order_by("pk")
    begun = list(chain.from_iterable(_patrolled(rule, now) for rule in rules))
    tell()
    return begun


def _patrolled(rule: AlertRule, now: datetime) -> list[Alert]:
    services = Service.objects.all()
    if rule.service_id is not None:
        services = services.filter(pk=rule.service_id)
    if rule.environment:
        services = services.filter(environment=rule.environment)
    return list(chain.from_iterable(_looked(rule, service, now) for service in services))


@transaction.atomic
def _looked(rule: AlertRule, service: Service, now: datetime) -> list[Alert]:
    look = KINDS[rule.kind].look
    assert look
    hold(service.pk)
    return _taken(rule, look(rule, service, now))


def forgotten() -> list[uuid.UUID]:
    """Launches of the last day that were judged and not looked at: their message was lost, or the look failed."""
    begin = round((timezone.now() - CURRENT).timestamp()) * 10**9
    looked_at = LaunchEvaluation.objects.filter(launch=OuterRef("pk"))
    recent = Launch.objects.filter(start_time__gte=begin, state="judged", received_at__lt=Now() - LOST)
    return [launch.pk for launch in recent.exclude(Exists(looked_at))[:BATCH] if is_current(launch)]
