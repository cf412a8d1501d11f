"""No launch of a service for too long: its schedule, or its agent, has stopped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind, Setting
from diagnostics.alerting.kinds.spans import moment, nanoseconds, span
from diagnostics.alerting.subject import Observation, Subject
from diagnostics.charts.duration import human
from diagnostics.models import AlertRule, Launch, Service


def _look(rule: AlertRule, service: Service, now: datetime) -> Iterable[Observation]:
    newest = Launch.objects.filter(service=service).order_by("-start_time", "-id").only("start_time").first()
    if newest is None:
        return
    due = moment(newest.start_time) + timedelta(seconds=KIND.setting(rule, "after_s"))
    if rule.service_id is None and due < rule.created_at:
        return  # a rule for all services is not about those given up long ago
    yield _silence(rule, service, newest, now)


def _silence(rule: AlertRule, service: Service, newest: Launch, now: datetime) -> Observation:
    last, patience = moment(newest.start_time), KIND.setting(rule, "after_s")
    due = last + timedelta(seconds=patience)
    silent = max(0, round((now - last).total_seconds()))
    numbers = [
        (gettext_noop("silent for"), nanoseconds(silent), "ns"),
        (gettext_noop("expected within"), nanoseconds(patience), "ns"),
    ]
    return Observation(
        Subject(service, "heartbeat", ""),
        now,
        now > due,
        str(newest.pk),
        gettext_noop("no launch for %(silent)s; one is expected every %(patience)s"),
        {"silent": human(nanoseconds(silent)), "patience": span(patience)},
        numbers,
        f"/launches/{newest.pk}/",
        newest.pk,
        once=True,
    )


def _rehearse(rule: AlertRule, launches: Sequence[Launch]) -> Iterable[tuple[Launch, Observation]]:
    """The gaps between launches of one service that were too long."""
    last: dict[int, Launch] = {}
    for launch in launches:
        before = last.get(launch.service_id)
        last[launch.service_id] = launch
        if before is not None:
            gap = _silence(rule, launch.service, before, moment(launch.start_time))
            if gap.holds:
                yield before, gap


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    return gettext_noop("no launch for %(patience)s"), {"patience": span(KIND.setting(rule, "after_s"))}


KIND = Kind(
    key="heartbeat",
    label=_("Heartbeat: no launch"),
    about=_("No launch of the service has begun for so long."),
    sentence=_sentence,
    settings=[Setting("after_s", _("No launch for"), 172_800, "seconds", 60, 31_536_000)],
    counts=False,
    look=_look,
    rehearse=_rehearse,
)
