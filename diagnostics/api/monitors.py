"""Monitors of services, and what their checks saw."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Annotated, Any

from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict

from diagnostics import monitoring
from diagnostics.api import paging
from diagnostics.api.auth import DECIDE, READ, access_of, actor_of
from diagnostics.api.errors import ApiError, ErrorOut
from diagnostics.api.filters import Moment, Text, time
from diagnostics.models import Check, Monitor
from diagnostics.records import NS_PER_SECOND
from diagnostics.roles import may

router = Router(auth=READ)
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 404, 409, 422), ErrorOut)
MOST_ID = 2**63 - 1


class MonitorIn(Schema):
    """What to ask, how often, and what to expect. ``headers``: name to value; null as a value keeps the saved one."""

    model_config = ConfigDict(extra="forbid")

    service: str
    environment: str = ""
    name: str
    url: str
    method: str = "GET"
    expected_status: str = "200-299"
    expected_body: str = ""
    body_is_regex: bool = False
    headers: dict[str, str | None] | None = None
    interval: int = 30
    max_time: float = 5.0
    tls_verify: bool = True
    tls_warn_days: int = 14
    follow_redirects: bool = True
    enabled: bool = True

    def wanted(self) -> monitoring.WantedMonitor:
        return monitoring.WantedMonitor(**self.model_dump(exclude={"service", "environment"}))


class MonitorOut(Schema):
    """``state``: new, up, down or paused; ``headers`` are their names: values are never told."""

    id: int
    service: str
    environment: str
    name: str
    url: str
    method: str
    expected_status: str
    expected_body: str
    body_is_regex: bool
    headers: list[str]
    interval: int
    max_time: float
    tls_verify: bool
    tls_warn_days: int
    follow_redirects: bool
    enabled: bool
    state: str
    since: str | None
    checked_at: str | None
    failures: int
    latency_ns: int | None
    error: str
    certificate_until: str | None
    page: str


class MonitorPage(Schema):
    items: list[MonitorOut]
    next: str | None


class CheckOut(Schema):
    """``due`` is the instant of the grid it stands for, ``at`` when it began. Times of parts are null where unknown."""

    due: str
    at: str
    ok: bool
    status: int | None
    reason: str
    error: str
    dns_ns: int | None
    connect_ns: int | None
    tls_ns: int | None
    first_byte_ns: int | None
    total_ns: int


class CheckPage(Schema):
    items: list[CheckOut]
    next: str | None


class MonitorQuery(Schema):
    service: Text | None = None
    environment: Text | None = None
    limit: paging.Limit = 50
    cursor: paging.Cursor = None


class ChecksQuery(Schema):
    ok: bool | None = None
    since: Moment | None = None
    until: Moment | None = None
    limit: paging.Limit = 100
    cursor: paging.Cursor = None


@router.get("", response={200: MonitorPage, **FAILURES})
def listed(request: HttpRequest, query: Annotated[MonitorQuery, Query()]) -> dict[str, Any]:
    """In the order they were made."""
    wanted = {"service__name": query.service, "service__environment": query.environment}
    rows = Monitor.objects.select_related("service").filter(
        access_of(request).visible(), **{key: value for key, value in wanted.items() if value is not None}
    )
    if query.cursor:
        rows = rows.filter(pk__gt=paging.decode(query.cursor, int)[0])
    page = list(rows.order_by("pk")[: query.limit + 1])
    following = paging.encode(page[query.limit - 1].pk) if len(page) > query.limit else None
    return {"items": [_monitor_out(row) for row in page[: query.limit]], "next": following}


@router.post("", response={201: MonitorOut, **FAILURES}, auth=DECIDE)
def create(request: HttpRequest, given: MonitorIn) -> Status[dict[str, Any]]:
    """Make a monitor; a service that is not known yet is made with it."""
    return Status(201, _saved(request, given, None))


@router.get("/{int:monitor_id}", response={200: MonitorOut, **FAILURES})
def one(request: HttpRequest, monitor_id: int) -> dict[str, Any]:
    """One monitor and its state."""
    return _monitor_out(_visible(request, monitor_id))


@router.put("/{int:monitor_id}", response={200: MonitorOut, **FAILURES}, auth=DECIDE)
def replace(request: HttpRequest, monitor_id: int, given: MonitorIn) -> dict[str, Any]:
    """Replace what a monitor says; without ``headers`` the saved ones stay."""
    return _saved(request, given, _visible(request, monitor_id))


@router.delete("/{int:monitor_id}", response={204: None, **FAILURES}, auth=DECIDE)
def delete(request: HttpRequest, monitor_id: int) -> Status[None]:
    """Delete a monitor with its checks and outages."""
    monitoring.delete(_visible(request, monitor_id), actor_of(request))
    return Status(204, None)


@router.get("/{int:monitor_id}/checks", response={200: CheckPage, **FAILURES})
def checks(request: HttpRequest, monitor_id: int, query: Annotated[ChecksQuery, Query()]) -> dict[str, Any]:
    """Newest first; ``since`` inclusive, ``until`` exclusive."""
    rows = Check.objects.filter(_narrowed(query), monitor=_visible(request, monitor_id))
    if query.cursor:
        rows = rows.filter(pk__lt=paging.decode(query.cursor, int)[0])
    page = list(rows.order_by("-pk")[: query.limit + 1])
    following = paging.encode(page[query.limit - 1].pk) if len(page) > query.limit else None
    return {"items": [_check_out(row) for row in page[: query.limit]], "next": following}


def _narrowed(query: ChecksQuery) -> Q:
    found = Q() if query.ok is None else Q(ok=query.ok)
    if (since := time(query.since, "since")) is not None:
        found &= Q(at__gte=_moment(since))
    if (until := time(query.until, "until")) is not None:
        found &= Q(at__lt=_moment(until))
    return found


def _moment(ns: int) -> datetime:
    return datetime.fromtimestamp(ns / NS_PER_SECOND, UTC)


def _saved(request: HttpRequest, given: MonitorIn, before: Monitor | None) -> dict[str, Any]:
    allowed = access_of(request).services
    if allowed and given.service not in allowed:
        raise ApiError(403, "service_not_allowed", f"This token is not for “{given.service[:200]}”", "service")
    if given.headers and isinstance(request.user, User) and not may(request.user, "admin"):
        raise ApiError(403, "wrong_role", "Headers hold secrets: setting them needs the role “admin”", "headers")
    saved = monitoring.save((given.service, given.environment), given.wanted(), actor_of(request), before)
    return _monitor_out(_visible(request, saved.pk))


def _visible(request: HttpRequest, monitor_id: int) -> Monitor:
    rows = Monitor.objects.select_related("service").filter(access_of(request).visible())
    return get_object_or_404(rows, pk=min(monitor_id, MOST_ID))


def _monitor_out(monitor: Monitor) -> dict[str, Any]:
    own = {one.name for one in fields(monitoring.WantedMonitor)} - {"headers"}
    return {
        **{name: getattr(monitor, name) for name in own},
        "id": monitor.pk,
        "service": monitor.service.name,
        "environment": monitor.service.environment,
        "headers": monitoring.header_names(monitor),
        "state": monitor.shown_state,
        "since": _text(monitor.changed_at),
        "checked_at": _text(monitor.checked_at),
        "failures": monitor.failures,
        "latency_ns": monitor.last_ns,
        "error": monitor.last_error,
        "certificate_until": _text(monitor.certificate_until),
        "page": f"/monitors/{monitor.pk}/",
    }


def _check_out(check: Check) -> dict[str, Any]:
    parts = ("ok", "status", "reason", "error", "dns_ns", "connect_ns", "tls_ns", "first_byte_ns", "total_ns")
    return {"due": _text(check.due), "at": _text(check.at)} | {name: getattr(check, name) for name in parts}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
