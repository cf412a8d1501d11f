"""The total, or phases, far from what is usual: over the median of the baseline + k times its spread (MAD)."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind, Setting
from diagnostics.alerting.kinds.measured import Measured, gone, history, measured, seen_in
from diagnostics.alerting.kinds.spans import nanoseconds, span
from diagnostics.alerting.subject import Observation, Subject
from diagnostics.charts.duration import human
from diagnostics.models import AlertRule, Launch
from diagnostics.records import LaunchStatus


def _judge(rule: AlertRule, launch: Launch) -> Iterable[Observation]:
    found = measured(rule, launch)
    before = Launch.objects.baseline_of(launch, settings.BASELINE_LAUNCHES).only("total_ns")
    usual = history(list(before), found)
    suffix = f"@{launch.start_class}" if launch.start_class else ""
    for one in found:
        # With fewer there is no "usual": then the rule says nothing, neither good nor bad.
        if len(usual[one.series]) >= settings.BASELINE_LEAST:
            yield from _held_against(rule, launch, one, usual[one.series], suffix)
    if launch.status == LaunchStatus.SUCCESS:
        yield from gone(rule, launch, found, suffix)


def _held_against(
    rule: AlertRule, launch: Launch, one: Measured, usual: Sequence[int], suffix: str
) -> Iterable[Observation]:
    median = round(statistics.median(usual))
    spread = round(statistics.median(abs(value - median) for value in usual))
    k = KIND.setting(rule, "k")
    # A service as regular as a clock has no spread; a blink more than usual is nothing to wake anybody for.
    limit = median + max(round(k * spread), nanoseconds(KIND.setting(rule, "least_s")))
    slow = one.duration > limit
    if not slow and launch.status != LaunchStatus.SUCCESS:
        return
    words = gettext_noop("phase %(phase)s took %(took)s, usually %(median)s; the limit is %(limit)s")
    if not one.path:
        words = gettext_noop("the launch took %(took)s, usually %(median)s; the limit is %(limit)s")
    values = {"phase": one.path, "took": human(one.duration), "median": human(median), "limit": human(limit)}
    numbers = [
        (gettext_noop("took"), one.duration, "ns"),
        (gettext_noop("median of its baseline"), median, "ns"),
        (gettext_noop("spread (MAD)"), spread, "ns"),
        (gettext_noop("k"), k, ""),
        (gettext_noop("limit"), limit, "ns"),
        (gettext_noop("launches in the baseline"), len(usual), ""),
    ]
    # A cold launch says nothing of how long warm ones take.
    name = f"{one.path} ({launch.start_class})" if suffix else one.path
    subject = Subject(launch.service, one.key + suffix, name.strip())
    yield seen_in(launch, subject, slow, words=words, values=values, numbers=numbers)


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    least = span(KIND.setting(rule, "least_s"))
    values = {"phase": rule.phase, "k": f"{KIND.setting(rule, 'k'):g}", "least": least}
    if rule.phase:
        return gettext_noop(
            "a phase like “%(phase)s” takes more than the median of its baseline + %(k)s × MAD, at least %(least)s more"
        ), values
    return gettext_noop(
        "the launch takes more than the median of its baseline + %(k)s × MAD, at least %(least)s more"
    ), values


KIND = Kind(
    key="launch-dynamic",
    label=_("Launch: slower than usual"),
    about=_(
        "The launch, or a phase of it, takes longer than the median of its own baseline plus k times the spread "
        "(MAD) of that, and at least so much more."
    ),
    sentence=_sentence,
    settings=[
        Setting("k", _("k"), 6, "number", 0.5, 1000, _("How many times the spread; 6 is rarely chance.")),
        Setting("least_s", _("And at least this much more"), 1, "seconds", 0, 604_800),
    ],
    takes_phase=True,
    over_after=3,
    judge=_judge,
)
