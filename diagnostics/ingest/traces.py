"""Accept a request of spans: store its bytes durably, answer at once."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection
from psycopg.types.json import Jsonb

from diagnostics.ingest.accepting import NAMESPACE
from diagnostics.ingest.content import packed
from diagnostics.ingest.trace_parts import BY_TRACE
from diagnostics.ingest.upload_error import UploadError
from diagnostics.parsers.otlp import json_form, protobuf
from diagnostics.records import Kind

# One round trip and one commit; the same bytes again, as a sender repeats that has missed the answer, change nothing.
INSERT = """
WITH artifact AS (
    INSERT INTO diagnostics_artifact (id, kind, size, sha256, given, day, lines, counts, facts)
    VALUES (%(id)s, 'otlp', %(size)s, %(sha256)s, %(given)s, %(day)s, '{}', '{}', '{}')
    ON CONFLICT (id) DO NOTHING RETURNING id, day
)
INSERT INTO diagnostics_artifactcontent (day, artifact_id, data) SELECT day, id, %(data)s FROM artifact
ON CONFLICT (day, artifact_id) DO UPDATE SET data = excluded.data -- left by one that was deleted since
"""
WAITING = "SELECT count(*) FROM (SELECT FROM diagnostics_artifact WHERE state = 'received' LIMIT %s) waiting"
LOOK_AGAIN = 0.5  # seconds between two looks at how much waits


@dataclass(frozen=True, slots=True)
class TracesAccepted:
    """``artifact`` is ``None`` where there was nothing to keep, or the same bytes are kept already."""

    artifact: uuid.UUID | None
    rejected: int = 0
    reason: str = ""


def accept_traces(content: bytes, is_json: bool, allowed: tuple[str, ...] = ()) -> TracesAccepted:
    """Keep a request as it came, if any span of it can be kept; ``allowed`` names the services that the sender is bound
    to, if any. What is wrong with single spans is counted; they are left out when a worker reads the request.

    Raises ``ParseError`` for what is no request of spans, ``UploadError`` when too much waits already.
    """
    count, rejected, reason = _looked_over(content, is_json, allowed)
    if count == rejected:
        return TracesAccepted(None, rejected, reason)
    backlog.check()
    sha256 = hashlib.sha256(content).hexdigest()
    artifact = uuid.uuid5(NAMESPACE, f"{Kind.OTLP}/{','.join(allowed)}/{sha256}")
    given = {BY_TRACE: True, **({"services": list(allowed)} if allowed else {})}
    about: dict[str, Any] = {"id": artifact, "size": len(content), "sha256": sha256, "given": Jsonb(given)}
    with connection.cursor() as cursor:
        cursor.execute(INSERT, {**about, "day": datetime.now(UTC).date(), "data": packed(content)})
        return TracesAccepted(artifact if cursor.rowcount else None, rejected, reason)


def _looked_over(content: bytes, is_json: bool, allowed: tuple[str, ...]) -> tuple[int, int, str]:
    """How many spans there are, how many of them cannot be kept, and why."""
    now = time.time_ns()
    if not is_json:
        return protobuf.looked_over(protobuf.decoded(content), now, allowed)
    received = json_form.read(json_form.decoded(content), now, allowed)
    return received.count + received.rejected, received.rejected, received.reason


class Backlog(msgspec.Struct):
    """How much waits for workers, looked up now and then: senders that wait cost less than a queue without end."""

    looked_at: float = float("-inf")
    waiting: int = 0

    def check(self) -> None:
        if time.monotonic() - self.looked_at > LOOK_AGAIN:
            self.looked_at = time.monotonic()
            with connection.cursor() as cursor:
                cursor.execute(WAITING, [settings.OTLP_MOST_WAITING + 1])
                self.waiting = cursor.fetchone()[0]
        if self.waiting > settings.OTLP_MOST_WAITING:
            raise UploadError("too_busy", f"More than {settings.OTLP_MOST_WAITING} uploads wait already; send it later")


backlog = Backlog()
