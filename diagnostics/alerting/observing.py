"""What a rule saw becomes an alert, goes on as one, or ends one; each of these once."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from diagnostics.alerting.kinds import KINDS
from diagnostics.alerting.machine import Look, Terms, Track, from_json, to_json
from diagnostics.alerting.subject import Observation, Subject
from diagnostics.models import Alert, AlertChange, AlertNotice, AlertRule, AlertWatch
from diagnostics.querysets.alerts import AlertQuerySet
from diagnostics.triage import LAUNCHSCOPE, Actor


def terms_of(rule: AlertRule, once: bool = False) -> Terms:
    if once:
        return Terms()
    return Terms(rule.for_times, timedelta(seconds=rule.for_seconds), rule.resolve_after)


def observe(rule: AlertRule, seen: Observation) -> Alert | None:
    """Take one look into account; the alert, when it began just now. Call it with the service's row held."""
    terms = terms_of(rule, seen.once)
    watch = AlertWatch.objects.filter(rule=rule, service=seen.subject.service, subject_key=seen.subject.key).first()
    if watch is None and not seen.holds:
        return None  # nothing was ever wrong there: nothing to remember
    before = from_json(watch.seen, watch.began) if watch else Track()
    track = before.after(Look(seen.at, seen.instance, seen.holds), terms)
    _remember(watch or AlertWatch(rule=rule, service=seen.subject.service, subject_key=seen.subject.key), track)
    return _acted(rule, seen, track, is_new=seen.instance not in {look.instance for look in before.looks})


def _remember(watch: AlertWatch, track: Track) -> None:
    watch.seen, watch.began = to_json(track)
    watch.save()


def _acted(rule: AlertRule, seen: Observation, track: Track, is_new: bool) -> Alert | None:
    terms = terms_of(rule, seen.once)
    live = _alerts(rule, seen.subject).live().first()
    if live is None:
        return _raised(rule, seen, track) if track.fires(terms) else None
    if seen.holds and is_new:
        _go_on(live, seen)
    elif track.is_over(terms):
        resolve(live, LAUNCHSCOPE)
    return None


def _alerts(rule: AlertRule, subject: Subject) -> AlertQuerySet:
    return Alert.objects.filter(rule=rule, service=subject.service, subject_key=subject.key)


def _raised(rule: AlertRule, seen: Observation, track: Track) -> Alert | None:
    """The alert of what began with ``track.began``; none when that was told before, and resolved by hand."""
    assert track.began
    words, values = KINDS[rule.kind].sentence(rule)
    alert, is_new = Alert.objects.get_or_create(
        rule=rule,
        service=seen.subject.service,
        subject_key=seen.subject.key,
        change=track.began.instance,
        defaults={
            "rule_name": rule.name,
            "rule_text": words % values,
            "kind": rule.kind,
            "severity": rule.severity,
            "subject_name": seen.subject.name,
            "times": len(track.holding),
            "began_at": track.began.at,
            "last_at": seen.at,
            **_told(seen),
        },
    )
    if not is_new:
        return None
    _begin(rule, alert)
    return alert


def _told(seen: Observation) -> dict[str, object]:
    return {
        "words": seen.words,
        "values": dict(seen.values),
        "numbers": [list(number) for number in seen.numbers],
        "url": seen.url,
        "launch_id": seen.launch,
    }


def _begin(rule: AlertRule, alert: Alert) -> None:
    # Whatever else is wrong with the service just now is part of the same trouble.
    others = Alert.objects.live().filter(service=alert.service_id).exclude(pk=alert.pk)
    first = others.order_by("pk").first()
    alert.incident_id = (first.incident_id or first.pk) if first else alert.pk
    alert.save(update_fields=["incident"])
    AlertRule.objects.filter(pk=rule.pk).update(last_fired_at=Now())
    _written(alert, "", LAUNCHSCOPE, alert.text)
    AlertNotice.objects.create(alert=alert, event=AlertNotice.Event.FIRING)


def _go_on(alert: Alert, seen: Observation) -> None:
    """One more launch (check) that shows it: counted, and not told again. The page shows the newest."""
    if seen.at >= alert.last_at:
        for name, value in {**_told(seen), "last_at": seen.at}.items():
            setattr(alert, name, value)
    alert.times = F("times") + 1
    alert.updated_at = Now()
    alert.save()


def resolve(alert: Alert, by: Actor, text: str = "") -> None:
    """End an alert, by itself or by hand, and have that told."""
    before = alert.state
    Alert.objects.filter(pk=alert.pk).update(state="resolved", resolved_at=timezone.now(), updated_at=Now())
    alert.refresh_from_db()
    _written(alert, before, by, text)
    AlertNotice.objects.get_or_create(alert=alert, event=AlertNotice.Event.RESOLVED)


def move(alert: Alert, state: str, by: Actor, text: str = "") -> None:
    """Between firing and acknowledged: what people tell each other on the page, and no message."""
    Alert.objects.filter(pk=alert.pk).update(state=state, updated_at=Now())
    before, alert.state = alert.state, state
    _written(alert, before, by, text)


def _written(alert: Alert, before: str, by: Actor, text: str) -> None:
    AlertChange.objects.create(
        alert=alert, user=by.user, actor=by.name, from_state=before, to_state=alert.state, text=text
    )
