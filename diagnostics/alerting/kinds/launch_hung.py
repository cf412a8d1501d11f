"""A launch that goes on in silence: its phase takes three times what 95 % of them took, and no line came since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind, Setting
from diagnostics.alerting.kinds.measured import percentile
from diagnostics.alerting.kinds.spans import nanoseconds
from diagnostics.alerting.subject import Observation, Subject
from diagnostics.charts.duration import human
from diagnostics.models import AlertRule, Launch, PhaseRecord, Service
from diagnostics.querysets.launches import LaunchQuerySet
from diagnostics.records import LaunchStatus

WITHIN = timedelta(days=1)  # launches that began earlier are history
MOST = 50


def unfinished(service: Service) -> LaunchQuerySet:
    """Launches told of by logs and spans that do not say ready or failed. A snapshot is written when all is over."""
    open_end = Launch.objects.filter(service=service, ready_by="").exclude(status=LaunchStatus.FAILED)
    return open_end.exclude(artifacts__kind="snapshot")


def _look(rule: AlertRule, service: Service, now: datetime) -> Iterable[Observation]:
    since = round((now - WITHIN).timestamp()) * 10**9
    waiting = unfinished(service).filter(start_time__gte=since).order_by("-start_time", "-id")[:MOST]
    if waiting:
        good = Launch.objects.filter(service=service, status=LaunchStatus.SUCCESS).exclude(ready_by="")
        usual = list(good.order_by("-start_time", "-id").only("start_time", "total_ns")[: settings.BASELINE_LAUNCHES])
        if len(usual) >= settings.BASELINE_LEAST:
            for launch in waiting:
                yield _held_against(rule, launch, usual, now)
    yield from _over(rule, service, now)


def _held_against(rule: AlertRule, launch: Launch, usual: Sequence[Launch], now: datetime) -> Observation:
    factor, last = KIND.setting(rule, "factor"), _last_sign(launch)
    silent = max(0, round(now.timestamp() * 10**9) - last)
    phase, p95 = _next_phase(launch, usual)
    limit = max(round(factor * p95), nanoseconds(KIND.setting(rule, "least_s")))
    words = gettext_noop(
        "the launch hangs: no line for %(silent)s in phase %(phase)s, which takes up to %(p95)s in 95 %% of launches"
    )
    if not phase:
        words = gettext_noop("the launch hangs: no line for %(silent)s; 95 %% of launches are ready within %(p95)s")
    name = launch.host.name if launch.host else str(launch.pk)[:8]
    return Observation(
        Subject(launch.service, f"launch:{launch.pk}", name),
        now,
        silent > limit,
        str(launch.pk),
        words,
        {"silent": human(silent), "phase": phase, "p95": human(p95)},
        [
            (gettext_noop("silent for"), silent, "ns"),
            (gettext_noop("p95 of the phase"), p95, "ns"),
            (gettext_noop("factor"), factor, ""),
            (gettext_noop("limit"), limit, "ns"),
        ],
        f"/launches/{launch.pk}/",
        launch.pk,
        once=True,
    )


def _last_sign(launch: Launch) -> int:
    """The newest thing told of the launch itself, ns: the end of a phase, or a line or event of one of its files."""
    told = launch.artifacts.aggregate(last=Max("last_ns"))["last"]
    return max(launch.ready_time, told or 0)


def _next_phase(launch: Launch, usual: Sequence[Launch]) -> tuple[str, int]:
    """What it is busy with: the first phase of the last good launch that it has not finished; with p95, ns."""
    done = set(PhaseRecord.objects.filter(launch=launch).values_list("series_id", flat=True))
    order = PhaseRecord.objects.filter(launch=usual[0]).order_by("start_time", "-depth", "position")
    rows = order.values_list("series_id", "series__path")
    for series, path in rows:
        if series not in done:
            took = PhaseRecord.objects.filter(series=series, launch__in=[one.pk for one in usual])
            return path, percentile(list(took.values_list("duration_ns", flat=True)), 0.95)
    return "", percentile([one.total_ns or 0 for one in usual], 0.95)


def _over(rule: AlertRule, service: Service, now: datetime) -> Iterable[Observation]:
    """Alerts of launches that became ready, or failed, after all."""
    alerts = rule.alerts.live().filter(service=service, launch__isnull=False).select_related("launch")
    still = set(unfinished(service).filter(pk__in=[alert.launch_id for alert in alerts]).values_list("pk", flat=True))
    for alert in alerts:
        if alert.launch_id not in still:
            subject = Subject(service, alert.subject_key, alert.subject_name)
            yield Observation(subject, now, False, f"{alert.change}:over", once=True)


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    words = gettext_noop("a launch is silent for more than %(factor)s × the p95 of its phase")
    return words, {"factor": f"{KIND.setting(rule, 'factor'):g}"}


KIND = Kind(
    key="launch-hung",
    label=_("Launch: hangs"),
    about=_(
        "A launch that is not ready yet sent no log line, event or span for longer than its phase ever takes: "
        "so many times the p95 of the phase in the newest good launches."
    ),
    sentence=_sentence,
    settings=[
        Setting("factor", _("Times the p95 of the phase"), 3, "number", 1, 1000),
        Setting("least_s", _("And silent for at least"), 60, "seconds", 1, 604_800),
    ],
    counts=False,
    look=_look,
)
