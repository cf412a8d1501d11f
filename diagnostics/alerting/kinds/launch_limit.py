"""The total, or phases, over a fixed limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind, Setting
from diagnostics.alerting.kinds.measured import gone, measured, seen_in
from diagnostics.alerting.kinds.spans import nanoseconds, span
from diagnostics.alerting.subject import Observation, Subject
from diagnostics.charts.duration import human
from diagnostics.models import AlertRule, Launch
from diagnostics.records import LaunchStatus


def _judge(rule: AlertRule, launch: Launch) -> Iterable[Observation]:
    limit = nanoseconds(KIND.setting(rule, "limit_s"))
    found = measured(rule, launch)
    for one in found:
        slow = one.duration > limit
        if not slow and launch.status != LaunchStatus.SUCCESS:
            continue  # it gave up early: that it was short says nothing
        words = gettext_noop("phase %(phase)s took %(took)s, more than %(limit)s")
        if not one.path:
            words = gettext_noop("the launch took %(took)s, more than %(limit)s")
        values = {"phase": one.path, "took": human(one.duration), "limit": human(limit)}
        numbers = [(gettext_noop("took"), one.duration, "ns"), (gettext_noop("limit"), limit, "ns")]
        subject = Subject(launch.service, one.key, one.path)
        yield seen_in(launch, subject, slow, words=words, values=values, numbers=numbers)
    if launch.status == LaunchStatus.SUCCESS:
        yield from gone(rule, launch, found)


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    values = {"phase": rule.phase, "limit": span(KIND.setting(rule, "limit_s"))}
    if rule.phase:
        return gettext_noop("a phase like “%(phase)s” takes more than %(limit)s"), values
    return gettext_noop("the launch takes more than %(limit)s"), values


KIND = Kind(
    key="launch-limit",
    label=_("Launch: over a fixed limit"),
    about=_("The launch, or a phase of it, takes longer than a time you set."),
    sentence=_sentence,
    settings=[Setting("limit_s", _("Longer than"), 300, "seconds", 0.001, 604_800)],
    takes_phase=True,
    over_after=3,
    judge=_judge,
)
