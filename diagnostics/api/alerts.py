"""What fires, and the rules by which it does."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict

from diagnostics import alerting
from diagnostics.alerting import AlertError, Wanted
from diagnostics.api import paging
from diagnostics.api.alert_shapes import (
    AlertDetailOut,
    AlertPage,
    RuleIn,
    RuleList,
    RuleOut,
    alert_detail_out,
    alert_out,
    rule_out,
)
from diagnostics.api.auth import DECIDE, READ, access_of, actor_of
from diagnostics.api.errors import ApiError, ErrorOut
from diagnostics.api.filters import Text
from diagnostics.models import Alert, AlertRule, Channel, Service

router = Router(auth=READ)
rules_router = Router(auth=READ)
State = Literal["firing", "acknowledged", "resolved"]
Severity = Literal["warning", "critical"]
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 404, 409, 422), ErrorOut)
MOST_ID = 2**63 - 1
MOST_RULES = 1000


class AlertQuery(Schema):
    service: Text | None = None
    environment: Text | None = None
    state: State | None = None
    severity: Severity | None = None
    limit: paging.Limit = 50
    cursor: paging.Cursor = None


class AlertPatch(Schema):
    model_config = ConfigDict(extra="forbid")

    state: State
    text: str = ""  # a note for the history


@router.get("", response={200: AlertPage, **dict.fromkeys((400, 401, 403, 422), ErrorOut)})
def listed(request: HttpRequest, query: Annotated[AlertQuery, Query()]) -> dict[str, Any]:
    """Newest first."""
    wanted = {
        "service__name": query.service,
        "service__environment": query.environment,
        "state": query.state,
        "severity": query.severity,
    }
    rows = Alert.objects.filter(
        access_of(request).visible(), **{key: value for key, value in wanted.items() if value is not None}
    )
    if query.cursor:
        rows = rows.filter(pk__lt=paging.decode(query.cursor, int)[0])
    page = list(rows.select_related("service").order_by("-pk")[: query.limit + 1])
    following = paging.encode(page[query.limit - 1].pk) if len(page) > query.limit else None
    return {"items": [alert_out(row) for row in page[: query.limit]], "next": following}


@router.get("/{int:alert_id}", response={200: AlertDetailOut, **FAILURES})
def one(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    """One alert with its history."""
    return alert_detail_out(_visible(request, alert_id))


@router.patch("/{int:alert_id}", response={200: AlertDetailOut, **FAILURES}, auth=DECIDE)
def decide(request: HttpRequest, alert_id: int, patch: AlertPatch) -> dict[str, Any]:
    """Acknowledge it, take that back (firing), or resolve it; resolving is told to who heard of it."""
    _visible(request, alert_id)
    alerting.decide(alert_id, patch.state, actor_of(request), patch.text)
    return alert_detail_out(_visible(request, alert_id))


@rules_router.get("", response={200: RuleList, **dict.fromkeys((401, 403), ErrorOut)})
def rules(request: HttpRequest) -> dict[str, Any]:
    """Every rule, by name."""
    rows = AlertRule.objects.listed().filter(access_of(request).visible()).prefetch_related("channels")
    return {"items": [rule_out(row) for row in rows[:MOST_RULES]], "next": None}


@rules_router.post("", response={201: RuleOut, **FAILURES}, auth=DECIDE)
def make(request: HttpRequest, rule: RuleIn) -> Status[dict[str, Any]]:
    """Make a rule; see “Alert rules” in the operations guide for kinds and their settings."""
    return Status(201, rule_out(alerting.save_rule(_wanted(request, rule), actor_of(request))))


@rules_router.put("/{int:rule_id}", response={200: RuleOut, **FAILURES}, auth=DECIDE)
def replace(request: HttpRequest, rule_id: int, rule: RuleIn) -> dict[str, Any]:
    """Set a rule as a whole; its kind stays."""
    own = _rule(request, rule_id)
    if own.kind != rule.kind:
        raise ApiError(422, "invalid_parameter", f"The kind of a rule stays: “{own.kind}”", "kind")
    return rule_out(alerting.save_rule(_wanted(request, rule), actor_of(request), own.pk))


@rules_router.delete("/{int:rule_id}", response={204: None, **FAILURES}, auth=DECIDE)
def delete(request: HttpRequest, rule_id: int) -> Status[None]:
    """Delete a rule for good; its alerts are over and stay in the history."""
    alerting.delete_rule(_rule(request, rule_id).pk, actor_of(request))
    return Status(204, None)


def _visible(request: HttpRequest, alert_id: int) -> Alert:
    rows = Alert.objects.select_related("service").filter(access_of(request).visible()).prefetch_related("changes")
    return get_object_or_404(rows, pk=min(alert_id, MOST_ID))


def _rule(request: HttpRequest, rule_id: int) -> AlertRule:
    return get_object_or_404(AlertRule.objects.filter(access_of(request).visible()), pk=min(rule_id, MOST_ID))


def _wanted(request: HttpRequest, rule: RuleIn) -> Wanted:
    told = rule.model_dump(exclude={"service", "channels", "environment"})
    names = rule.channels or []
    channels = list(Channel.objects.filter(name__in=[name for name in names if "\0" not in name]))
    if missing := {*names} - {channel.name for channel in channels}:
        raise AlertError(f"There is no channel “{min(missing)[:60]}”", "channels")
    service = _service(request, rule)
    environment = "" if service else rule.environment
    every = rule.channels is None
    return Wanted(**told, service=service, environment=environment, every_channel=every, channels=tuple(channels))


def _service(request: HttpRequest, rule: RuleIn) -> Service | None:
    """Of a token bound to services, a rule must name one of them."""
    if rule.service is None:
        if access_of(request).services:
            raise ApiError(403, "service_not_allowed", "This token is bound to services: name one of them", "service")
        return None
    known = Service.objects.filter(access_of(request).visible(""), environment=rule.environment.replace("\0", ""))
    found = known.filter(name=rule.service.replace("\0", "")).first()
    if found is None:
        where = f"in the environment “{rule.environment[:60]}”" if rule.environment else "without an environment"
        raise AlertError(f"There is no service “{rule.service[:60]}” {where}", "service")
    return found
