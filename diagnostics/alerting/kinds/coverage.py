"""Phases cover less of the launch than they should: somebody stopped telling where the time goes."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind, Setting
from diagnostics.alerting.kinds.measured import seen_in
from diagnostics.alerting.subject import Number, Observation, Subject
from diagnostics.models import AlertRule, Launch
from diagnostics.records import LaunchStatus


def _judge(rule: AlertRule, launch: Launch) -> Iterable[Observation]:
    if launch.coverage is None or launch.status != LaunchStatus.SUCCESS:
        return
    covered, least, drop = 100 * launch.coverage, KIND.setting(rule, "least"), KIND.setting(rule, "drop")
    before = Launch.objects.baseline_of(launch, settings.BASELINE_LAUNCHES).only("total_ns", "unaccounted_ns")
    known = [100 * one.coverage for one in before if one.coverage is not None]
    usual = statistics.median(known) if len(known) >= settings.BASELINE_LEAST else None
    fell = usual is not None and covered < usual - drop
    words = gettext_noop("phases cover %(covered)s %% of the launch, less than %(least)s %%")
    if fell:
        words = gettext_noop("phases cover %(covered)s %% of the launch, usually %(usual)s %%")
    numbers: list[Number] = [(gettext_noop("covered"), round(covered, 1), "%"), (gettext_noop("least"), least, "%")]
    if usual is not None:
        numbers.append((gettext_noop("median of its baseline"), round(usual, 1), "%"))
    numbers.append((gettext_noop("unaccounted"), launch.unaccounted_ns or 0, "ns"))
    values = {"covered": f"{covered:.0f}", "least": f"{least:g}", "usual": f"{usual or 0:.0f}"}
    subject = Subject(launch.service, "coverage", "")
    yield seen_in(launch, subject, fell or covered < least, words=words, values=values, numbers=numbers)


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    words = gettext_noop(
        "phases cover less than %(least)s %% of the launch, or %(drop)s points less than the median of its baseline"
    )
    return words, {name: f"{KIND.setting(rule, name):g}" for name in ("least", "drop")}


KIND = Kind(
    key="coverage",
    label=_("Launch: coverage fell"),
    about=_("Phases cover less of the time to ready than they did, or than you ask for: the rest is unaccounted."),
    sentence=_sentence,
    settings=[
        Setting("least", _("Less than"), 50, "percent", 0, 100, _("0: only the fall counts.")),
        Setting("drop", _("Points below the usual"), 10, "percent", 1, 100),
    ],
    times=2,
    over_after=3,
    judge=_judge,
)
