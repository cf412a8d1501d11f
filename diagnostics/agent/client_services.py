# ruff: noqa: A002 (the API's own names)
"""Services, their regressions, and reports on them.

Follows the OpenAPI document operation by operation; tests/agent/test_client.py tells what is missing after a change.
"""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence
from urllib.parse import quote as place

from diagnostics.agent.client_base import Asking, Document, told


class ServiceCalls(Asking):
    """Services, their regressions, and reports on them."""

    def baselines_policy(self, name: str, *, environment: Optional[str] = None) -> Document:
        """The policy in force; a service that has none is held against its last good launches."""
        return self._document(
            "GET", f"/api/v1/services/{place(str(name))}/baseline", query={"environment": environment}, repeats=True
        )

    def baselines_replace(
        self,
        name: str,
        *,
        environment: Optional[str] = None,
        choose: Optional[str] = None,
        launches: Optional[int] = None,
        version: Optional[str] = None,
        label: Optional[str] = None,
        host_class: Optional[str] = None,
        thresholds: Optional[Sequence[Any]] = None,
    ) -> Document:
        """Set the policy as a whole; what is left out is as if never set, but the new normal stays."""
        return self._document(
            "PUT",
            f"/api/v1/services/{place(str(name))}/baseline",
            query={"environment": environment},
            body=told(
                {
                    "choose": choose,
                    "launches": launches,
                    "version": version,
                    "label": label,
                    "host_class": host_class,
                    "thresholds": thresholds,
                }
            ),
            repeats=True,
        )

    def baselines_begin(self, name: str, *, launch: str, environment: Optional[str] = None) -> Document:
        """This launch is the new normal: the baseline begins with it, and live regressions are dismissed."""
        return self._document(
            "POST",
            f"/api/v1/services/{place(str(name))}/baseline/begin",
            query={"environment": environment},
            body=told({"launch": launch}),
        )

    def services_listed(self) -> Document:
        """Every service at a glance."""
        return self._document("GET", "/api/v1/services", repeats=True)

    def services_series(
        self,
        name: str,
        *,
        phase: Optional[str] = None,
        environment: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Document:
        """Newest first: one point a launch. `change_points` are where the level changed, whatever the page."""
        return self._document(
            "GET",
            f"/api/v1/services/{place(str(name))}/series",
            query={"phase": phase, "environment": environment, "limit": limit, "cursor": cursor},
            repeats=True,
        )

    def regressions_listed(
        self,
        *,
        service: Optional[str] = None,
        environment: Optional[str] = None,
        state: Optional[str] = None,
        phase: Optional[str] = None,
        assignee: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Document:
        """Newest first."""
        return self._document(
            "GET",
            "/api/v1/regressions",
            query={
                "service": service,
                "environment": environment,
                "state": state,
                "phase": phase,
                "assignee": assignee,
                "limit": limit,
                "cursor": cursor,
            },
            repeats=True,
        )

    def regressions_one(self, regression_id: int) -> Document:
        """One regression with its history."""
        return self._document("GET", f"/api/v1/regressions/{place(str(regression_id))}", repeats=True)

    def regressions_decide(
        self,
        regression_id: int,
        *,
        state: Optional[str] = None,
        reason: Optional[str] = None,
        assignee: Optional[str] = None,
        note: Optional[str] = None,
        ticket: Optional[str] = None,
    ) -> Document:
        """Change state (dismissed needs a reason), assignee (a user's name), note or ticket (an address)."""
        return self._document(
            "PATCH",
            f"/api/v1/regressions/{place(str(regression_id))}",
            body=told({"state": state, "reason": reason, "assignee": assignee, "note": note, "ticket": ticket}),
        )

    def reports_listed(
        self, *, schedule: Optional[int] = None, limit: Optional[int] = None, cursor: Optional[str] = None
    ) -> Document:
        """Newest first. A token bound to services sees the reports on nothing but those."""
        return self._document(
            "GET", "/api/v1/reports", query={"schedule": schedule, "limit": limit, "cursor": cursor}, repeats=True
        )

    def reports_schedules(self) -> Document:
        """By name."""
        return self._document("GET", "/api/v1/reports/schedules", repeats=True)

    def reports_preview(
        self,
        *,
        services: Optional[Sequence[Any]] = None,
        labels: Optional[Mapping[str, Any]] = None,
        since: Optional[str] = None,
        until: Optional[str] = None,
        language: Optional[str] = None,
    ) -> Document:
        """The content that a report on this would have now. Nothing is kept or sent."""
        return self._document(
            "POST",
            "/api/v1/reports/preview",
            body=told({"services": services, "labels": labels, "since": since, "until": until, "language": language}),
            repeats=True,
        )

    def reports_one(self, report_id: int, *, format: Optional[str] = None) -> Any:
        """`format`: json, csv (one row an entry), html (the e-mail) or text (its plain part)."""
        return self._call("GET", f"/api/v1/reports/{place(str(report_id))}", query={"format": format}, repeats=True)

    def channels_channels(self) -> Document:
        """Every channel; secrets are masked."""
        return self._document("GET", "/api/v1/channels", repeats=True)

    def channels_deliveries(
        self,
        *,
        state: Optional[str] = None,
        channel: Optional[int] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Document:
        """Messages to channels, newest first."""
        return self._document(
            "GET",
            "/api/v1/deliveries",
            query={"state": state, "channel": channel, "limit": limit, "cursor": cursor},
            repeats=True,
        )
