"""Parse what was accepted: bytes to records, once, however often it is asked."""

from __future__ import annotations

import contextlib
import uuid

import psycopg
from django.conf import settings
from django.db import DatabaseError, DataError, OperationalError, connection, transaction
from django.db.models import F

from diagnostics.analysis.launch import analyse
from diagnostics.ingest import joining, storing, streaming
from diagnostics.ingest.assembling import assemble
from diagnostics.ingest.content import stream_of, unpacked
from diagnostics.ingest.hints import hints_of
from diagnostics.ingest.trace_parsing import store_traces
from diagnostics.ingest.trace_parts import BY_TRACE
from diagnostics.models import Artifact, Launch, OtlpTrace
from diagnostics.parsers import PARSERS, Source, collect
from diagnostics.parsers.otlp import LAUNCH
from diagnostics.records import Kind, LaunchAnalysis, Parsed, ParseError

# One round trip, with all that parsing a snapshot will ask for; other files are fetched as they are read. A crash of
# the database may lose the count, no more, so a worker's commits need not wait for the disk (see webapp.celery).
# A file that another worker is storing stays locked until it has done so: nobody need wait for that.
CLAIM = """
UPDATE diagnostics_artifact a SET attempts = attempts + 1
WHERE id = (SELECT id FROM diagnostics_artifact WHERE id = %s AND state = 'received' FOR UPDATE SKIP LOCKED)
RETURNING a.*,
    (SELECT c.data FROM diagnostics_artifactcontent c
     WHERE a.kind IN ('snapshot', 'otlp') AND c.day = a.day AND c.artifact_id = a.id) AS stored,
    (SELECT l.service_id FROM diagnostics_launch l WHERE l.id = a.launch_id) AS service_id
"""


def parse(artifact_id: uuid.UUID) -> uuid.UUID | None:
    """Turn a received artifact into records and return its launch, or ``None`` when there is nothing to judge.

    A retry is harmless: what is already parsed or rejected is left alone. Anything but a ``ParseError`` (the database,
    memory, our own mistake) is raised for the caller to retry; the artifact stays ``received`` and is never lost.
    A file that belongs to no launch may join several by its host: ``joining.joined`` names them.
    """
    artifact = _claim(artifact_id)
    if artifact is None:
        return None
    try:
        return _parse(artifact)
    except ParseError as error:
        _reject(artifact, error)
    except (DataError, psycopg.DataError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        _reject(artifact, ParseError(f"A value of this file cannot be stored: {reason}", "", "invalid_value"))
    except (OperationalError, psycopg.OperationalError):  # COPY's own errors are not wrapped by Django
        _uncount(artifact)
        raise
    return None


def _parse(artifact: Artifact) -> uuid.UUID | None:
    if artifact.attempts > settings.PARSE_ATTEMPTS:
        raise ParseError(
            f"Parsing did not finish in {settings.PARSE_ATTEMPTS} attempts: the artifact is kept, but not read",
            "",
            "gave_up",
        )
    if artifact.kind == Kind.SNAPSHOT:
        return _parse_snapshot(artifact)
    if artifact.kind == Kind.OTLP and (artifact.launch_id is None or BY_TRACE in artifact.given):
        store_traces(artifact)
        return None
    return _parse_evidence(artifact)


def _parse_snapshot(artifact: Artifact) -> uuid.UUID:
    assert artifact.launch_id, "a snapshot always has a launch"
    assert artifact.service_id, "a launch always has a service"
    parsed = collect(PARSERS[Kind.SNAPSHOT](Source.of(_content(artifact)), hints_of(artifact)))
    analysis = _analysed(parsed)
    series = storing.series_ids(artifact.service_id, analysis.phases)
    with transaction.atomic():
        if storing.store_launch(artifact, parsed, analysis, series):
            assemble(artifact.launch_id)
        # Spans that no rule took for a launch are of one after all.
        OtlpTrace.objects.filter(pk=artifact.launch_id).exclude(verdict=LAUNCH).update(stored=False, settled=False)
    return artifact.launch_id


def _parse_evidence(artifact: Artifact) -> uuid.UUID | None:
    with transaction.atomic():
        reader, hints = PARSERS[Kind(artifact.kind)], hints_of(artifact)
        if not streaming.store_evidence(artifact, lambda: reader(Source(lambda: stream_of(artifact)), hints)):
            return None
        if artifact.launch_id is None:
            joining.reopen(artifact)
            return None
        assemble(artifact.launch_id)
    is_waiting = Launch.objects.filter(pk=artifact.launch_id, state=Launch.State.PARSED).exists()
    return artifact.launch_id if is_waiting else None


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


def _reject(artifact: Artifact, error: ParseError) -> None:
    """Unless another worker has parsed it meanwhile: what is parsed stays so."""
    sentence = {"code": error.code, "message": error.message, "where": error.where}
    waiting = Artifact.objects.filter(pk=artifact.pk, state=Artifact.State.RECEIVED)
    with transaction.atomic():
        rejected = waiting.update(state=Artifact.State.REJECTED, error=sentence)
        if rejected and artifact.previous and artifact.kind != Kind.SNAPSHOT:
            _forget(artifact)


def _forget(artifact: Artifact) -> None:
    """What an earlier reading said no longer holds; a snapshot's launch stays, for without it there would be none."""
    with connection.cursor() as cursor:
        storing.forget(cursor, artifact.pk)
    Artifact.objects.filter(pk=artifact.pk).update(told=None, counts={}, first_ns=None, last_ns=None)
    if artifact.launch_id:
        assemble(artifact.launch_id)
    else:
        joining.reopen(artifact)
