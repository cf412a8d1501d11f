"""Deploys and other instants, told by those who know; alerts as Alertmanager tells them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field, StringConstraints

from diagnostics import marking
from diagnostics.api import paging
from diagnostics.api.auth import READ, SEND, access_of
from diagnostics.api.errors import ErrorOut
from diagnostics.api.filters import Moment, MomentIn, Text, time
from diagnostics.models import Marker

router = Router(auth=READ)
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 422), ErrorOut)
Name = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Required = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Link = Annotated[str, StringConstraints(max_length=2000, pattern=r"^(https?://[^\x00]*)?$")]


class MarkerIn(Schema):
    """A deploy, or a note. ``id`` is the sender's own: the same id again is the same marker."""

    model_config = ConfigDict(extra="forbid")

    service: Required
    environment: Name = ""
    kind: Literal["deploy", "note"] = "deploy"
    version: Text = ""
    commit: Text = ""
    url: Link = Field(default="", description="http(s) address of the deploy, the commit, the ticket")
    time: MomentIn | None = Field(default=None, description="RFC 3339 or integer ns; without it, now")
    text: Text = ""
    id: Name = ""


class MarkerOut(Schema):
    id: int
    service: str
    environment: str
    kind: str
    time: int
    until: int | None
    version: str
    commit: str
    url: str
    text: str
    severity: str


class MarkerPage(Schema):
    items: list[MarkerOut]
    next: str | None


class MarkerQuery(Schema):
    service: Text | None = None
    environment: Text | None = None
    kind: Literal["deploy", "alert", "note"] | None = None
    since: Moment | None = Field(default=None, description="RFC 3339 or integer ns, inclusive")
    until: Moment | None = Field(default=None, description="RFC 3339 or integer ns, exclusive")
    limit: paging.Limit = 50
    cursor: paging.Cursor = None


class AlertmanagerIn(Schema):
    """A webhook message, version 4; of its many fields the alerts are read."""

    model_config = ConfigDict(extra="ignore")

    alerts: list[dict[str, Any]] = Field(max_length=marking.MOST_ALERTS)


class AlertmanagerOut(Schema):
    accepted: int


def marker_out(marker: Marker) -> dict[str, Any]:
    told = ("id", "kind", "until", "version", "commit", "url", "text", "severity")
    where = {"service": marker.service.name, "environment": marker.service.environment, "time": marker.at}
    return {name: getattr(marker, name) for name in told} | where


@router.post("/markers", auth=SEND, response={201: MarkerOut, 200: MarkerOut, **FAILURES}, tags=["markers"])
def send(request: HttpRequest, given: MarkerIn) -> Status[dict[str, Any]]:
    """Tell of a deploy: it is drawn on trends, and named where a regression began with it."""
    told = given.model_dump(exclude={"time", "id"})
    at = time(given.time, "time")
    access = access_of(request)
    marker, is_new = marking.mark(marking.Told(**told, at=at, key=given.id), access.name, access.services)
    return Status(201 if is_new else 200, marker_out(marker))


@router.get("/markers", response={200: MarkerPage, **FAILURES}, tags=["markers"], summary="Markers, newest first")
def listed(request: HttpRequest, query: Query[MarkerQuery]) -> dict[str, Any]:
    wanted = {
        "service__name": query.service,
        "service__environment": query.environment,
        "kind": query.kind,
        "at__gte": time(query.since, "since"),
        "at__lt": time(query.until, "until"),
    }
    rows = Marker.objects.filter(
        access_of(request).visible(), **{key: value for key, value in wanted.items() if value is not None}
    )
    if query.cursor:
        rows = rows.after_cursor(*paging.decode(query.cursor, int, int))
    page = list(rows.newest_first()[: query.limit + 1])
    last = page[query.limit - 1] if len(page) > query.limit else None
    following = paging.encode(last.at, last.pk) if last else None
    return {"items": [marker_out(row) for row in page[: query.limit]], "next": following}


@router.post(
    "/alertmanager", auth=SEND, response={200: AlertmanagerOut, **FAILURES}, tags=["markers"], summary="Its webhook"
)
def alertmanager(
    request: HttpRequest, message: AlertmanagerIn, service: Name = "", environment: Name = ""
) -> dict[str, int]:
    """Alerts of a Prometheus Alertmanager, on the timeline of the service that their label ``service`` names."""
    access = access_of(request)
    alerts = marking.from_alertmanager(message.alerts, service, environment)
    for alert in alerts:
        marking.mark(alert, access.name, access.services)
    return {"accepted": len(alerts)}
