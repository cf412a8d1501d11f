"""Where people are told, and what became of each message. Secrets are never told."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from diagnostics.api import paging
from diagnostics.api.auth import DECIDE
from diagnostics.api.errors import ErrorOut
from diagnostics.delivery.editing import saved_secrets
from diagnostics.delivery.masking import shown_address
from diagnostics.models import Channel, Delivery

# They belong to no service, so a token bound to services has no part in them: admins only.
router = Router(auth=DECIDE)
FAILURES: dict[int, type[ErrorOut]] = dict.fromkeys((400, 401, 403, 422), ErrorOut)


class ChannelOut(Schema):
    """``config`` holds what is no secret; ``address`` is the host with the rest masked, null for mail."""

    id: int
    name: str
    kind: Literal["email", "slack", "wecom", "dingtalk", "feishu", "teams", "webhook"]
    enabled: bool
    language: str
    address: str | None
    config: dict[str, Any]
    waiting: int
    dead: int
    paused_until: str | None
    tested_at: str | None
    test_error: str


class ChannelPage(Schema):
    items: list[ChannelOut]
    next: str | None


class DeliveryOut(Schema):
    id: int
    key: str
    channel: int
    subject: str
    severity: str
    group: str
    state: Literal["waiting", "sent", "dead"]
    attempts: int
    error: str
    created_at: str
    next_try_at: str | None
    sent_at: str | None


class DeliveryPage(Schema):
    items: list[DeliveryOut]
    next: str | None


class DeliveryQuery(Schema):
    state: Literal["waiting", "sent", "dead"] | None = None
    channel: int | None = None
    limit: paging.Limit = 50
    cursor: paging.Cursor = None


@router.get("/channels", response={200: ChannelPage, **FAILURES})
def channels(request: HttpRequest) -> dict[str, Any]:
    """Every channel; secrets are masked."""
    return {"items": [_channel_out(one) for one in Channel.objects.with_counts()], "next": None}


@router.get("/deliveries", response={200: DeliveryPage, **FAILURES})
def deliveries(request: HttpRequest, query: Annotated[DeliveryQuery, Query()]) -> dict[str, Any]:
    """Messages to channels, newest first."""
    wanted = {"state": query.state, "channel_id": query.channel}
    rows = Delivery.objects.listed().filter(**{key: value for key, value in wanted.items() if value is not None})
    if query.cursor:
        rows = rows.filter(pk__lt=paging.decode(query.cursor, int)[0])
    page = list(rows[: query.limit + 1])
    following = paging.encode(page[query.limit - 1].pk) if len(page) > query.limit else None
    return {"items": [_delivery_out(row) for row in page[: query.limit]], "next": following}


def _channel_out(one: Any) -> dict[str, Any]:
    url = saved_secrets(one).get("url")
    told = ("id", "name", "kind", "enabled", "language", "config", "waiting", "dead", "test_error")
    return {name: getattr(one, name) for name in told} | {
        "address": shown_address(url) if url else None,
        "paused_until": _time(one.paused_until),
        "tested_at": _time(one.tested_at),
    }


def _delivery_out(row: Delivery) -> dict[str, Any]:
    told = ("id", "subject", "severity", "group", "state", "attempts")
    return {name: getattr(row, name) for name in told} | {
        "key": str(row.key),
        "channel": row.channel_id,
        "error": row.last_error,
        "created_at": _time(row.created_at),
        "next_try_at": _time(row.next_try_at) if row.state == "waiting" else None,
        "sent_at": _time(row.sent_at),
    }


def _time(at: Any) -> str | None:
    return at.isoformat() if at else None
