"""A regression on the wire: the schemas of the contract, and rows put into their shape."""

from __future__ import annotations

from typing import Any

from ninja import Schema

from diagnostics.models import Regression


class NumberOut(Schema):
    name: str
    value: float | int
    unit: str  # ns, ratio or none


class RegressionOut(Schema):
    id: int
    service: str
    environment: str
    phase: str | None
    state: str
    ratio: float | None
    low: float
    high: float
    delta_ns: int
    first_launch: str
    first_version: str
    opened_at: str
    rule: str
    url: str
    numbers: list[NumberOut]
    assignee: str | None
    reason: str
    note: str
    ticket: str
    updated_at: str


class ChangeOut(Schema):
    at: str
    by: str
    from_state: str
    to_state: str
    text: str


class RegressionDetailOut(RegressionOut):
    history: list[ChangeOut]


class RegressionPage(Schema):
    items: list[RegressionOut]
    next: str | None


def regression_out(regression: Regression) -> dict[str, Any]:
    return {
        "id": regression.pk,
        "service": regression.service.name,
        "environment": regression.service.environment,
        "phase": regression.phase,
        "state": regression.state,
        "ratio": None if regression.baseline_ns == 0 else regression.ratio,
        "low": regression.low,
        "high": regression.high,
        "delta_ns": regression.delta_ns,
        "first_launch": str(regression.first_launch_id),
        "first_version": regression.first_version,
        "opened_at": regression.opened_at.isoformat(),
        "rule": regression.rule,
        "url": f"/regressions/{regression.pk}/",
        "numbers": [{"name": name, "value": value, "unit": unit} for name, value, unit in regression.numbers],
        "assignee": regression.assignee.get_username() if regression.assignee else None,
        "reason": regression.reason,
        "note": regression.note,
        "ticket": regression.ticket,
        "updated_at": regression.updated_at.isoformat(),
    }


def regression_detail_out(regression: Regression) -> dict[str, Any]:
    """A regression with everything that was done to it, oldest first."""
    history = [
        {
            "at": change.at.isoformat(),
            "by": change.actor,
            "from_state": change.from_state,
            "to_state": change.to_state,
            "text": change.text,
        }
        for change in regression.changes.all()
    ]
    return regression_out(regression) | {"history": history}
