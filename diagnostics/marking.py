"""Instants that others tell of, written down: deploys, and alerts of an Alertmanager."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from diagnostics.ingest.upload_error import UploadError
from diagnostics.models import Marker, Service
from diagnostics.parsers.timestamps import moment
from diagnostics.records import NS_PER_SECOND, ParseError

DAY = 86_400 * NS_PER_SECOND
MOST_ALERTS = 1_000
NEVER = "0001-01-01T00:00:00Z"  # how Alertmanager writes "it has not ended"


@dataclass(frozen=True, slots=True)
class Told:
    """A marker as its sender says it; ``at`` and ``until`` are ns, ``key`` the sender's own id for it."""

    service: str
    environment: str
    kind: str
    at: int | None = None
    until: int | None = None
    key: str = ""
    version: str = ""
    commit: str = ""
    url: str = ""
    text: str = ""
    severity: str = ""


@transaction.atomic
def mark(told: Told, sender: str, allowed: Sequence[str] = ()) -> tuple[Marker, bool]:
    """Store it; the same again is the same marker (an alert's end is added). Returns it and whether it is new.

    ``allowed``: the services that the sender may speak of, none for all. Raises ``UploadError``.
    """
    if allowed and told.service not in allowed:
        raise UploadError("service_not_allowed", f"This token may not tell of “{told.service}”", "service")
    now = time.time_ns()
    at = now if told.at is None else told.at
    if not 0 <= at <= now + DAY:
        raise UploadError("invalid_time", "The time lies before 1970 or more than a day in the future", "time")
    if told.until is not None and told.until < at:
        raise UploadError("invalid_time", "It ends before it begins", "until")
    values = {name: getattr(told, name) for name in ("until", "version", "commit", "url", "text", "severity")}
    return Marker.objects.update_or_create(
        service=Service.objects.known(told.service, told.environment),
        kind=told.kind,
        key=told.key or _key(told),
        defaults=values,
        create_defaults=values | {"at": at, "sent_by": sender},
    )


def _key(told: Told) -> str:
    """A deploy of the same version at the same time is the same deploy; told without a time, within the hour."""
    at = told.at if told.at is not None else f"hour {time.time_ns() // (3600 * NS_PER_SECOND)}"
    parts = (str(at), told.version, told.commit, told.text, told.url)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def from_alertmanager(alerts: Sequence[Mapping[str, Any]], service: str, environment: str) -> list[Told]:
    """The alerts of a webhook message (version 4). Raises ``UploadError`` with the place of what is wrong.

    The service is the label ``service`` (or ``launchscope_service``), else the one of the webhook's address.
    """
    return [_alert(alert, f"alerts[{n}]", service, environment) for n, alert in enumerate(alerts)]


def _alert(alert: Mapping[str, Any], where: str, service: str, environment: str) -> Told:
    labels, annotations = _texts(alert, "labels", where), _texts(alert, "annotations", where)
    name = labels.get("launchscope_service") or labels.get("service") or service
    if not name:
        message = "No service: give the alert a label “service”, or the webhook’s address ?service=…"
        raise UploadError("no_service", message, f"{where}.labels.service")
    began, ended = _time(alert, "startsAt", where), _time(alert, "endsAt", where)
    if began is None:
        raise UploadError("invalid_time", "startsAt is missing", f"{where}.startsAt")
    is_over = alert.get("status") == "resolved"
    title = labels.get("alertname", "alert")
    words = annotations.get("summary") or annotations.get("description") or annotations.get("message") or ""
    return Told(
        service=name,
        environment=labels.get("environment", environment),
        kind=Marker.Kind.ALERT,
        at=began,
        until=max(ended or began, began) if is_over else None,
        key=f"{alert.get('fingerprint') or sorted(labels.items())}@{began}"[:500].replace("\0", ""),
        url=_link(str(alert.get("generatorURL") or "")),
        text=f"{title}: {words}"[:1000] if words else title[:1000],
        severity=labels.get("severity", "")[:100],
    )


def _link(text: str) -> str:
    """Only what a browser may follow; anything may be in a message."""
    return text[:2000] if text.startswith(("http://", "https://")) and "\0" not in text else ""


def _texts(alert: Mapping[str, Any], name: str, where: str) -> Mapping[str, str]:
    found = alert.get(name) or {}
    if not isinstance(found, Mapping):
        raise UploadError("invalid_alerts", f"“{name}” is an object of texts", f"{where}.{name}")
    return {str(key): str(value).replace("\0", "") for key, value in found.items()}


def _time(alert: Mapping[str, Any], name: str, where: str) -> int | None:
    text = alert.get(name)
    if text in (None, "", NEVER):
        return None
    try:
        return moment(str(text), f"{where}.{name}")
    except ParseError as error:
        raise UploadError("invalid_time", error.message, error.where) from None
