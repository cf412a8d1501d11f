"""What a message says, in the language of the channel it goes to. ``_`` is looked up when it is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diagnostics.alerting.kinds import KINDS
from diagnostics.alerting.kinds.spans import nanoseconds
from diagnostics.charts.duration import human
from diagnostics.delivery import Message, Section, Severity
from diagnostics.models import Alert, AlertNotice, AlertRule
from diagnostics.stored_words import said

LONGEST = 200  # characters of a subject


def text_of(alert: Alert) -> str:
    """What happened, in the language in force."""
    return filled(alert.words, alert.values)


def sentence_of(rule: AlertRule) -> str:
    """The rule's condition with its numbers, in the language in force."""
    kind = KINDS.get(rule.kind)
    return filled(*kind.sentence(rule)) if kind else rule.kind


def rule_of(alert: Alert) -> str:
    """The rule that fired, as it was then; in other languages as it is now."""
    if alert.rule is None or translation.get_language() in (None, "en", "en-us"):
        return alert.rule_text
    return sentence_of(alert.rule)


def filled(words: str, values: object) -> str:
    told = _(words) if words else ""
    if not isinstance(values, Mapping) or not values:
        return told.replace("%%", "%")
    return told % {name: said(value) if isinstance(value, str) else value for name, value in values.items()}


def subject_name(alert: Alert) -> str:
    return alert.subject_name or str(KINDS[alert.kind].label if alert.kind in KINDS else alert.kind)


def severity_word(severity: str) -> str:
    return {"critical": _("critical"), "warning": _("warning")}.get(severity, severity)


def message(notices: Sequence[AlertNotice], language: str) -> Message:
    """One message of what belongs together; an alert that began and ended unheard is told once, as over."""
    with translation.override(language):
        over = {notice.alert_id for notice in notices if notice.event == AlertNotice.Event.RESOLVED}
        alerts = list({notice.alert_id: notice.alert for notice in notices}.values())
        # What still burns comes before what is over, and the worst first.
        alerts.sort(key=lambda alert: (alert.pk in over, alert.severity != "critical", alert.pk))
        blocks = [_block(alert, alert.pk in over) for alert in alerts]
        url = absolute(f"/alerts/{alerts[0].pk}/")
        if len(blocks) == 1:
            # Its heading is the subject, its address the message's: channels show both.
            text, blocks = "\n".join([blocks[0].heading, *blocks[0].lines]), [replace(blocks[0], heading="", url="")]
        else:
            text = "\n\n".join("\n".join([block.heading, *block.lines, block.url]) for block in blocks)
        return Message(_subject(alerts, over), text, url, _severity(alerts, over), sections=blocks)


def _subject(alerts: Sequence[Alert], over: Iterable[int]) -> str:
    first = alerts[0]
    sign = _("Resolved") if first.pk in set(over) else severity_word(first.severity).capitalize()
    words = f"{sign}: {first.service}: {text_of(first)}"
    if len(alerts) > 1:
        more = len(alerts) - 1
        words = f"{words[:LONGEST]} " + ngettext("(and %(n)s more)", "(and %(n)s more)", more) % {"n": more}
    return words


def _severity(alerts: Sequence[Alert], over: set[int]) -> Severity:
    burning = [alert for alert in alerts if alert.pk not in over]
    if not burning:
        return Severity.RESOLVED
    return Severity.CRITICAL if any(alert.severity == "critical" for alert in burning) else Severity.WARNING


def _block(alert: Alert, over: bool) -> Section:
    sign = _("Resolved") if over else severity_word(alert.severity).capitalize()
    # It may come late: after quiet hours, or when its channel works again.
    lines = [_ended(alert) if over else _("Since %(at)s UTC.") % {"at": f"{alert.began_at:%Y-%m-%d %H:%M:%S}"}]
    rule = _("Rule “%(name)s”: %(sentence)s") % {"name": alert.rule_name, "sentence": rule_of(alert)}
    # Deleted since, it has no page any more.
    lines.append(f"{rule} {absolute(f'/alerts/rules/{alert.rule_id}/')}" if alert.rule_id else rule)
    if not over and alert.url:
        lines.append(_("Proof: %(url)s") % {"url": absolute(alert.url)})
    heading = f"{sign}: {alert.service}: {text_of(alert)}"
    severity = Severity.RESOLVED if over else Severity(alert.severity)
    return Section(heading, lines, absolute(f"/alerts/{alert.pk}/"), f"alert:{alert.pk}", severity)


def _ended(alert: Alert) -> str:
    end = alert.resolved_at or timezone.now()
    lasted = human(nanoseconds(max(0, round((end - alert.began_at).total_seconds()))))
    change = alert.changes.filter(to_state="resolved").last()
    if change is None or change.actor == "launchscope":
        return _("It is over: back to normal after %(lasted)s.") % {"lasted": lasted}
    return _("Resolved by %(who)s after %(lasted)s.") % {"who": change.actor, "lasted": lasted}


def absolute(path: str) -> str:
    """The address of a page; without SITE_URL only its path is known."""
    return f"{settings.SITE_URL}{path}"
