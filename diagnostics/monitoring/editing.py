"""Making and changing monitors: the form's and the API's one way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from diagnostics.alerting.observing import resolve as end_alert
from diagnostics.models import Alert, Monitor, Outage, Service
from diagnostics.models.sealed import Unreadable, seal, unseal
from diagnostics.monitoring.expectations import ExpectationError, pattern, statuses
from diagnostics.outbound import OutboundError, Reason, Resolver, check
from diagnostics.outbound.asking import read_url
from diagnostics.outbound.network import system_resolver
from diagnostics.triage import Actor

LONGEST = 2000  # characters of a URL, text or header
MOST_NAME = 200
MOST_HEADERS = 20
LEAST_INTERVAL, MOST_INTERVAL, MOST_TIME, MOST_DAYS = 5, 86_400, 60.0, 365
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
# These are the connection's own: another value would make the request unreadable.
_OWN_HEADERS = {"content-length", "transfer-encoding", "connection", "accept-encoding"}


class MonitorError(Exception):
    """The monitor cannot be so; ``where`` names the field."""

    def __init__(self, message: str, where: str, code: str = "invalid_parameter") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.code = code


@dataclass(frozen=True, slots=True)
class WantedMonitor:
    """A monitor as somebody asks for it; see ``Monitor``. ``headers`` None leaves those that are saved; a header whose
    value is None keeps its saved one."""

    name: str
    url: str
    method: str = "GET"
    expected_status: str = "200-299"
    expected_body: str = ""
    body_is_regex: bool = False
    headers: Mapping[str, str | None] | None = None
    interval: int = 30
    max_time: float = 5.0
    tls_verify: bool = True
    tls_warn_days: int = 14
    follow_redirects: bool = True
    enabled: bool = True


def save(
    service: Service | tuple[str, str],
    wanted: WantedMonitor,
    by: Actor,
    monitor: Monitor | None = None,
    now: datetime | None = None,
    resolve: Resolver = system_resolver,
) -> Monitor:
    """Make a monitor, or replace what ``monitor`` says. Raises ``MonitorError``; then nothing has changed.

    A service may be given by name and environment, and is made if it is new: a monitor may come before its launches.
    """
    _check(wanted, resolve)
    now = now or timezone.now()
    saved = _saved(monitor)
    if saved and monitor and _origin(monitor.url) != _origin(wanted.url):
        # Else whoever may change an address could have the secrets sent to one of theirs.
        saved = {}
        if wanted.headers is None:
            text = _("The headers were given for another host: an administrator has to enter them again.")
            raise MonitorError(text, "headers")
    fields = {name: value for name, value in asdict(wanted).items() if name != "headers"}
    fields |= {"name": wanted.name.strip(), "url": wanted.url.strip(), "updated_by": by.name}
    fields["sealed_headers"] = _sealed(_headers(wanted, saved)) if wanted.headers is not None else None
    try:
        with transaction.atomic():
            return _stored(_known(service), {k: v for k, v in fields.items() if v is not None}, monitor, now)
    except IntegrityError as error:
        if "monitor_name_once" not in str(error):
            raise
        text = _("This service has a monitor of this name already.")
        raise MonitorError(text, "name", "conflict") from None


def _known(service: Service | tuple[str, str]) -> Service:
    if isinstance(service, Service):
        return service
    name, environment = (part.strip() for part in service)
    if not name or max(len(name), len(environment)) > MOST_NAME or "\0" in name + environment:
        raise MonitorError(_("Name a service, in at most 200 characters."), "service")
    return Service.objects.known(name, environment)


def _origin(url: str) -> tuple[str, str, int | None]:
    read = read_url(url)
    return read.scheme, read.host, read.port


def _stored(service: Service, fields: Mapping[str, object], monitor: Monitor | None, now: datetime) -> Monitor:
    if monitor is None:
        return Monitor.objects.create(service=service, next_due=now, **fields)
    row = Monitor.objects.select_for_update(of=("self",)).get(pk=monitor.pk)
    # Another rhythm, or a pause that ends, begins a grid of its own.
    begins_anew = row.interval != fields["interval"] or (fields["enabled"] and not row.enabled)
    for name, value in fields.items():
        setattr(row, name, value)
    row.service = service
    if begins_anew:
        row.next_due = now
    row.save()
    if not row.enabled:
        _let_go(row, Actor(row.updated_by), "the monitor was paused", now)
    return row


@transaction.atomic
def switch(monitor: Monitor, enabled: bool, by: Actor, now: datetime | None = None) -> None:
    """Pause or resume; what was due meanwhile is not made up for."""
    row = Monitor.objects.select_for_update(of=("self",)).get(pk=monitor.pk)
    if enabled and not row.enabled:
        row.next_due = now or timezone.now()
    row.enabled, row.updated_by = enabled, by.name
    row.save(update_fields=["enabled", "next_due", "updated_by"])
    if not enabled:
        _let_go(row, by, "the monitor was paused", now or timezone.now())


@transaction.atomic
def delete(monitor: Monitor, by: Actor, now: datetime | None = None) -> None:
    """With its checks and outages."""
    _let_go(monitor, by, "the monitor was deleted", now or timezone.now())
    monitor.delete()


def _let_go(monitor: Monitor, by: Actor, why: str, now: datetime) -> None:
    """Nobody looks any more: what it raised would stay for ever."""
    for alert in Alert.objects.live().filter(service=monitor.service_id, subject_key=monitor.key):
        end_alert(alert, by, why)
    Outage.objects.filter(monitor=monitor, ended_at=None).update(ended_at=now)


def header_names(monitor: Monitor) -> list[str]:
    """What may be shown of its headers."""
    return list(_saved(monitor))


def _saved(monitor: Monitor | None) -> dict[str, str]:
    try:
        return unseal(monitor.sealed_headers) if monitor else {}
    except Unreadable:
        return {}


def _sealed(headers: Mapping[str, str]) -> str:
    return seal(headers) if headers else ""


def _headers(wanted: WantedMonitor, saved: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, value in (wanted.headers or {}).items():
        if value is None and name not in saved:
            raise MonitorError(_("The header “%(name)s” has no value yet.") % {"name": name}, "headers")
        found[name] = saved[name] if value is None else value
    return found


def _check(wanted: WantedMonitor, resolve: Resolver) -> None:
    _check_texts(wanted)
    _check_numbers(wanted)
    _check_headers(wanted.headers or {})
    try:
        statuses(wanted.expected_status)
    except ExpectationError as error:
        raise MonitorError(f"{error}.", "expected_status") from None
    try:
        if wanted.body_is_regex:
            pattern(wanted.expected_body)
    except ExpectationError as error:
        raise MonitorError(f"{error}.", "expected_body") from None
    try:
        check(wanted.url, resolve)
    except OutboundError as error:
        # A name may resolve tomorrow; an address that is not allowed is told of at once.
        if error.reason in (Reason.URL, Reason.FORBIDDEN):
            raise MonitorError(error.message, "url") from None


def _check_texts(wanted: WantedMonitor) -> None:
    for where in ("name", "url", "expected_status", "expected_body"):
        text = getattr(wanted, where)
        if len(text) > LONGEST or "\0" in text:
            raise MonitorError(_("At most %(most)d characters, and no NUL, please.") % {"most": LONGEST}, where)
    if not wanted.name.strip():
        raise MonitorError(_("Give it a name."), "name")
    if wanted.method not in Monitor.METHODS:
        raise MonitorError(_("The method is %(some)s.") % {"some": ", ".join(Monitor.METHODS)}, "method")
    if wanted.method == "HEAD" and wanted.expected_body:
        raise MonitorError(_("An answer to HEAD has no body: use GET."), "expected_body")


def _check_numbers(wanted: WantedMonitor) -> None:
    if not LEAST_INTERVAL <= wanted.interval <= MOST_INTERVAL:
        raise MonitorError(_("An interval is 5 to 86400 seconds."), "interval")
    if not 0 < wanted.max_time <= MOST_TIME:
        raise MonitorError(_("The longest time is more than 0 and at most 60 seconds."), "max_time")
    if not 0 <= wanted.tls_warn_days <= MOST_DAYS:
        raise MonitorError(_("The warning comes 0 to 365 days before."), "tls_warn_days")


def _check_headers(headers: Mapping[str, str | None]) -> None:
    if len(headers) > MOST_HEADERS:
        raise MonitorError(_("At most %(most)d headers, please.") % {"most": MOST_HEADERS}, "headers")
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or name.lower() in _OWN_HEADERS:
            raise MonitorError(_("“%(name)s” is no header that may be set.") % {"name": name[:60]}, "headers")
        if value is not None and (len(value) > LONGEST or not value.isprintable() or not _is_latin(value)):
            raise MonitorError(_("The value of “%(name)s” cannot be sent.") % {"name": name}, "headers")


def _is_latin(text: str) -> bool:
    return all(ord(character) < 256 for character in text)
