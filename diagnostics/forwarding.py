"""Every launch goes on to another OTLP endpoint, if one is set: from a bounded queue, never in anybody's way.

A launch is offered when it was parsed or has become quiet, and sent as it stands some seconds later; a receiver knows
spans that come again by their ids. One worker sends at a time, for some seconds at most. What the endpoint cannot take
now is tried again with back-off, and meanwhile the endpoint rests; what it refuses for good, and the oldest of more
than ``FORWARD_MOST``, is dropped and counted.
"""

from __future__ import annotations

import gzip
import logging
import time
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
from diagnostics.ingest.forwarded import FORWARDED_BY, forwarders_of, own_name
from diagnostics.models import Forward, ForwardCount, Launch

logger = logging.getLogger(__name__)
# Seconds: a worker's turn ends after TURN and one last answer, and is another's after LEASE even if it died.
TURN, TIMEOUT, LEASE = 15.0, 10.0, 60.0
LONGEST_ANSWER = 64 * 1024
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
NEXT = """
UPDATE diagnostics_forward SET attempts = attempts + 1, due_at = now() + make_interval(secs => %s)
WHERE launch_id = (SELECT launch_id FROM diagnostics_forward WHERE due_at <= now() ORDER BY due_at LIMIT 1 FOR UPDATE)
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
    rests_until: datetime | None  # after a failure


def state() -> State:
    endpoint, waiting, count = settings.FORWARD_OTLP_ENDPOINT, Forward.objects.count(), ForwardCount.objects.first()
    if count is None:
        return State(endpoint, waiting, 0, 0, None, "", None, None)
    about = (count.sent, count.dropped, count.last_sent_at, count.last_error, count.failed_at)
    return State(endpoint, waiting, *about, count.next_at if count.failures else None)


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
    """Send what is due, unless another worker does, or the endpoint rests; how many launches arrived."""
    if not settings.FORWARD_OTLP_ENDPOINT or not Forward.objects.filter(due_at__lte=Now()).exists():
        return 0
    ForwardCount.objects.get_or_create(pk=1)
    row = ForwardCount.objects.filter(pk=1)
    if not row.filter(next_at__lte=Now()).update(next_at=Now() + timedelta(seconds=LEASE)):
        return 0
    sent, pause = _send_for_a_while()
    row.update(next_at=Now() + timedelta(seconds=pause))
    return sent


def _send_for_a_while() -> tuple[int, float]:
    """How many arrived, and for how many seconds the endpoint is to be left alone. One that hangs costs one timeout."""
    sent, until = 0, time.monotonic() + TURN
    with httpx.Client(timeout=TIMEOUT, headers=_headers()) as client:
        while time.monotonic() < until and (one := next(iter(Forward.objects.raw(NEXT, [LEASE])), None)):
            try:
                arrived, pause = _send(client, one)
            except httpx.HTTPError as error:
                arrived, pause = False, _put_back(one, f"{type(error).__name__}: {error}")
            if pause:
                return sent, pause
            sent += arrived
    return sent, 0.0


def _send(client: httpx.Client, one: Forward) -> tuple[bool, float]:
    launch = Launch.objects.select_related("service", "host").filter(pk=one.launch_id, total_ns__isnull=False).first()
    if launch is None:
        _done(one)
        return False, 0.0
    told = otlp(exporting.told(launch), {FORWARDED_BY: [*forwarders_of(launch.pk), own_name()]})
    with client.stream("POST", _url(), content=gzip.compress(told, 3)) as response:
        answer = _answer(response)
    if response.is_success:
        _done(one)
        _count(sent=1)
        return True, 0.0
    sentence = f"{response.status_code} {response.reason_phrase}: {answer[:200]}"
    if response.status_code in AGAIN:
        return False, _put_back(one, sentence, _retry_after(response))
    _done(one)
    ForwardCount.objects.filter(pk=1).update(failures=0)
    _count(dropped=1, error=sentence)
    return False, 0.0


def _answer(response: httpx.Response) -> str:
    """The beginning of it: an answer without end is nobody's to wait for."""
    read, until = b"", time.monotonic() + TIMEOUT
    for chunk in response.iter_bytes():
        read += chunk
        if len(read) > LONGEST_ANSWER or time.monotonic() > until:
            break
    return read.decode("utf-8", "replace")


def _done(one: Forward) -> None:
    """Unless it was offered again while it was sent: an offer begins with no attempts."""
    Forward.objects.filter(pk=one.pk, attempts=one.attempts).delete()


def _put_back(one: Forward, error: str, wait: float = 0.0) -> float:
    """For how many seconds the endpoint rests: longer with each failure in a row."""
    ForwardCount.objects.filter(pk=1).update(failures=F("failures") + 1)
    failures = ForwardCount.objects.values_list("failures", flat=True).get(pk=1)
    pause = max(min(FIRST_PAUSE * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE), wait)
    if one.attempts >= MOST_ATTEMPTS:
        _done(one)
        _count(dropped=1, error=error)
        return pause
    due_at = Now() + timedelta(seconds=pause)
    Forward.objects.filter(pk=one.pk, attempts=one.attempts).update(due_at=due_at)
    _count(error=error)
    logger.warning("Launch %s could not be forwarded, next try in %.0f s: %s", one.pk, pause, error)
    return pause


def _count(sent: int = 0, dropped: int = 0, error: str = "") -> None:
    ForwardCount.objects.get_or_create(pk=1)
    row = ForwardCount.objects.filter(pk=1)
    if sent:
        row.update(sent=F("sent") + sent, last_sent_at=Now(), failures=0)
    if error:
        error = error.replace("\0", "\ufffd")[:500]
        row.update(dropped=F("dropped") + dropped, last_error=error, failed_at=Now())


def _url() -> str:
    endpoint: str = settings.FORWARD_OTLP_ENDPOINT
    return endpoint if endpoint.endswith("/v1/traces") else f"{endpoint.rstrip('/')}/v1/traces"


def _headers() -> dict[str, str]:
    told = (pair.partition("=") for pair in settings.FORWARD_OTLP_HEADERS)
    own = {name.strip(): unquote(value.strip()) for name, _, value in told}
    return {"Content-Type": "application/json", "Content-Encoding": "gzip", **own}


def _retry_after(response: httpx.Response) -> float:
    told = response.headers.get("Retry-After", "")
    return min(float(told), LONGEST_PAUSE) if told.isascii() and told.isdecimal() else 0.0
