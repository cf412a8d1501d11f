"""Each change is told exactly once: to the rule's channels, together with what belongs to it, when nothing holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from diagnostics import delivery
from diagnostics.alerting import wording
from diagnostics.alerting.quiet import is_quiet
from diagnostics.models import Alert, AlertNotice, AlertRule, Channel, Mute

MOST = 5000  # notices looked at in one go
MUTED, COOL_DOWN, NO_CHANNEL = "muted", "cool-down", "no channel"


@transaction.atomic
def tell(now: datetime | None = None) -> int:
    """Tell what waits and may be told now; how many changes that were. Two at once tell each change once."""
    now = now or timezone.now()
    waiting = AlertNotice.objects.filter(done_at=None).select_for_update(skip_locked=True, of=("self",))
    notices = list(waiting.select_related("alert__service", "alert__rule").order_by("pk")[:MOST])
    mutes = list(Mute.objects.filter(until__gt=now)) if notices else []
    held = {notice.pk for notice in notices}
    said = [notice for notice in notices if _is_due(notice, held, mutes, now)]
    by_channel: dict[Channel, list[AlertNotice]] = defaultdict(list)
    for notice in said:
        for channel in _channels(notice, said):
            by_channel[channel].append(notice)
            notice.channel_ids.append(channel.pk)
    _send(by_channel)
    for notice in said:
        _done(notice, now, "" if notice.channel_ids else NO_CHANNEL)
    return len(said)


def held_by(alert: Alert, mutes: Iterable[Mute], now: datetime) -> Mute | None:
    """The mute that keeps an alert from being told."""
    return next((mute for mute in mutes if mute.until > now and mute.fits(alert)), None)


def _is_due(notice: AlertNotice, held: Container[int], mutes: Iterable[Mute], now: datetime) -> bool:
    """Whether to tell it now. One that is never to be told is put away, with the reason."""
    alert, rule = notice.alert, notice.alert.rule
    if notice.event == AlertNotice.Event.RESOLVED:
        fired = alert.notices.get(event=AlertNotice.Event.FIRING)
        if fired.withheld:
            return _done(notice, now, fired.withheld)
        if fired.done_at is None and fired.pk not in held:
            return False  # another worker is telling it just now: where, it will have written down the next time
    if held_by(alert, mutes, now):
        # Over before the mute was: nobody heard of it, nobody needs to.
        untold = alert.notices.filter(event=AlertNotice.Event.FIRING, done_at=None).exists()
        return _done(notice, now, MUTED) if untold and not alert.is_live else False
    if rule and _waits(rule, alert, now):
        return False
    if notice.event == AlertNotice.Event.FIRING and _was_told_lately(alert, now):
        # What still goes on when it has cooled down is told then: else a lasting trouble would never be heard of.
        return False if alert.is_live else _done(notice, now, COOL_DOWN)
    return True


def _waits(rule: AlertRule, alert: Alert, now: datetime) -> bool:
    if alert.severity == AlertRule.Severity.CRITICAL and not rule.quiet_holds_critical:
        return False
    return is_quiet(now, rule.quiet_from, rule.quiet_until, rule.quiet_zone)


def _was_told_lately(alert: Alert, now: datetime) -> bool:
    if alert.rule is None or not alert.rule.cool_down:
        return False
    same = AlertNotice.objects.filter(
        alert__rule=alert.rule, alert__service=alert.service_id, alert__subject_key=alert.subject_key, withheld=""
    )
    return same.filter(done_at__gt=now - timedelta(seconds=alert.rule.cool_down), event="firing").exists()


def _done(notice: AlertNotice, now: datetime, withheld: str) -> bool:
    notice.done_at, notice.withheld = now, withheld
    notice.save()
    return False


def _channels(notice: AlertNotice, said: Sequence[AlertNotice]) -> list[Channel]:
    """Those of the rule; that it is over goes where it was told, whatever the rule says since."""
    enabled = Channel.objects.filter(enabled=True).order_by("pk")
    if notice.event == AlertNotice.Event.RESOLVED:
        fired = next((one for one in said if one.alert_id == notice.alert_id and one.event == "firing"), None)
        fired = fired or notice.alert.notices.get(event=AlertNotice.Event.FIRING)
        return list(enabled.filter(pk__in=fired.channel_ids))
    rule = notice.alert.rule
    if rule is None:
        return []
    return list(enabled if rule.every_channel else enabled.filter(alert_rules=rule))


def _send(by_channel: dict[Channel, list[AlertNotice]]) -> None:
    for channel, notices in by_channel.items():
        incidents: dict[int, list[AlertNotice]] = defaultdict(list)
        for notice in notices:
            incidents[notice.alert.incident_id or notice.alert_id].append(notice)
        for incident, together in incidents.items():
            said = wording.message(together, channel.language)
            # A notice is told in one message only, so its id is the message's.
            delivery.enqueue([channel], said, once=f"alert:{together[0].pk}", group=f"incident:{incident}")
