"""Alerts, monitors, and where messages go.

Follows the OpenAPI document operation by operation; tests/agent/test_client.py tells what is missing after a change.
"""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Union
from urllib.parse import quote as place

from diagnostics.agent.client_base import Asking, Document, told


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

    def monitors_create(
        self,
        *,
        service: str,
        name: str,
        url: str,
        environment: Optional[str] = None,
        method: Optional[str] = None,
        expected_status: Optional[str] = None,
        expected_body: Optional[str] = None,
        body_is_regex: Optional[bool] = None,
        headers: Optional[Mapping[str, Any]] = None,
        interval: Optional[int] = None,
        max_time: Optional[float] = None,
        tls_verify: Optional[bool] = None,
        tls_warn_days: Optional[int] = None,
        follow_redirects: Optional[bool] = None,
        enabled: Optional[bool] = None,
    ) -> Document:
        """Make a monitor; a service that is not known yet is made with it."""
        return self._document(
            "POST",
            "/api/v1/monitors",
            body=told(
                {
                    "service": service,
                    "environment": environment,
                    "name": name,
                    "url": url,
                    "method": method,
                    "expected_status": expected_status,
                    "expected_body": expected_body,
                    "body_is_regex": body_is_regex,
                    "headers": headers,
                    "interval": interval,
                    "max_time": max_time,
                    "tls_verify": tls_verify,
                    "tls_warn_days": tls_warn_days,
                    "follow_redirects": follow_redirects,
                    "enabled": enabled,
                }
            ),
        )

    def monitors_one(self, monitor_id: int) -> Document:
        """One monitor and its state."""
        return self._document("GET", f"/api/v1/monitors/{place(str(monitor_id))}", repeats=True)

    def monitors_replace(
        self,
        monitor_id: int,
        *,
        service: str,
        name: str,
        url: str,
        environment: Optional[str] = None,
        method: Optional[str] = None,
        expected_status: Optional[str] = None,
        expected_body: Optional[str] = None,
        body_is_regex: Optional[bool] = None,
        headers: Optional[Mapping[str, Any]] = None,
        interval: Optional[int] = None,
        max_time: Optional[float] = None,
        tls_verify: Optional[bool] = None,
        tls_warn_days: Optional[int] = None,
        follow_redirects: Optional[bool] = None,
        enabled: Optional[bool] = None,
    ) -> Document:
        """Replace what a monitor says; without `headers` the saved ones stay."""
        return self._document(
            "PUT",
            f"/api/v1/monitors/{place(str(monitor_id))}",
            body=told(
                {
                    "service": service,
                    "environment": environment,
                    "name": name,
                    "url": url,
                    "method": method,
                    "expected_status": expected_status,
                    "expected_body": expected_body,
                    "body_is_regex": body_is_regex,
                    "headers": headers,
                    "interval": interval,
                    "max_time": max_time,
                    "tls_verify": tls_verify,
                    "tls_warn_days": tls_warn_days,
                    "follow_redirects": follow_redirects,
                    "enabled": enabled,
                }
            ),
            repeats=True,
        )

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

    def alerts_make(
        self,
        *,
        name: str,
        kind: str,
        service: Optional[str] = None,
        environment: Optional[str] = None,
        phase: Optional[str] = None,
        settings: Optional[Mapping[str, Any]] = None,
        severity: Optional[str] = None,
        for_times: Optional[int] = None,
        for_seconds: Optional[int] = None,
        resolve_after: Optional[int] = None,
        cool_down: Optional[int] = None,
        quiet_from: Optional[str] = None,
        quiet_until: Optional[str] = None,
        quiet_zone: Optional[str] = None,
        quiet_holds_critical: Optional[bool] = None,
        channels: Optional[Sequence[Any]] = None,
        enabled: Optional[bool] = None,
    ) -> Document:
        """Make a rule; see “Alert rules” in the operations guide for kinds and their settings."""
        return self._document(
            "POST",
            "/api/v1/alert-rules",
            body=told(
                {
                    "name": name,
                    "kind": kind,
                    "service": service,
                    "environment": environment,
                    "phase": phase,
                    "settings": settings,
                    "severity": severity,
                    "for_times": for_times,
                    "for_seconds": for_seconds,
                    "resolve_after": resolve_after,
                    "cool_down": cool_down,
                    "quiet_from": quiet_from,
                    "quiet_until": quiet_until,
                    "quiet_zone": quiet_zone,
                    "quiet_holds_critical": quiet_holds_critical,
                    "channels": channels,
                    "enabled": enabled,
                }
            ),
        )

    def alerts_replace(
        self,
        rule_id: int,
        *,
        name: str,
        kind: str,
        service: Optional[str] = None,
        environment: Optional[str] = None,
        phase: Optional[str] = None,
        settings: Optional[Mapping[str, Any]] = None,
        severity: Optional[str] = None,
        for_times: Optional[int] = None,
        for_seconds: Optional[int] = None,
        resolve_after: Optional[int] = None,
        cool_down: Optional[int] = None,
        quiet_from: Optional[str] = None,
        quiet_until: Optional[str] = None,
        quiet_zone: Optional[str] = None,
        quiet_holds_critical: Optional[bool] = None,
        channels: Optional[Sequence[Any]] = None,
        enabled: Optional[bool] = None,
    ) -> Document:
        """Set a rule as a whole; its kind stays."""
        return self._document(
            "PUT",
            f"/api/v1/alert-rules/{place(str(rule_id))}",
            body=told(
                {
                    "name": name,
                    "kind": kind,
                    "service": service,
                    "environment": environment,
                    "phase": phase,
                    "settings": settings,
                    "severity": severity,
                    "for_times": for_times,
                    "for_seconds": for_seconds,
                    "resolve_after": resolve_after,
                    "cool_down": cool_down,
                    "quiet_from": quiet_from,
                    "quiet_until": quiet_until,
                    "quiet_zone": quiet_zone,
                    "quiet_holds_critical": quiet_holds_critical,
                    "channels": channels,
                    "enabled": enabled,
                }
            ),
            repeats=True,
        )

    def alerts_delete(self, rule_id: int) -> None:
        """Delete a rule for good; its alerts are over and stay in the history."""
        self._call("DELETE", f"/api/v1/alert-rules/{place(str(rule_id))}", repeats=True)

    def prometheus_rules(self) -> Any:
        """To be loaded under `rule_files`; they read what `/metrics` tells."""
        return self._call("GET", "/api/v1/rules/prometheus.yaml", repeats=True)
