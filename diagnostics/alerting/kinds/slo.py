"""A service-level objective: p95 ≤ X over the newest N launches, and how much of its error budget is used up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind, Setting
from diagnostics.alerting.kinds.measured import seen_in
from diagnostics.alerting.kinds.spans import nanoseconds, span
from diagnostics.alerting.subject import Observation, Subject
from diagnostics.models import AlertRule, Launch
from diagnostics.records import LaunchStatus

LEAST = 5  # launches before an objective says anything


def _judge(rule: AlertRule, launch: Launch) -> Iterable[Observation]:
    wanted, objective = int(KIND.setting(rule, "launches")), KIND.setting(rule, "objective_s")
    percent = KIND.setting(rule, "percent")
    until = Launch.objects.filter(service=launch.service_id, start_time__lte=launch.start_time, total_ns__isnull=False)
    # How long one that goes on takes is not known yet.
    until = until.exclude(status=LaunchStatus.RUNNING)
    newest = until.order_by("-start_time", "-id").values_list("total_ns", "status")[:wanted]
    slower = [(took or 0) > nanoseconds(objective) or status == LaunchStatus.FAILED for took, status in newest]
    if len(slower) < min(LEAST, wanted) or launch.status == LaunchStatus.RUNNING:
        return
    allowed = budget(wanted, percent)
    burn = sum(slower) / allowed if allowed else float(sum(slower))
    used = KIND.setting(rule, "used")
    holds = sum(slower) > allowed if used >= 100 else sum(slower) > 0 and burn * 100 >= used
    words = gettext_noop(
        "%(slower)s of the newest %(launches)s launches took more than %(objective)s or failed; "
        "p%(percent)s allows %(allowed)s"
    )
    values = {"slower": sum(slower), "launches": len(slower), "objective": span(objective), "allowed": allowed}
    numbers = [
        (gettext_noop("slower, or failed"), sum(slower), ""),
        (gettext_noop("may be slower (error budget)"), allowed, ""),
        (gettext_noop("launches looked at"), len(slower), ""),
        (gettext_noop("launches of the objective"), wanted, ""),
        (gettext_noop("budget used"), round(100 * burn), "%"),
        (gettext_noop("objective"), nanoseconds(objective), "ns"),
    ]
    yield seen_in(
        launch,
        Subject(launch.service, "slo", f"p{percent:g}"),
        holds,
        words=words,
        values={**values, "percent": f"{percent:g}"},
        numbers=numbers,
    )


def budget(launches: int, percent: float) -> int:
    """How many of so many launches may be slower. In tenths of a percent: 100 − 99.9 is not quite 0.1 to a computer."""
    return launches * (1000 - round(percent * 10)) // 1000


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    percent, launches = KIND.setting(rule, "percent"), int(KIND.setting(rule, "launches"))
    words = gettext_noop(
        "p%(percent)s over %(launches)s launches is more than %(objective)s "
        "(%(allowed)s may be slower; told at %(used)s %% of that)"
    )
    return words, {
        "percent": f"{percent:g}",
        "launches": launches,
        "objective": span(KIND.setting(rule, "objective_s")),
        "allowed": budget(launches, percent),
        "used": f"{KIND.setting(rule, 'used'):g}",
    }


KIND = Kind(
    key="slo",
    label=_("Launch: objective (SLO)"),
    about=_(
        "Of the newest N launches, more are slower than the objective (or failed) than the percentile allows: "
        "with p95 over 100 launches, 5 may be."
    ),
    sentence=_sentence,
    settings=[
        Setting("objective_s", _("Objective"), 300, "seconds", 0.001, 604_800),
        Setting("percent", _("Percentile"), 95, "percent", 50, 99.9),
        Setting("launches", _("Over so many launches"), 50, "count", 5, 1000),
        Setting(
            "used",
            _("Tell when so much of the budget is used"),
            100,
            "percent",
            1,
            100,
            _("100 %: when more were slower than may be. Less warns before."),
        ),
    ],
    counts=False,
    judge=_judge,
)
