"""A launch failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind
from diagnostics.alerting.kinds.measured import seen_in
from diagnostics.alerting.subject import Number, Observation, Subject
from diagnostics.charts.duration import human
from diagnostics.models import AlertRule, Launch, PhaseRecord
from diagnostics.records import LaunchStatus


def _judge(rule: AlertRule, launch: Launch) -> Iterable[Observation]:
    subject = Subject(launch.service, "launch-failed", "")
    if launch.status != LaunchStatus.FAILED:
        yield seen_in(launch, subject, False)
        return
    # The innermost phase that failed last is the one that broke it.
    broken = PhaseRecord.objects.filter(launch=launch, failed=True).order_by("-start_time", "-depth")
    phase = broken.values_list("series__path", flat=True).first()
    words = gettext_noop("the launch failed after %(took)s")
    if phase:
        words = gettext_noop("the launch failed after %(took)s in phase %(phase)s")
    numbers: list[Number] = [(gettext_noop("failed after"), launch.total_ns or 0, "ns")]
    numbers += [(gettext_noop("phase"), phase, "")] if phase else []
    numbers += [(gettext_noop("finding"), launch.headline, "")] if launch.headline else []
    values = {"took": human(launch.total_ns or 0), "phase": phase or ""}
    yield seen_in(launch, subject, True, words=words, values=values, numbers=numbers)


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    return gettext_noop("a launch fails"), {}


KIND = Kind(
    key="launch-failed",
    label=_("Launch: failed"),
    about=_("A launch ended with a failed phase and was not ready after it."),
    sentence=_sentence,
    judge=_judge,
)
