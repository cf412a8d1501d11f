"""What an instrumented program needs to have its spans join the launch: names, and where to send them.

Whatever is set already stays: somebody has decided where this program's spans go.
"""

from __future__ import annotations

import hashlib
from typing import Dict, Mapping
from urllib.parse import quote

_EXPORTER = "OTEL_EXPORTER_OTLP_"


def traceparent(launch_id: str) -> str:
    """The launch id is the trace id. The parent follows from it, so that the server can tell that it was made here;
    ``diagnostics.parsers.otlp.trace`` has the same."""
    trace = launch_id.replace("-", "")
    parent = hashlib.sha256(trace.encode()).hexdigest()[:16]
    return f"00-{trace}-{parent}-01"


def environment(
    known: Mapping[str, str], service: str, service_environment: str, version: str, server: str = "", token: str = ""
) -> Dict[str, str]:
    """``server`` and ``token``: where spans go, if they are to be sent at all."""
    added: Dict[str, str] = {}
    if service and "OTEL_SERVICE_NAME" not in known:
        added["OTEL_SERVICE_NAME"] = service
    attributes = known.get("OTEL_RESOURCE_ATTRIBUTES", "")
    told = {part.partition("=")[0].strip() for part in attributes.split(",")}
    own = {"deployment.environment.name": service_environment, "service.version": version}
    more = [f"{name}={quote(value, safe='')}" for name, value in own.items() if value and name not in told]
    if more:
        added["OTEL_RESOURCE_ATTRIBUTES"] = ",".join(([attributes] if attributes else []) + more)
    if server and not any(name.startswith(_EXPORTER) for name in known):
        added[_EXPORTER + "TRACES_ENDPOINT"] = f"{server.rstrip('/')}/v1/traces"
        added[_EXPORTER + "TRACES_PROTOCOL"] = "http/protobuf"
        if token:
            added[_EXPORTER + "TRACES_HEADERS"] = "authorization=" + quote(f"Bearer {token}")
    return added
