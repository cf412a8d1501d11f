# ruff: noqa: A002 (the API's own names)
"""Launches and what tells of them, as figures and as files.

Follows the OpenAPI document operation by operation; tests/agent/test_client.py tells what is missing after a change.
"""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Union
from urllib.parse import quote as place

from diagnostics.agent.client_base import Asking, Document


class LaunchCalls(Asking):
    """Launches and what tells of them, as figures and as files."""

    def launches_send(
        self,
        body: Union[bytes, Mapping[str, Any], Sequence[Any]],
        *,
        service: Optional[str] = None,
        environment: Optional[str] = None,
        version: Optional[str] = None,
        host: Optional[str] = None,
        launch_id: Optional[str] = None,
    ) -> Document:
        """Store a snapshot of either form."""
        return self._document(
            "POST",
            "/api/v1/launches",
            query={
                "service": service,
                "environment": environment,
                "version": version,
                "host": host,
                "launch_id": launch_id,
            },
            body=body,
            repeats=True,
        )

    def launches_listed(
        self,
        *,
        service: Optional[str] = None,
        environment: Optional[str] = None,
        version: Optional[str] = None,
        host: Optional[str] = None,
        status: Optional[str] = None,
        start_class: Optional[str] = None,
        label: Optional[Sequence[Any]] = None,
        since: Optional[Union[int, str]] = None,
        until: Optional[Union[int, str]] = None,
        slower_than: Optional[int] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Document:
        """List launches, newest first."""
        return self._document(
            "GET",
            "/api/v1/launches",
            query={
                "service": service,
                "environment": environment,
                "version": version,
                "host": host,
                "status": status,
                "start_class": start_class,
                "label": label,
                "since": since,
                "until": until,
                "slower-than": slower_than,
                "limit": limit,
                "cursor": cursor,
            },
            repeats=True,
        )

    def launches_one(self, launch_id: str) -> Document:
        """One launch."""
        return self._document("GET", f"/api/v1/launches/{place(str(launch_id))}", repeats=True)

    def launches_phases(self, launch_id: str, *, limit: Optional[int] = None, cursor: Optional[str] = None) -> Document:
        """Phases, as sent."""
        return self._document(
            "GET",
            f"/api/v1/launches/{place(str(launch_id))}/phases",
            query={"limit": limit, "cursor": cursor},
            repeats=True,
        )

    def launches_critical_path(self, launch_id: str) -> Document:
        """The chain of phases that bounds the launch, in order; `waiting_ns` of its total belongs to no phase."""
        return self._document("GET", f"/api/v1/launches/{place(str(launch_id))}/critical-path", repeats=True)

    def launches_waterfall(
        self,
        launch_id: str,
        *,
        from_: Optional[Union[int, str]] = None,
        to: Optional[Union[int, str]] = None,
        width: Optional[int] = None,
        fold: Optional[str] = None,
        ghosts: Optional[bool] = None,
    ) -> Document:
        """A Plotly figure of at most a few hundred bars."""
        return self._document(
            "GET",
            f"/api/v1/launches/{place(str(launch_id))}/waterfall",
            query={"from": from_, "to": to, "width": width, "fold": fold, "ghosts": ghosts},
            repeats=True,
        )

    def evidence_evidence(
        self,
        launch_id: str,
        *,
        clock: Optional[str] = None,
        from_: Optional[Union[int, str]] = None,
        to: Optional[Union[int, str]] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Document:
        """All files that join the launch, and a page of their events in a window, in time order."""
        return self._document(
            "GET",
            f"/api/v1/launches/{place(str(launch_id))}/evidence",
            query={"clock": clock, "from": from_, "to": to, "limit": limit, "cursor": cursor},
            repeats=True,
        )

    def evidence_findings(self, launch_id: str) -> Document:
        """Every diagnosed reason, the gravest first, and the launch in one sentence."""
        return self._document("GET", f"/api/v1/launches/{place(str(launch_id))}/findings", repeats=True)

    def compare_compare(self, *, baseline: str, candidate: str) -> Document:
        """Per-phase deltas, largest contribution first."""
        return self._document(
            "GET", "/api/v1/compare", query={"baseline": baseline, "candidate": candidate}, repeats=True
        )

    def exports_export(self, launch_id: str, *, format: Optional[str] = None) -> Any:
        """`snapshot` and `otlp` can be sent back; `chrome-trace` opens in Perfetto; `html` needs no server."""
        return self._call(
            "GET", f"/api/v1/launches/{place(str(launch_id))}/export", query={"format": format}, repeats=True
        )

    def exports_figure(
        self,
        launch_id: str,
        *,
        from_: Optional[Union[int, str]] = None,
        to: Optional[Union[int, str]] = None,
        width: Optional[int] = None,
        fold: Optional[str] = None,
        ghosts: Optional[bool] = None,
        format: Optional[str] = None,
        theme: Optional[str] = None,
    ) -> Any:
        """The waterfall, or a window of it, as a picture."""
        return self._call(
            "GET",
            f"/api/v1/launches/{place(str(launch_id))}/figure",
            query={
                "from": from_,
                "to": to,
                "width": width,
                "fold": fold,
                "ghosts": ghosts,
                "format": format,
                "theme": theme,
            },
            repeats=True,
        )

    def exports_export_comparison(self, *, baseline: str, candidate: str, format: Optional[str] = None) -> Any:
        """The deltas as a table, or the launches of the median totals as two traces."""
        return self._call(
            "GET",
            "/api/v1/compare/export",
            query={"baseline": baseline, "candidate": candidate, "format": format},
            repeats=True,
        )

    def exports_comparison_figure(
        self,
        *,
        baseline: str,
        candidate: str,
        format: Optional[str] = None,
        theme: Optional[str] = None,
        kind: Optional[str] = None,
        width: Optional[int] = None,
    ) -> Any:
        """A comparison as a picture."""
        return self._call(
            "GET",
            "/api/v1/compare/figure",
            query={
                "baseline": baseline,
                "candidate": candidate,
                "format": format,
                "theme": theme,
                "kind": kind,
                "width": width,
            },
            repeats=True,
        )
