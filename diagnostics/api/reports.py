"""Reports that were made, in every form, what one would say now, and the schedules they come from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, ConfigDict, Field

from diagnostics import reporting
from diagnostics.api import paging
from diagnostics.api.auth import READ, access_of
from diagnostics.api.errors import ApiError, ErrorOut
from diagnostics.models import Report, Schedule, Service

router = Router(auth=READ)
MOST_ID = 2**63 - 1
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 404, 409, 422), ErrorOut)
FORMS = {"csv": "text/csv; charset=utf-8", "html": "text/html; charset=utf-8", "text": "text/plain; charset=utf-8"}
TEXT = {"schema": {"type": "string"}}
FILES = {"responses": {200: {"content": dict.fromkeys(("text/csv", "text/html", "text/plain"), TEXT)}}}
LONGEST = timedelta(days=400)


class ReportOut(Schema):
    id: int
    name: str
    schedule: int | None
    why: Literal["due", "catch-up", "by-hand"]
    due: datetime | None
    missed: int
    since: datetime
    until: datetime
    language: str
    state: Literal["waiting", "ready", "failed"]
    headline: str
    sent_to: list[str]
    log: list[str]
    made_at: datetime | None
    url: str


class ReportDetailOut(ReportOut):
    """``content`` is null until the report is ready; durations and times in it are integer ns."""

    content: dict[str, Any] | None


class ReportPage(Schema):
    items: list[ReportOut]
    next: str | None


class ScheduleOut(Schema):
    id: int
    name: str
    cron: str
    time_zone: str
    period: str
    services: list[str]
    labels: dict[str, str]
    channels: list[str]
    language: str
    only_when_changed: bool
    enabled: bool
    next_due: datetime | None


class SchedulePage(Schema):
    items: list[ScheduleOut]
    next: str | None


class ReportQuery(Schema):
    schedule: Annotated[int, Field(ge=1, le=MOST_ID)] | None = None
    limit: paging.Limit = 50
    cursor: paging.Cursor = None


class PreviewIn(Schema):
    """No services: all. No period: the last seven days."""

    model_config = ConfigDict(extra="forbid")

    services: Annotated[list[str], Field(max_length=1000)] = []
    labels: dict[str, str] = {}
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    language: Literal["en", "zh-hans"] = "en"


@router.get("", response={200: ReportPage, **FAILURES})
def listed(request: HttpRequest, query: Annotated[ReportQuery, Query()]) -> dict[str, Any]:
    """Newest first. A token bound to services sees the reports on nothing but those."""
    rows = Report.objects.listed().readable_by(access_of(request).services)
    if query.schedule is not None:
        rows = rows.filter(schedule=query.schedule)
    if query.cursor:
        rows = rows.filter(pk__lt=paging.decode(query.cursor, int)[0])
    page = list(rows[: query.limit + 1])
    following = paging.encode(page[query.limit - 1].pk) if len(page) > query.limit else None
    return {"items": [_out(row) for row in page[: query.limit]], "next": following}


@router.get("/schedules", response={200: SchedulePage, **FAILURES})
def schedules(request: HttpRequest) -> dict[str, Any]:
    """By name."""
    visible = set(access_of(request).services)
    rows = [_schedule_out(row) for row in Schedule.objects.listed()]
    return {"items": [row for row in rows if not visible or (row["own"] and row["own"] <= visible)], "next": None}


@router.post("/preview", response={200: dict[str, Any], **FAILURES})
def preview(request: HttpRequest, asked: PreviewIn) -> dict[str, Any]:
    """The content that a report on this would have now. Nothing is kept or sent."""
    until = asked.until or datetime.now(UTC)
    since = asked.since or until - timedelta(days=7)
    if not timedelta(0) <= until - since <= LONGEST:
        raise ApiError(
            422, "invalid_period", f"“since” must lie before “until”, by {LONGEST.days} days at most", "since"
        )
    services = _services(request, asked.services)
    told = reporting.Asked(since, until, services, asked.labels, language=asked.language)
    return reporting.to_data(reporting.preview(told))


@router.get("/{int:report_id}", response={200: ReportDetailOut, **FAILURES}, openapi_extra=FILES)
def one(
    request: HttpRequest,
    report_id: int,
    format: Literal["json", "csv", "html", "text"] = "json",  # noqa: A002
) -> Any:
    """``format``: json, csv (one row an entry), html (the e-mail) or text (its plain part)."""
    rows = Report.objects.select_related("schedule").readable_by(access_of(request).services)
    report = get_object_or_404(rows, pk=min(report_id, MOST_ID))
    if format == "json":
        return _out(report) | {"content": report.content}
    if report.content is None:
        raise ApiError(409, "not_ready", f"This report is {report.state}: it has no {format} form", "format")
    return _file(report, format)


def _services(request: HttpRequest, names: list[str]) -> list[int]:
    """Ids of these services in all environments; of all that the asker may see when none is named."""
    rows = Service.objects.filter(access_of(request).visible(""))
    if missing := set(names) - set(rows.values_list("name", flat=True)):
        raise ApiError(404, "unknown_service", f"There is no service “{min(missing)[:100]}”", "services")
    return list((rows.filter(name__in=names) if names else rows).values_list("pk", flat=True)) or [0]


def _file(report: Report, form: str) -> HttpResponse:
    content = reporting.content_of(report)
    assert content is not None
    told = reporting.table(content) if form == "csv" else report.html if form == "html" else report.text
    response = HttpResponse(told, content_type=FORMS[form])
    # Names of phases and hosts come from senders; nothing in the document may run on our address.
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    if form == "csv":
        response["Content-Disposition"] = f'attachment; filename="launchscope-report-{report.pk}.csv"'
    return response


def _out(row: Report) -> dict[str, Any]:
    names = (
        "name",
        "why",
        "due",
        "missed",
        "since",
        "until",
        "language",
        "state",
        "headline",
        "sent_to",
        "log",
        "made_at",
    )
    shown = {name: getattr(row, name) for name in names}
    return {"id": row.pk, "schedule": row.schedule_id, "url": f"/reports/{row.pk}/", **shown}


def _schedule_out(row: Schedule) -> dict[str, Any]:
    names = ("name", "cron", "time_zone", "period", "labels", "language", "only_when_changed", "enabled", "next_due")
    shown = {name: getattr(row, name) for name in names}
    services = list(row.services.all())
    return shown | {
        "id": row.pk,
        "services": [str(service) for service in services],
        "channels": [channel.name for channel in row.channels.all()],
        "own": {service.name for service in services},
    }
