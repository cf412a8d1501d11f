"""Parse what was accepted: bytes to records, once, however often it is asked."""

from __future__ import annotations

import contextlib
import uuid

import psycopg
from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.db.models import F

from diagnostics.analysis.launch import analyse
from diagnostics.ingest import storing
from diagnostics.ingest.content import unpacked
from diagnostics.models import Artifact
from diagnostics.parsers import PARSERS, Hints, Source, collect
from diagnostics.records import Kind, LaunchAnalysis, Parsed, ParseError

# One round trip, with all that parsing will ask for. A crash of the database may lose the count, no more, so a worker's
# commits need not wait for the disk (see webapp.celery).
CLAIM = """
UPDATE diagnostics_artifact a SET attempts = attempts + 1 WHERE id = %s AND state = 'received'
RETURNING a.*,
    (SELECT c.data FROM diagnostics_artifactcontent c WHERE c.day = a.day AND c.artifact_id = a.id) AS stored,
    (SELECT l.service_id FROM diagnostics_launch l WHERE l.id = a.launch_id) AS service_id
"""


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
        parsed = collect(PARSERS[Kind(artifact.kind)](Source.of(_content(artifact)), _hints(artifact)))
        analysis = _analysed(parsed) if artifact.kind == Kind.SNAPSHOT else None
    except ParseError as error:
        _reject(artifact, error)
        return None
    try:
        if analysis is None:
            storing.store_evidence(artifact, parsed)
            return None
        storing.store_launch(artifact, parsed, analysis)
    except (OperationalError, psycopg.OperationalError):  # COPY's own errors are not wrapped by Django
        _uncount(artifact)
        raise
    return artifact.launch_id


def _analysed(parsed: Parsed) -> LaunchAnalysis:
    try:
        return analyse(parsed.phases, parsed.milestones)
    except ParseError as error:
        # The analysis does not know that the minimal form is the array itself; paths point into what was sent.
        if parsed.facts.get("form") == "minimal":
            error.where = error.where.replace("$.phases", "$", 1)
        raise


def _claim(artifact_id: uuid.UUID) -> Artifact | None:
    """Count the attempt before making it, so that a file that kills its worker runs out of attempts."""
    return next(iter(Artifact.objects.raw(CLAIM, [artifact_id])), None)


def _uncount(artifact: Artifact) -> None:
    """A full disk or a lost connection is not the file's fault, so it does not cost the file an attempt."""
    with contextlib.suppress(DatabaseError):
        Artifact.objects.filter(pk=artifact.pk, state=Artifact.State.RECEIVED).update(attempts=F("attempts") - 1)


def _content(artifact: Artifact) -> bytes:
    if artifact.stored is None:
        raise ParseError("The raw bytes are no longer kept, so they cannot be read", "", "content_gone")
    return unpacked(artifact.stored, artifact.size)


def _hints(artifact: Artifact) -> Hints:
    received = int(artifact.received_at.timestamp() * 1e6) * 1000
    return Hints(received, version=artifact.given.get("version", ""), host=artifact.given.get("host", ""))


def _reject(artifact: Artifact, error: ParseError) -> None:
    """Unless another worker has parsed it meanwhile: what is parsed stays so."""
    sentence = {"code": error.code, "message": error.message, "where": error.where}
    waiting = Artifact.objects.filter(pk=artifact.pk, state=Artifact.State.RECEIVED)
    waiting.update(state=Artifact.State.REJECTED, error=sentence)
