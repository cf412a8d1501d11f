"""Making, changing and deleting rules; every change is written down with who made it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from diagnostics.alerting.alert_error import AlertError
from diagnostics.alerting.kinds import KINDS, Kind
from diagnostics.alerting.observing import resolve
from diagnostics.alerting.telling import tell
from diagnostics.models import AlertRule, AlertRuleChange, Channel, Service
from diagnostics.triage import Actor
from diagnostics.triage.history import hold

MOST_TEXT = 200
MOST_TIMES = 100
MOST_SECONDS = 31_536_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule as somebody wants it, the words being those of ``AlertRule``."""

    name: str
    kind: str
    service: Service | None = None
    environment: str = ""
    phase: str = ""
    settings: Mapping[str, float] = field(default_factory=dict)
    severity: str = AlertRule.Severity.WARNING
    for_times: int = 1
    for_seconds: int = 0
    resolve_after: int = 1
    cool_down: int = 0
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_zone: str = "UTC"
    quiet_holds_critical: bool = False
    every_channel: bool = True
    channels: Sequence[Channel] = ()
    enabled: bool = True

    def fields(self) -> dict[str, object]:
        """Without the channels, which hang elsewhere."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "channels"}


def drafted(wanted: Wanted) -> AlertRule:
    """The rule, checked and not stored. Raises ``AlertError``."""
    kind = _known(wanted.kind)
    _check_texts(wanted)
    _check_counts(wanted)
    if wanted.phase and not kind.takes_phase:
        raise AlertError(_("This kind of rule is not about phases"), "phase")
    if (wanted.quiet_from is None) != (wanted.quiet_until is None):
        raise AlertError(_("Quiet hours need a beginning and an end"), "quiet_until")
    if wanted.quiet_zone not in available_timezones():
        raise AlertError(_("There is no time zone “%(zone)s”") % {"zone": wanted.quiet_zone[:60]}, "quiet_zone")
    return AlertRule(**{**wanted.fields(), "name": wanted.name.strip(), "settings": _settings(kind, wanted.settings)})


def _known(key: str) -> Kind:
    if key not in KINDS:
        message = _("There is no kind of rule “%(kind)s”; there are: %(kinds)s")
        raise AlertError(message % {"kind": key[:60], "kinds": ", ".join(KINDS)}, "kind")
    return KINDS[key]


def _check_texts(wanted: Wanted) -> None:
    if not wanted.name.strip():
        raise AlertError(_("Give the rule a name"), "name")
    for where in ("name", "environment", "phase"):
        if len(getattr(wanted, where)) > MOST_TEXT or "\0" in getattr(wanted, where):
            raise AlertError(_("At most %(most)d characters, and no NUL, please") % {"most": MOST_TEXT}, where)
    if wanted.severity not in AlertRule.Severity.values:
        raise AlertError(_("The severity is warning or critical"), "severity")


def _check_counts(wanted: Wanted) -> None:
    limits = {"for_times": (1, MOST_TIMES), "resolve_after": (1, MOST_TIMES)}
    limits |= {"for_seconds": (0, MOST_SECONDS), "cool_down": (0, MOST_SECONDS)}
    for where, (least, most) in limits.items():
        if not least <= getattr(wanted, where) <= most:
            raise AlertError(_("From %(least)s to %(most)s, please") % {"least": least, "most": most}, where)


def _settings(kind: Kind, given: Mapping[str, float]) -> dict[str, float]:
    """Each of the kind's own, the default where none is given."""
    asked = {one.name: one for one in kind.settings}
    for name in given:
        if name not in asked:
            raise AlertError(_("This kind of rule has no setting “%(name)s”") % {"name": str(name)[:60]}, str(name))
    told = {name: given.get(name, one.default) for name, one in asked.items()}
    for name, value in told.items():
        least, most = asked[name].least, asked[name].most
        # A comparison that "nan" fails too.
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise AlertError(
                _("From %(least)s to %(most)s, please") % {"least": f"{least:g}", "most": f"{most:g}"}, name
            )
    return told


@transaction.atomic
def save_rule(wanted: Wanted, by: Actor, rule_id: int | None = None) -> AlertRule:
    """Make a rule, or change one. Raises ``AlertError`` or ``AlertRule.DoesNotExist``; then nothing has changed."""
    rule = drafted(wanted)
    if rule_id is None:
        rule.save()
        told = _("made")
    else:
        before = AlertRule.objects.select_for_update(of=("self",)).get(pk=rule_id)
        rule.pk, rule.created_at, rule.last_fired_at = before.pk, before.created_at, before.last_fired_at
        told = "; ".join(_differences(before, rule, wanted.channels))
        rule.updated_at = Now()
        rule.save()
    rule.channels.set([] if rule.every_channel else wanted.channels)
    if told:
        AlertRuleChange.objects.create(rule=rule, rule_name=rule.name, actor=by.name, text=told)
    if not rule.enabled:
        _end(rule, by, _("the rule was switched off"))
    return AlertRule.objects.get(pk=rule.pk)


def _differences(before: AlertRule, after: AlertRule, channels: Sequence[Channel]) -> Iterable[str]:
    for name in Wanted.__slots__:
        if name not in ("settings", "channels") and getattr(before, name) != getattr(after, name):
            yield f"{name}: {_shown(getattr(before, name))} → {_shown(getattr(after, name))}"
    for name in sorted({*before.settings, *after.settings}):
        if before.settings.get(name) != after.settings.get(name):
            yield f"{name}: {_shown(before.settings.get(name))} → {_shown(after.settings.get(name))}"
    old, new = {one.name for one in before.channels.all()}, {one.name for one in channels}
    if not after.every_channel and old != new:
        yield f"channels: {', '.join(sorted(old)) or '–'} → {', '.join(sorted(new)) or '–'}"


def _shown(value: object) -> str:
    return "–" if value in (None, "") else str(value)


@transaction.atomic
def switch_rule(rule_id: int, enabled: bool, by: Actor) -> AlertRule:
    """Switch a rule on or off; off, its alerts are over."""
    rule = AlertRule.objects.select_for_update(of=("self",)).get(pk=rule_id)
    if rule.enabled != enabled:
        rule.enabled, rule.updated_at = enabled, Now()
        rule.save(update_fields=["enabled", "updated_at"])
        text = _("switched on") if enabled else _("switched off")
        AlertRuleChange.objects.create(rule=rule, rule_name=rule.name, actor=by.name, text=text)
        if not enabled:
            _end(rule, by, _("the rule was switched off"))
    return rule


@transaction.atomic
def delete_rule(rule_id: int, by: Actor) -> None:
    """For good: nothing makes it again. Its alerts stay in the history, and are over."""
    rule = AlertRule.objects.select_for_update(of=("self",)).get(pk=rule_id)
    _end(rule, by, _("the rule was deleted"))
    AlertRuleChange.objects.create(rule=rule, rule_name=rule.name, actor=by.name, text=_("deleted"))
    rule.delete()


def _end(rule: AlertRule, by: Actor, text: str) -> None:
    live = rule.alerts.live()
    for service in sorted(set(live.values_list("service_id", flat=True))):
        hold(service)
    for alert in live.select_related("service", "rule"):
        resolve(alert, by, text)
    tell()


def zones() -> list[str]:
    """What a form offers."""
    return sorted(zone for zone in available_timezones() if "/" in zone or zone == ZoneInfo("UTC").key)
