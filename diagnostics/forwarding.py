"""Every launch goes on to another OTLP endpoint, if one is set: from a bounded queue, never in anybody's way.

A launch is offered when it was parsed or has become quiet, and sent as it stands some seconds later; a receiver knows
spans that come again by their ids. What the endpoint cannot take now is tried again with back-off; what it refuses for
good, and the oldest of more than ``FORWARD_MOST``, is dropped and counted.
"""

from __future__ import annotations

import gzip
import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote

import httpx
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from diagnostics import exporting
from diagnostics.exports.otlp import otlp
from diagnostics.models import Forward, ForwardCount, Launch

logger = logging.getLogger(__name__)
AT_ONCE = 100
LEASE, TIMEOUT = 120.0, 30.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE, MOST_ATTEMPTS = 5.0, 600.0, 12
AGAIN = (408, 429, 500, 502, 503, 504)  # the specification has the four of these that it calls retryable
OFFER = """
INSERT INTO diagnostics_forward (launch_id, due_at) VALUES (%s, now() + make_interval(secs => %s))
ON CONFLICT (launch_id) DO UPDATE SET due_at = excluded.due_at, attempts = 0
"""
DROP_OLDEST = """
DELETE FROM diagnostics_forward WHERE launch_id IN
    (SELECT launch_id FROM diagnostics_forward ORDER BY created_at DESC OFFSET %s)
"""
# Materialized, as a plain sub-select may be run once for each row, and its limit holds for each run only.
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT launch_id FROM diagnostics_forward WHERE due_at <= now() ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE diagnostics_forward SET attempts = attempts + 1, due_at = now() + make_interval(secs => %s)
WHERE launch_id IN (SELECT launch_id FROM due)
RETURNING *
"""


@dataclass(frozen=True, slots=True)
class State:
    """What people are shown; ``endpoint`` is ``""`` where nothing is forwarded."""

    endpoint: str
    waiting: int
    sent: int
    dropped: int
    last_sent_at: datetime | None
    last_error: str
    failed_at: datetime | None


def state() -> State:
    count = ForwardCount.objects.first() or ForwardCount(sent=0, dropped=0, last_error="")
    waiting = Forward.objects.count()
    about = (count.sent, count.dropped, count.last_sent_at, count.last_error, count.failed_at)
    return State(settings.FORWARD_OTLP_ENDPOINT, waiting, *about)


def offer(launch_id: uuid.UUID) -> None:
    """Queue a launch, if launches are forwarded at all. A launch that is gone meanwhile is not queued."""
    if not settings.FORWARD_OTLP_ENDPOINT or not Launch.objects.filter(pk=launch_id).exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(OFFER, [launch_id, settings.OTLP_QUIET])
        cursor.execute(DROP_OLDEST, [settings.FORWARD_MOST])
        dropped = cursor.rowcount
    if dropped:
        _count(dropped=dropped, error=f"More than {settings.FORWARD_MOST} launches waited")


def send_due() -> int:
    """Send what is due; how many launches arrived. One endpoint that hangs costs one timeout, not one for each."""
    if not settings.FORWARD_OTLP_ENDPOINT:
        return 0
    sent = 0
    with httpx.Client(timeout=TIMEOUT, headers=_headers()) as client:
        for one in list(Forward.objects.raw(CLAIM, [AT_ONCE, LEASE])):
            try:
                sent += _send(client, one)
            except httpx.TransportError as error:
                _put_back(one, f"{type(error).__name__}: {error}")
                break
    return sent


def _send(client: httpx.Client, one: Forward) -> bool:
    launch = Launch.objects.select_related("service", "host").filter(pk=one.launch_id, total_ns__isnull=False).first()
    if launch is None:
        _done(one)
        return False
    response = client.post(_url(), content=gzip.compress(otlp(exporting.told(launch)), 3))
    if response.is_success:
        _done(one)
        _count(sent=1)
    elif response.status_code in AGAIN:
        _put_back(one, _sentence(response), _retry_after(response))
    else:
        _done(one)
        _count(dropped=1, error=_sentence(response))
    return response.is_success


def _done(one: Forward) -> None:
    """Unless it was offered again while it was sent: an offer begins with no attempts."""
    Forward.objects.filter(pk=one.pk, attempts=one.attempts).delete()


def _put_back(one: Forward, error: str, wait: float = 0.0) -> None:
    if one.attempts >= MOST_ATTEMPTS:
        _done(one)
        _count(dropped=1, error=error)
        return
    pause = max(min(FIRST_PAUSE * 2 ** (one.attempts - 1), LONGEST_PAUSE), wait)
    due_at = Now() + timedelta(seconds=pause)
    Forward.objects.filter(pk=one.pk, attempts=one.attempts).update(due_at=due_at)
    _count(error=error)
    logger.warning("Launch %s could not be forwarded, next try in %.0f s: %s", one.pk, pause, error)


def _count(sent: int = 0, dropped: int = 0, error: str = "") -> None:
    ForwardCount.objects.get_or_create(pk=1)
    row = ForwardCount.objects.filter(pk=1)
    if sent:
        row.update(sent=F("sent") + sent, last_sent_at=Now())
    if error:
        row.update(dropped=F("dropped") + dropped, last_error=error[:500], failed_at=Now())


def _url() -> str:
    endpoint: str = settings.FORWARD_OTLP_ENDPOINT
    return endpoint if endpoint.endswith("/v1/traces") else f"{endpoint.rstrip('/')}/v1/traces"


def _headers() -> dict[str, str]:
    told = (pair.partition("=") for pair in settings.FORWARD_OTLP_HEADERS)
    own = {name.strip(): unquote(value.strip()) for name, _, value in told}
    return {"Content-Type": "application/json", "Content-Encoding": "gzip", **own}


def _sentence(response: httpx.Response) -> str:
    return f"{response.status_code} {response.reason_phrase}: {response.text[:200]}"


def _retry_after(response: httpx.Response) -> float:
    told = response.headers.get("Retry-After", "")
    return min(float(told), LONGEST_PAUSE) if told.isascii() and told.isdecimal() else 0.0
