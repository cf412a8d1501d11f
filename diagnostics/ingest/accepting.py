"""Accept an upload: check its outside, store it durably, answer at once."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from diagnostics.ingest.content import keep, packed
from diagnostics.ingest.trace_parts import is_traced_only, move
from diagnostics.ingest.upload_error import UploadError
from diagnostics.models import Artifact, Service
from diagnostics.parsers.snapshot_form import Envelope, envelope
from diagnostics.records import Kind

# Launch ids of senders that choose none: the same content for the same service is the same launch.
NAMESPACE = uuid.UUID("6c61756e-6368-5363-8f70-650000000001")
# The usual upload, a new launch of a known service, in one statement: one round trip and one commit. It stores nothing
# at all when the launch is there already or the service is not; the statements below sort that out.
INSERT_NEW = """
WITH launch AS (
    INSERT INTO diagnostics_launch (id, service_id, start_time, version, gaps, milestones, labels, config)
    SELECT %(launch)s, id, %(now)s, %(version)s, '{}', '{}', '{}', '{}' FROM diagnostics_service
    WHERE name = %(service)s AND environment = %(environment)s
    ON CONFLICT (id) DO NOTHING RETURNING id
), artifact AS (
    INSERT INTO diagnostics_artifact (id, kind, launch_id, size, sha256, given, day, lines, counts, facts)
    SELECT %(artifact)s, %(kind)s, id, %(size)s, %(sha256)s, %(given)s, %(day)s, '{}', '{}', '{}' FROM launch
    RETURNING id, day
)
INSERT INTO diagnostics_artifactcontent (day, artifact_id, data) SELECT day, id, %(data)s FROM artifact
"""
# An existing launch answers with the service it belongs to, and stays locked, so that two senders of the same launch
# come one after the other. Only a row made just now has no xmax.
INSERT_LAUNCH = """
INSERT INTO diagnostics_launch (id, service_id, start_time, version, gaps, milestones, labels, config)
VALUES (%s, %s, %s, %s, '{}', '{}', '{}', '{}')
ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING service_id, xmax = 0
"""


@dataclass(frozen=True, slots=True)
class Upload:
    """One snapshot as it came in, with what the query said beside it."""

    content: bytes
    service: str = ""
    environment: str = ""
    version: str = ""
    host: str = ""
    launch_id: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    artifact: uuid.UUID
    launch: uuid.UUID | None
    kind: str
    state: str
    created: bool


def accept(upload: Upload, allowed: tuple[str, ...] = ()) -> Accepted:
    """Store a snapshot durably and return at once; ``allowed`` names the services the sender is bound to, if any.

    Raises ``ParseError`` (not JSON) and ``UploadError`` (no service, not allowed, conflict with what is stored).
    """
    outside = envelope(upload.content)
    service = _service_name(upload, outside, allowed)
    environment = _environment(upload, outside)
    sha256 = hashlib.sha256(upload.content).hexdigest()
    launch = launch_id_of(outside.launch_id or upload.launch_id, f"{service}/{environment}/{sha256}")
    artifact = Artifact(kind=Kind.SNAPSHOT, launch_id=launch, size=len(upload.content), sha256=sha256)
    artifact.day = datetime.now(UTC).date()
    artifact.given = {k: v for k in ("version", "host") if (v := getattr(upload, k))}
    accepted = Accepted(artifact.id, launch, artifact.kind, Artifact.State.RECEIVED, created=True)
    if _insert_new(artifact, service, environment, upload):
        return accepted
    with transaction.atomic():
        is_new = _insert_launch(launch, Service.objects.known(service, environment), upload.version)
        stored = None if is_new else _sent_before(launch, sha256)
        if stored is None:
            artifact.save(force_insert=True)
            keep(artifact, packed(upload.content))
            return accepted
    return Accepted(stored.id, launch, stored.kind, stored.state, created=False)


def _service_name(upload: Upload, outside: Envelope, allowed: tuple[str, ...]) -> str:
    service = outside.service or upload.service  # what the sender wrote into the file beats the URL
    if not service.strip():  # a name of spaces alone would be a line that nobody can click
        raise UploadError(
            "missing_service",
            "No service is named: add ?service=NAME to the URL or “service” to the snapshot",
            "service",
        )
    if "\0" in service or len(service) > 200:
        raise UploadError("invalid_service", "A service name has at most 200 characters and no NUL", "service")
    if allowed and service not in allowed:
        raise UploadError("service_not_allowed", f"This token may not send launches of “{service}”", "service")
    return service


def _environment(upload: Upload, outside: Envelope) -> str:
    environment = outside.environment or upload.environment
    if "\0" in environment:
        raise UploadError("invalid_environment", "An environment's name holds no NUL character", "environment")
    return environment


def launch_id_of(chosen: str | None, content_name: str) -> uuid.UUID:
    """The id that the sender chose, else one that follows from what was sent. Raises ``UploadError``."""
    if not chosen:
        return uuid.uuid5(NAMESPACE, content_name)
    try:
        return uuid.UUID(chosen)
    except ValueError:
        raise UploadError("invalid_launch_id", f"“{chosen[:60]}” is not a UUID", "launch_id") from None


def _insert_new(artifact: Artifact, service: str, environment: str, upload: Upload) -> bool:
    """Store an upload whose launch is new and whose service is known; answers whether it was so."""
    about: dict[str, Any] = {
        "launch": artifact.launch_id,
        "service": service,
        "environment": environment,
        "version": upload.version,
    }
    about |= {"artifact": artifact.id, "kind": artifact.kind, "size": artifact.size, "sha256": artifact.sha256}
    about |= {"day": artifact.day, "given": Jsonb(artifact.given), "data": packed(upload.content)}
    with connection.cursor() as cursor:
        cursor.execute(INSERT_NEW, {**about, "now": time.time_ns()})
        return bool(cursor.rowcount)


def _insert_launch(launch: uuid.UUID, service: Service, version: str) -> bool:
    """Whether the launch is new; one that is there already stays locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT_LAUNCH, [launch, service.id, time.time_ns(), version])
        owner, is_new = cursor.fetchone()
    if owner != service.id and is_traced_only(launch):
        move(launch, service.id)
    elif owner != service.id:
        raise UploadError("conflict", "A launch of another service has this id", "launch_id")
    return bool(is_new)


def _sent_before(launch: uuid.UUID, sha256: str) -> Artifact | None:
    """The launch's snapshot with this content, if any; a rejected one may be replaced by other content."""
    snapshots = Artifact.objects.filter(launch_id=launch, kind=Kind.SNAPSHOT)
    stored = snapshots.exclude(state=Artifact.State.REJECTED).first()
    if stored is None:
        # Giving up was our failure, not the sender's: the same bytes may be tried again.
        return snapshots.filter(sha256=sha256).exclude(error__code="gave_up").first()
    if stored.sha256 != sha256:
        raise UploadError(
            "conflict",
            f"Launch {launch} already has a snapshot with other content (artifact {stored.id}); "
            "send a new launch under a new launch_id",
            "launch_id",
        )
    return stored
