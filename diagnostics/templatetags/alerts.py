"""How alerts and rules are worded on pages; the words are those of the messages."""

from __future__ import annotations

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from diagnostics.alerting import KINDS, MOVES
from diagnostics.alerting.subject import Observation
from diagnostics.alerting.wording import filled, rule_of, sentence_of, subject_name, text_of
from diagnostics.charts.duration import human
from diagnostics.models import Alert, AlertNotice, AlertRule, Mute
from diagnostics.stored_words import said

register = template.Library()


@register.simple_tag
def firing_alerts() -> int:
    return Alert.objects.firing().count()


@register.filter
def alert_text(alert: Alert) -> str:
    """What happened, as a sentence's beginning: with a capital."""
    text = text_of(alert)
    return text[:1].upper() + text[1:]


@register.filter
def seen_text(seen: Observation) -> str:
    return filled(seen.words, seen.values)


@register.filter
def alert_subject(alert: Alert) -> str:
    return subject_name(alert)


@register.filter
def alert_rule(alert: Alert) -> str:
    return rule_of(alert)


@register.filter
def rule_sentence(rule: AlertRule) -> str:
    return sentence_of(rule)


@register.filter
def kind_label(key: str) -> str:
    return str(KINDS[key].label) if key in KINDS else key


@register.filter
def known_kind(key: str) -> bool:
    return key in KINDS


@register.filter
def alert_numbers(alert: Alert) -> list[tuple[str, str]]:
    """(what, how much) with units."""
    return [(_(name), _worded(value, unit)) for name, value, unit in alert.numbers]


def _worded(value: float | str, unit: str) -> str:
    if isinstance(value, int | float):
        if unit == "ns":
            return human(round(value))
        if unit in ("%", "ratio"):
            return f"{value * 100 if unit == 'ratio' else value:g} %"
        return f"{value:g}"
    return said(str(value))


@register.filter
def alert_moves(alert: Alert) -> list[tuple[str, str]]:
    """What may be decided now, as (state, words for the button)."""
    words_of = {"firing": _("Take back"), "acknowledged": _("Acknowledge"), "resolved": _("Resolve")}
    return [(state, words_of[state]) for state in MOVES[alert.state]]


@register.filter
def is_muted(alert: Alert, mutes: list[Mute]) -> bool:
    return any(mute.fits(alert) for mute in mutes)


@register.filter
def notice_state(notice: AlertNotice) -> str:
    """What became of telling it."""
    if notice.done_at is None:
        return _("waits: quiet hours, or muted")
    told = {
        "": _("told"),
        "muted": _("not told: it was muted until it was over"),
        "cool-down": _("not told: the rule was cooling down"),
        "no channel": _("not told: no channel"),
    }
    return told.get(notice.withheld, notice.withheld)


@register.filter
def in_force(mute: Mute) -> bool:
    return mute.until > timezone.now()
