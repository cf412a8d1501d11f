# ruff: noqa: A002 (the API's own names)
"""Files that were sent, traces, and markers.

Follows the OpenAPI document operation by operation; tests/agent/test_client.py tells what is missing after a change.
"""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence, Union
from urllib.parse import quote as place

from diagnostics.agent.client_base import Asking, Document, told


class FileCalls(Asking):
    """Files that were sent, traces, and markers."""

    def artifacts_send(
        self,
        body: bytes,
        *,
        kind: str,
        host: Optional[str] = None,
        launch: Optional[str] = None,
        service: Optional[str] = None,
        environment: Optional[str] = None,
        version: Optional[str] = None,
        year: Optional[str] = None,
        tz: Optional[str] = None,
        boot_time: Optional[str] = None,
        trace: Optional[str] = None,
        name: Optional[str] = None,
    ) -> Document:
        """Store a file as it is; a worker reads it within moments. The same file again is the same artifact."""
        return self._document(
            "POST",
            "/api/v1/artifacts",
            query={
                "kind": kind,
                "host": host,
                "launch": launch,
                "service": service,
                "environment": environment,
                "version": version,
                "year": year,
                "tz": tz,
                "boot_time": boot_time,
                "trace": trace,
                "name": name,
            },
            body=body,
            content_type="application/octet-stream",
            repeats=True,
        )

    def artifacts_one(self, artifact_id: str) -> Document:
        """`received`, then `parsed` or `rejected`; a rejected artifact says what is wrong and where."""
        return self._document("GET", f"/api/v1/artifacts/{place(str(artifact_id))}", repeats=True)

    def artifacts_raw(self, artifact_id: str, *, line: Optional[int] = None, context: Optional[int] = None) -> Any:
        """The bytes, decompressed; with `line`, JSON of the lines around it."""
        return self._call(
            "GET",
            f"/api/v1/artifacts/{place(str(artifact_id))}/raw",
            query={"line": line, "context": context},
            repeats=True,
        )

    def artifacts_parse(self, artifact_id: str) -> Document:
        """Its records stay until the new ones replace them; `facts.previous` keeps what was counted before."""
        return self._document("POST", f"/api/v1/artifacts/{place(str(artifact_id))}/parse", repeats=True)

    def artifacts_records(
        self,
        artifact_id: str,
        *,
        type: Optional[str] = None,
        clock: Optional[str] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Document:
        """Times as the file tells them."""
        return self._document(
            "GET",
            f"/api/v1/artifacts/{place(str(artifact_id))}/records",
            query={"type": type, "clock": clock, "limit": limit, "cursor": cursor},
            repeats=True,
        )

    def bundles_send(
        self,
        body: bytes,
        *,
        host: Optional[str] = None,
        launch: Optional[str] = None,
        service: Optional[str] = None,
        environment: Optional[str] = None,
        version: Optional[str] = None,
        year: Optional[str] = None,
        tz: Optional[str] = None,
        boot_time: Optional[str] = None,
        trace: Optional[str] = None,
    ) -> Document:
        """Store every file that can be."""
        return self._document(
            "POST",
            "/api/v1/bundles",
            query={
                "host": host,
                "launch": launch,
                "service": service,
                "environment": environment,
                "version": version,
                "year": year,
                "tz": tz,
                "boot_time": boot_time,
                "trace": trace,
            },
            body=body,
            content_type="application/gzip",
            repeats=True,
        )

    def traces_traces(self, *, request_id: str, limit: Optional[int] = None) -> Document:
        """Traces that were received over OTLP and taken for requests; launches are under `/launches`."""
        return self._document("GET", "/api/v1/traces", query={"request_id": request_id, "limit": limit}, repeats=True)

    def markers_send(
        self,
        *,
        service: str,
        environment: Optional[str] = None,
        kind: Optional[str] = None,
        version: Optional[str] = None,
        commit: Optional[str] = None,
        url: Optional[str] = None,
        time: Optional[Union[int, str]] = None,
        text: Optional[str] = None,
        id: Optional[str] = None,
    ) -> Document:
        """Tell of a deploy: it is drawn on trends, and named where a regression began with it."""
        return self._document(
            "POST",
            "/api/v1/markers",
            body=told(
                {
                    "service": service,
                    "environment": environment,
                    "kind": kind,
                    "version": version,
                    "commit": commit,
                    "url": url,
                    "time": time,
                    "text": text,
                    "id": id,
                }
            ),
        )

    def markers_listed(
        self,
        *,
        service: Optional[str] = None,
        environment: Optional[str] = None,
        kind: Optional[str] = None,
        since: Optional[Union[int, str]] = None,
        until: Optional[Union[int, str]] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Document:
        """Markers, newest first."""
        return self._document(
            "GET",
            "/api/v1/markers",
            query={
                "service": service,
                "environment": environment,
                "kind": kind,
                "since": since,
                "until": until,
                "limit": limit,
                "cursor": cursor,
            },
            repeats=True,
        )

    def markers_alertmanager(
        self, *, alerts: Sequence[Any], service: Optional[str] = None, environment: Optional[str] = None
    ) -> Document:
        """Alerts of a Prometheus Alertmanager, on the timeline of the service that their label `service` names."""
        return self._document(
            "POST",
            "/api/v1/alertmanager",
            query={"service": service, "environment": environment},
            body=told({"alerts": alerts}),
        )

    def schemas_snapshot(self) -> Any:
        """Both forms of a snapshot (JSON Schema 2020-12)."""
        return self._call("GET", "/api/v1/schemas/snapshot.json", repeats=True)

    def otlp_traces(
        self, body: Union[bytes, Mapping[str, Any], Sequence[Any]], *, content_type: Optional[str] = None
    ) -> Any:
        """An ExportTraceServiceRequest; the answer is in the request's encoding."""
        return self._call(
            "POST", "/v1/traces", body=body, content_type=content_type or "application/json", repeats=True
        )
