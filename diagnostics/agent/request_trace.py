"""``diagnose trace --request-id``: the trace that carries an id, from the server.

Asked in this order: the stored request traces (``GET /api/v1/traces?request_id=…``; a server that keeps none answers
404); the launch whose id, as a UUID or as a trace id of 32 hex digits, it is; the launches labelled ``request_id=…``.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

from diagnostics.agent.failure import NOTHING_FOUND, Failure
from diagnostics.agent.messages import tr
from diagnostics.agent.server import Server

# Twenty requests; beyond that a terminal is the wrong place.
MOST_SPANS = 20_000


@dataclass(frozen=True)
class Trace:
    """``kind`` is ``request`` or ``launch``; ``spans`` have the keys of the API's phases."""

    kind: str
    id: str
    about: Mapping[str, Any]
    spans: List[Dict[str, Any]]

    @property
    def span(self) -> Optional[Tuple[int, int]]:
        """Start and end (ns) as the server tells them; None where the spans must do."""
        start, total = self.about.get("start_time"), self.about.get("total_ns")
        return (int(start), int(start) + int(total)) if start is not None and total is not None else None

    def document(self) -> Dict[str, Any]:
        return {"kind": self.kind, "id": self.id, "about": dict(self.about), "spans": self.spans}


def find(server: Server, request_id: str) -> Trace:
    """Raises Failure: NOTHING_FOUND where no trace carries the id, IMPOSSIBLE where the server cannot be asked."""
    found = _request(server, request_id) or _launch_of_id(server, request_id) or _labelled(server, request_id)
    if found is None:
        raise Failure(tr("no trace at {url} carries the id “{id}”", url=server.url, id=request_id), NOTHING_FOUND)
    return found


def _request(server: Server, request_id: str) -> Optional[Trace]:
    page = _or_none(server, "traces", {"request_id": request_id, "limit": 1})
    if not page or not page.get("items"):
        return None
    first = page["items"][0]
    about = {key: value for key, value in first.items() if key != "spans"}
    return Trace("request", str(first.get("id", request_id)), about, list(first.get("spans", [])))


def _launch_of_id(server: Server, request_id: str) -> Optional[Trace]:
    try:
        launch_id = uuid.UUID(request_id)
    except ValueError:
        return None
    launch = _or_none(server, f"launches/{launch_id}")
    return _launch(server, launch) if launch else None


def _labelled(server: Server, request_id: str) -> Optional[Trace]:
    page = _or_none(server, "launches", {"label": f"request_id={request_id}", "limit": 1})
    return _launch(server, page["items"][0]) if page and page["items"] else None


def _launch(server: Server, launch: Mapping[str, Any]) -> Trace:
    spans: List[Dict[str, Any]] = []
    for phase in server.items(f"launches/{launch['id']}/phases"):
        spans.append(phase)
        if len(spans) == MOST_SPANS:
            break
    return Trace("launch", str(launch["id"]), launch, spans)


def _or_none(server: Server, path: str, query: Optional[Mapping[str, Any]] = None) -> Optional[Dict[str, Any]]:
    try:
        return server.get(path, query)
    except Failure as failure:
        if failure.code == NOTHING_FOUND:
            return None
        raise
