"""Alerts and rules on the wire: the schemas of the contract, and rows put into their shape."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from diagnostics.alerting.wording import sentence_of
from diagnostics.api.regression_shapes import ChangeOut, NumberOut
from diagnostics.models import Alert, AlertRule
from diagnostics.parsers.timestamps import INT64_MAX

Whole = Annotated[int, Field(ge=-INT64_MAX, le=INT64_MAX)]


class AlertNumber(NumberOut):
    value: float | int | str  # type: ignore[assignment]


class AlertOut(Schema):
    id: int
    service: str
    environment: str
    severity: str
    state: str
    kind: str
    rule: str
    rule_id: int | None
    rule_text: str
    subject: str
    text: str
    numbers: list[AlertNumber]
    launch: str | None
    proof: str
    url: str
    incident: int | None
    times: int
    began_at: str
    fired_at: str
    last_at: str
    resolved_at: str | None


class AlertDetailOut(AlertOut):
    history: list[ChangeOut]


class AlertPage(Schema):
    items: list[AlertOut]
    next: str | None


class RuleIn(Schema):
    """A rule as a whole; what is left out has its default. Settings are numbers, times in seconds."""

    model_config = ConfigDict(extra="forbid")

    name: str
    kind: str
    service: str | None = None  # null is all of them
    environment: str = ""  # of the service, or of all services
    phase: str = ""
    settings: dict[str, float | int] = {}
    severity: str = "warning"
    for_times: Whole = 1
    for_seconds: Whole = 0
    resolve_after: Whole = 1
    cool_down: Whole = 0
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_zone: str = "UTC"
    quiet_holds_critical: bool = False
    channels: list[str] | None = None  # names; null is every channel
    enabled: bool = True


class RuleOut(RuleIn):
    id: int
    sentence: str
    last_fired_at: str | None
    url: str


class RuleList(Schema):
    items: list[RuleOut]
    next: str | None


def alert_out(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.pk,
        "service": alert.service.name,
        "environment": alert.service.environment,
        "severity": alert.severity,
        "state": alert.state,
        "kind": alert.kind,
        "rule": alert.rule_name,
        "rule_id": alert.rule_id,
        "rule_text": alert.rule_text,
        "subject": alert.subject_key,
        "text": alert.text,
        "numbers": [{"name": name, "value": value, "unit": unit} for name, value, unit in alert.numbers],
        "launch": str(alert.launch_id) if alert.launch_id else None,
        "proof": alert.url,
        "url": f"/alerts/{alert.pk}/",
        "incident": alert.incident_id,
        "times": alert.times,
        "began_at": alert.began_at.isoformat(),
        "fired_at": alert.fired_at.isoformat(),
        "last_at": alert.last_at.isoformat(),
        "resolved_at": alert.resolved_at.isoformat() if alert.resolved_at else None,
    }


def alert_detail_out(alert: Alert) -> dict[str, Any]:
    """An alert with everything that was done to it, oldest first."""
    history = [
        {
            "at": change.at.isoformat(),
            "by": change.actor,
            "from_state": change.from_state,
            "to_state": change.to_state,
            "text": change.text,
        }
        for change in alert.changes.all()
    ]
    return alert_out(alert) | {"history": history}


def rule_out(rule: AlertRule) -> dict[str, Any]:
    plain = ("name", "kind", "phase", "settings", "severity", "for_times", "for_seconds", "resolve_after", "cool_down")
    quiet = ("quiet_from", "quiet_until", "quiet_zone", "quiet_holds_critical", "enabled")
    return {name: getattr(rule, name) for name in (*plain, *quiet)} | {
        "id": rule.pk,
        "service": rule.service.name if rule.service else None,
        "environment": rule.service.environment if rule.service else rule.environment,
        "channels": None if rule.every_channel else [channel.name for channel in rule.channels.all()],
        "sentence": sentence_of(rule),
        "last_fired_at": rule.last_fired_at.isoformat() if rule.last_fired_at else None,
        "url": f"/alerts/rules/{rule.pk}/",
    }
