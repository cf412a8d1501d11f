"""Accept, store, parse: the one way in for an artifact. The only writer of artifacts, launches and phase records."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import zstandard
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from diagnostics import storing
from diagnostics.analysis.launch import analyse
from diagnostics.models import Artifact, ArtifactContent, Service
from diagnostics.parsers import PARSERS, Hints
from diagnostics.parsers.snapshot import Envelope, envelope
from diagnostics.records import Kind, ParseError

# Launch ids of senders that choose none: the same content for the same service is the same launch.
NAMESPACE = uuid.UUID("6c61756e-6368-5363-8f70-650000000001")
# The state of a sender's row is one round trip: an existing launch answers with the service it belongs to.
INSERT_LAUNCH = """
INSERT INTO diagnostics_launch (id, service_id, start_time, version, gaps, milestones, labels, config)
VALUES (%s, %s, %s, %s, '{}', '{}', '{}', '{}')
ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING service_id
"""


class UploadError(Exception):
    """The request itself is wrong: ``code`` for machines, ``message`` a sentence, ``where`` the place."""

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where


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
    launch: uuid.UUID
    state: str
    created: bool


def accept(upload: Upload, allowed: tuple[str, ...] = ()) -> Accepted:
    """Store a snapshot durably and return at once; ``allowed`` names the services the sender is bound to, if any.

    Raises ``ParseError`` (not JSON) and ``UploadError`` (no service, not allowed, conflict with what is stored).
    """
    outside = envelope(upload.content)
    service = _service_name(upload, outside, allowed)
    environment = outside.environment or upload.environment
    sha256 = hashlib.sha256(upload.content).hexdigest()
    launch = _launch_id(outside.launch_id or upload.launch_id, f"{service}/{environment}/{sha256}")
    artifact = Artifact(kind=Kind.SNAPSHOT, launch_id=launch, size=len(upload.content), sha256=sha256)
    artifact.day = datetime.now(UTC).date()
    artifact.given = {k: v for k in ("version", "host") if (v := getattr(upload, k))}
    try:
        with transaction.atomic():
            _insert(artifact, Service.objects.known(service, environment), upload)
    except IntegrityError:
        return _repeated(launch, sha256)
    return Accepted(artifact.id, launch, Artifact.State.RECEIVED, created=True)


def parse(artifact_id: uuid.UUID) -> uuid.UUID | None:
    """Turn a received artifact into records and return its launch, or ``None`` when there is nothing to judge.

    A retry is harmless: what is already parsed or rejected is left alone. Anything but a ``ParseError`` (the database,
    memory, our own mistake) is raised for the caller to retry; the artifact stays ``received`` and is never lost.
    """
    artifact = _claim(artifact_id)
    if artifact is None:
        return None
    try:
        if artifact.attempts > settings.PARSE_ATTEMPTS:
            raise ParseError(
                f"Parsing did not finish in {settings.PARSE_ATTEMPTS} attempts: the artifact is kept, but not read",
                "",
                "gave_up",
            )
        parsed = PARSERS[Kind(artifact.kind)](_content(artifact), _hints(artifact))
        analysis = analyse(parsed.phases, parsed.milestones)
    except ParseError as error:
        _reject(artifact, error)
        return None
    storing.store_launch(artifact, parsed, analysis)
    return artifact.launch_id


def content_of(artifact: Artifact) -> bytes:
    """The raw bytes of an artifact, as they were after the transfer's own compression."""
    return _content(artifact)


def _service_name(upload: Upload, outside: Envelope, allowed: tuple[str, ...]) -> str:
    service = outside.service or upload.service  # what the sender wrote into the file beats the URL
    if not service:
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


def _launch_id(chosen: str | None, content_name: str) -> uuid.UUID:
    if not chosen:
        return uuid.uuid5(NAMESPACE, content_name)
    try:
        return uuid.UUID(chosen)
    except ValueError:
        raise UploadError("invalid_launch_id", f"“{chosen[:60]}” is not a UUID", "launch_id") from None


def _insert(artifact: Artifact, service: Service, upload: Upload) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_LAUNCH, [artifact.launch_id, service.id, time.time_ns(), upload.version])
        (owner,) = cursor.fetchone()
    if owner != service.id:
        raise UploadError("conflict", "A launch of another service has this id", "launch_id")
    artifact.save(force_insert=True)
    data = zstandard.compress(upload.content, 3)
    ArtifactContent.objects.bulk_create([ArtifactContent(day=artifact.day, artifact_id=artifact.id, data=data)])


def _repeated(launch: uuid.UUID, sha256: str) -> Accepted:
    stored = Artifact.objects.exclude(state=Artifact.State.REJECTED).get(launch_id=launch, kind=Kind.SNAPSHOT)
    if stored.sha256 != sha256:
        raise UploadError(
            "conflict",
            f"Launch {launch} already has a snapshot with other content (artifact {stored.id}); "
            "send a new launch under a new launch_id",
            "launch_id",
        )
    return Accepted(stored.id, launch, stored.state, created=False)


def _claim(artifact_id: uuid.UUID) -> Artifact | None:
    """Count the attempt before making it, so that a file that kills its worker runs out of attempts.

    The count may be lost in a crash of the database, so its commit need not wait for the disk.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        waiting = Artifact.objects.raw(
            "UPDATE diagnostics_artifact SET attempts = attempts + 1 WHERE id = %s AND state = 'received' RETURNING *",
            [artifact_id],
        )
        return next(iter(waiting), None)


def _content(artifact: Artifact) -> bytes:
    stored = ArtifactContent.objects.get(day=artifact.day, artifact_id=artifact.id)
    return zstandard.decompress(stored.data, max_output_size=artifact.size)


def _hints(artifact: Artifact) -> Hints:
    received = int(artifact.received_at.timestamp() * 1e6) * 1000
    return Hints(received, version=artifact.given.get("version", ""), host=artifact.given.get("host", ""))


def _reject(artifact: Artifact, error: ParseError) -> None:
    artifact.state = Artifact.State.REJECTED
    artifact.error = {"code": error.code, "message": error.message, "where": error.where}
    artifact.save(update_fields=["state", "error"])
