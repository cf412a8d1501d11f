"""A regression opened. It is over when the regression is resolved or dismissed, whoever does that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from diagnostics.alerting.kinds.kind import Kind
from diagnostics.alerting.subject import Observation, Subject
from diagnostics.analysis.thresholds import Threshold
from diagnostics.charts.duration import human, ratio
from diagnostics.models import AlertRule, Launch, Regression, Service
from diagnostics.records import Verdict


def _judge(rule: AlertRule, launch: Launch) -> Iterable[Observation]:
    """Those that this launch confirms: what a history uploaded late has opened is not news."""
    slow = launch.flags.filter(verdict=Verdict.REGRESSED).values_list("series_id", flat=True)
    confirmed = Q(series__in=[series for series in slow if series])
    if None in slow:
        confirmed |= Q(series=None)
    live = Regression.objects.live().filter(confirmed, service=launch.service_id).select_related("series")
    for regression in live.order_by("pk"):
        if not rule.phase or Threshold(rule.phase).fits(regression.phase):
            yield _opened(regression, launch)
    yield from _over(rule, launch.service)


def _opened(regression: Regression, launch: Launch) -> Observation:
    # One that came back is another change than the one told before.
    opening = regression.changes.filter(to_state="open").exclude(from_state__in=["open", "acknowledged"]).last()
    words = gettext_noop("phase %(phase)s stays slower: %(before)s → %(since)s (%(ratio)s) since %(version)s")
    if regression.phase is None:
        words = gettext_noop("launches stay slower: %(before)s → %(since)s (%(ratio)s) since %(version)s")
    version = regression.first_version or f"{regression.first_launch_id}"[:8]
    return Observation(
        Subject(launch.service, f"regression:{regression.pk}", regression.phase or ""),
        opening.at if opening else regression.opened_at,
        True,
        f"{regression.pk}:{opening.pk if opening else 0}",
        words,
        {
            "phase": regression.phase or "",
            "before": human(regression.baseline_ns),
            "since": human(regression.candidate_ns),
            "ratio": ratio(regression.ratio),
            "version": version,
        },
        [
            (gettext_noop("baseline"), regression.baseline_ns, "ns"),
            (gettext_noop("since then"), regression.candidate_ns, "ns"),
            *((name, value, unit) for name, value, unit in regression.numbers),
        ],
        f"/regressions/{regression.pk}/",
        launch.pk,
        once=True,
    )


def _look(rule: AlertRule, service: Service, now: datetime) -> Iterable[Observation]:
    return _over(rule, service)


def _rehearse(rule: AlertRule, launches: Sequence[Launch]) -> Iterable[tuple[Launch, Observation]]:
    """Those that began with one of these launches, whatever became of them."""
    began = {launch.pk: launch for launch in launches}
    found = Regression.objects.filter(first_launch__in=list(began)).select_related("series")
    for regression in found.order_by("first_launch__start_time", "pk"):
        if not rule.phase or Threshold(rule.phase).fits(regression.phase):
            launch = began[regression.first_launch_id]
            yield launch, _opened(regression, launch)


def _over(rule: AlertRule, service: Service) -> Iterable[Observation]:
    alerts = {alert.subject_key: alert for alert in rule.alerts.live().filter(service=service)}
    ids = [int(key.partition(":")[2]) for key in alerts]
    live = set(Regression.objects.live().filter(pk__in=ids).values_list("pk", flat=True))
    for regression, alert in zip(ids, alerts.values(), strict=True):
        if regression not in live:
            subject = Subject(service, alert.subject_key, alert.subject_name)
            at = max(alert.last_at, alert.updated_at)
            yield Observation(subject, at, False, f"{alert.change}:over", once=True)


def _sentence(rule: AlertRule) -> tuple[str, Mapping[str, Any]]:
    if rule.phase:
        return gettext_noop("a regression of a phase like “%(phase)s” opens"), {"phase": rule.phase}
    return gettext_noop("a regression opens"), {}


KIND = Kind(
    key="regression",
    label=_("Regression opened"),
    about=_("Launches of a service, or a phase of them, stay slower than their baseline: a regression opened."),
    sentence=_sentence,
    takes_phase=True,
    counts=False,
    judge=_judge,
    look=_look,
    rehearse=_rehearse,
)
