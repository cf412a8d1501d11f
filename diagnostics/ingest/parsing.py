"""Parse what was accepted: bytes to records, once, however often it is asked."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import connection, transaction

from diagnostics.analysis.launch import analyse
from diagnostics.ingest import storing
from diagnostics.ingest.content import content_of
from diagnostics.models import Artifact
from diagnostics.parsers import PARSERS, Hints
from diagnostics.records import Kind, LaunchAnalysis, Parsed, ParseError


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
        parsed = PARSERS[Kind(artifact.kind)](content_of(artifact), _hints(artifact))
        analysis = _analysed(parsed) if artifact.kind == Kind.SNAPSHOT else None
    except ParseError as error:
        _reject(artifact, error)
        return None
    if analysis is None:
        storing.store_evidence(artifact, parsed)
        return None
    storing.store_launch(artifact, parsed, analysis)
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


def _hints(artifact: Artifact) -> Hints:
    received = int(artifact.received_at.timestamp() * 1e6) * 1000
    return Hints(received, version=artifact.given.get("version", ""), host=artifact.given.get("host", ""))


def _reject(artifact: Artifact, error: ParseError) -> None:
    """Unless another worker has parsed it meanwhile: what is parsed stays so."""
    sentence = {"code": error.code, "message": error.message, "where": error.where}
    waiting = Artifact.objects.filter(pk=artifact.pk, state=Artifact.State.RECEIVED)
    waiting.update(state=Artifact.State.REJECTED, error=sentence)
