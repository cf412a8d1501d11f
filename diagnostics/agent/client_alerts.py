"""Alerts, monitors, and where messages go.

Follows the OpenAPI document operation by operation; tests/agent/test_client.py tells what is missing after a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, TypedDict, Union
from urllib.parse import quote as place

from diagnostics.agent.client_base import Asking, Document, told

if TYPE_CHECKING:
    from typing_extensions import Unpack


class _MonitorFields(TypedDict):
    service: str
    name: str
    url: str


class MonitorFields(_MonitorFields, total=False):
    """What a monitor says of itself."""

    environment: Optional[str]
    method: Optional[str]
    expected_status: Optional[str]
    expected_body: Optional[str]
    body_is_regex: Optional[bool]
    headers: Optional[Mapping[str, Any]]
    interval: Optional[int]
    max_time: Optional[float]
    tls_verify: Optional[bool]
    tls_warn_days: Optional[int]
    follow_redirects: Optional[bool]
    enabled: Optional[bool]


class _RuleFields(TypedDict):
    name: str
    kind: str


class RuleFields(_RuleFields, total=False):
    """What a rule says; see “Alert rules” in the operations guide for kinds and their settings."""

    service: Optional[str]
    environment: Optional[str]
    phase: Optional[str]
    settings: Optional[Mapping[str, Any]]
    severity: Optional[str]
    for_times: Optional[int]
    for_seconds: Optional[int]
    resolve_after: Optional[int]
    cool_down: Optional[int]
    quiet_from: Optional[str]
    quiet_until: Optional[str]
    quiet_zone: Optional[str]
    quiet_holds_critical: Optional[bool]
    channels: Optional[Sequence[Any]]
    enabled: Optional[bool]


class AlertCalls(Asking):
    """Alerts, monitors, and where messages go."""

    def monitors_listed(
        self,
        *,
        service: Optional[str] = None,
        environment: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Document:
        """In the order they were made."""
        return self._document(
            "GET",
            "/api/v1/monitors",
            query={"service": service, "environment": environment, "limit": limit, "cursor": cursor},
            repeats=True,
        )

    def monitors_create(self, **monitor: Unpack[MonitorFields]) -> Document:
        """Make a monitor; a service that is not known yet is made with it."""
        return self._document("POST", "/api/v1/monitors", body=told(monitor))

    def monitors_one(self, monitor_id: int) -> Document:
        """One monitor and its state."""
        return self._document("GET", f"/api/v1/monitors/{place(str(monitor_id))}", repeats=True)

    def monitors_replace(self, monitor_id: int, **monitor: Unpack[MonitorFields]) -> Document:
        """Replace what a monitor says; without `headers` the saved ones stay."""
        return self._document("PUT", f"/api/v1/monitors/{place(str(monitor_id))}", body=told(monitor), repeats=True)

    def monitors_delete(self, monitor_id: int) -> None:
        """Delete a monitor with its checks and outages."""
        self._call("DELETE", f"/api/v1/monitors/{place(str(monitor_id))}", repeats=True)

    def monitors_checks(
        self,
        monitor_id: int,
        *,
        ok: Optional[bool] = None,
        since: Optional[Union[int, str]] = None,
        until: Optional[Union[int, str]] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Document:
        """Newest first; `since` inclusive, `until` exclusive."""
        return self._document(
            "GET",
            f"/api/v1/monitors/{place(str(monitor_id))}/checks",
            query={"ok": ok, "since": since, "until": until, "limit": limit, "cursor": cursor},
            repeats=True,
        )

    def alerts_listed(
        self,
        *,
        service: Optional[str] = None,
        environment: Optional[str] = None,
        state: Optional[str] = None,
        severity: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Document:
        """Newest first."""
        return self._document(
            "GET",
            "/api/v1/alerts",
            query={
                "service": service,
                "environment": environment,
                "state": state,
                "severity": severity,
                "limit": limit,
                "cursor": cursor,
            },
            repeats=True,
        )

    def alerts_one(self, alert_id: int) -> Document:
        """One alert with its history."""
        return self._document("GET", f"/api/v1/alerts/{place(str(alert_id))}", repeats=True)

    def alerts_decide(self, alert_id: int, *, state: str, text: Optional[str] = None) -> Document:
        """Acknowledge it, take that back (firing), or resolve it; resolving is told to who heard of it."""
        return self._document(
            "PATCH", f"/api/v1/alerts/{place(str(alert_id))}", body=told({"state": state, "text": text})
        )

    def alerts_rules(self) -> Document:
        """Every rule, by name."""
        return self._document("GET", "/api/v1/alert-rules", repeats=True)

    def alerts_make(self, **rule: Unpack[RuleFields]) -> Document:
        """Make a rule."""
        return self._document("POST", "/api/v1/alert-rules", body=told(rule))

    def alerts_replace(self, rule_id: int, **rule: Unpack[RuleFields]) -> Document:
        """Set a rule as a whole; its kind stays."""
        return self._document("PUT", f"/api/v1/alert-rules/{place(str(rule_id))}", body=told(rule), repeats=True)

    def alerts_delete(self, rule_id: int) -> None:
        """Delete a rule for good; its alerts are over and stay in the history."""
        self._call("DELETE", f"/api/v1/alert-rules/{place(str(rule_id))}", repeats=True)

    def prometheus_rules(self) -> Any:
        """To be loaded under `rule_files`; they read what `/metrics` tells."""
        return self._call("GET", "/api/v1/rules/prometheus.yaml", repeats=True)
