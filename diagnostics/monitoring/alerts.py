"""What the alert rules are told of a check."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_noop

from diagnostics.alerting import KINDS, Subject, calm, fire, rules_for
from diagnostics.charts.duration import human
from diagnostics.models import Check, Monitor
from diagnostics.records import NS_PER_SECOND

FAILURES, LATENCY, CERTIFICATE = "monitor-failures", "monitor-latency", "monitor-certificate"


def tell_rules(monitor: Monitor, check: Check) -> None:
    subject = Subject(monitor.service, monitor.key, monitor.name)
    _failures(monitor, check, subject)
    # An answer that never came is no slow one; the other rule tells of that.
    if check.status is not None:
        _latency(monitor, check, subject)
        _certificate(monitor, check, subject)


def _failures(monitor: Monitor, check: Check, subject: Subject) -> None:
    for rule in rules_for(FAILURES, monitor.service):
        if check.ok:
            calm(rule, subject, check.at)
        else:
            words = gettext_noop("%(monitor)s fails: %(why)s")
            values = {"monitor": monitor.name, "why": check.error.rstrip(".")}
            numbers = [("failures in a row", monitor.failures, "")]
            fire(rule, subject, check.at, words, url_of(monitor), values=values, numbers=numbers)


def _latency(monitor: Monitor, check: Check, subject: Subject) -> None:
    for rule in rules_for(LATENCY, monitor.service):
        limit = round(KINDS[LATENCY].setting(rule, "limit_s") * NS_PER_SECOND)
        if check.total_ns <= limit:
            calm(rule, subject, check.at)
        else:
            words = gettext_noop("%(monitor)s answers in %(took)s, the limit is %(limit)s")
            values = {"monitor": monitor.name, "took": human(check.total_ns), "limit": human(limit)}
            numbers = [("latency", check.total_ns, "ns"), ("limit", limit, "ns")]
            fire(rule, subject, check.at, words, url_of(monitor), values=values, numbers=numbers)


def _certificate(monitor: Monitor, check: Check, subject: Subject) -> None:
    until = monitor.certificate_until
    for rule in rules_for(CERTIFICATE, monitor.service):
        if until is None or until - check.at >= timedelta(days=monitor.tls_warn_days):
            calm(rule, subject, check.at)
        else:
            words = gettext_noop("the certificate that %(monitor)s meets ends on %(day)s")
            values = {"monitor": monitor.name, "day": f"{until:%Y-%m-%d}"}
            fire(rule, subject, check.at, words, url_of(monitor), values=values)


def url_of(monitor: Monitor) -> str:
    return f"/monitors/{monitor.pk}/"
