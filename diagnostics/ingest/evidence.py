"""Accept a file that tells of a host or a launch: check its outside, store it durably, answer at once."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from diagnostics.ingest.accepting import NAMESPACE, Accepted, launch_id_of
from diagnostics.ingest.content import Packed, keep
from diagnostics.ingest.hints import NAMES, check_hints
from diagnostics.ingest.rereading import read_again
from diagnostics.ingest.upload_error import UploadError
from diagnostics.models import Artifact, Host, Launch, Service
from diagnostics.parsers import PARSERS, sniff
from diagnostics.records import OF_ONE_LAUNCH, Kind

GIVEN = (*NAMES, "host", "service", "environment", "version", "name")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that tells of a host or a launch, with what the query said beside it."""

    content: Packed
    kind: str
    host: str = ""
    launch: str = ""
    service: str = ""
    environment: str = ""
    version: str = ""
    year: str = ""
    tz: str = ""
    boot_time: str = ""
    trace: str = ""
    name: str = ""  # the file's own, for people


def accept_evidence(evidence: Evidence, allowed: tuple[str, ...] = ()) -> Accepted:
    """Store any artifact but a snapshot durably. The same file for the same host and launch is the same artifact; sent
    again with other hints, it is read again with them.

    Raises ``UploadError`` for a kind that is not read here, for hints that cannot be right, for services that the
    sender is not bound to, and for a launch that is unknown and belongs to no named service.
    """
    kind = _kind(evidence)
    given = {name: value for name in GIVEN if (value := getattr(evidence, name))}
    check_hints(given, time.time_ns())
    if allowed and evidence.service and evidence.service not in allowed:
        raise _not_allowed(evidence.service)
    sha256 = evidence.content.sha256
    launch = _launch(evidence, kind)
    artifact = Artifact(kind=kind, launch_id=launch, size=evidence.content.size, sha256=sha256, given=given)
    if kind == Kind.OTLP and allowed:
        artifact.given |= {"services": list(allowed)}  # what each span says counts, not what the query says of the file
    artifact.id = uuid.uuid5(NAMESPACE, f"{kind}/{evidence.host}/{launch}/{sha256}")
    artifact.day = datetime.now(UTC).date()
    if launch:
        _know_launch(launch, evidence, allowed)
    if stored := Artifact.objects.filter(pk=artifact.id).first():
        return _known(stored, given)
    artifact.host = Host.objects.get_or_create(name=evidence.host)[0] if evidence.host else None
    try:
        with transaction.atomic():
            artifact.save(force_insert=True)
            keep(artifact, evidence.content.data)
    except IntegrityError:  # the same file from another sender, this very moment
        return Accepted(artifact.id, launch, kind, Artifact.State.RECEIVED, created=False)
    return Accepted(artifact.id, launch, kind, Artifact.State.RECEIVED, created=True)


def _launch(evidence: Evidence, kind: Kind) -> uuid.UUID | None:
    """The launch that the sender names; else the file's own, if it is of such a kind and sent for a service."""
    if not evidence.launch and not (kind in OF_ONE_LAUNCH and evidence.service):
        return None
    of = (evidence.service, evidence.environment, evidence.host, evidence.content.sha256)
    # Another trace of the same file is another launch.
    return launch_id_of(evidence.launch, "/".join((*of, evidence.trace) if evidence.trace else of))


def _known(stored: Artifact, given: dict[str, str]) -> Accepted:
    corrected = {name: given[name] for name in NAMES if name in given and given[name] != stored.given.get(name)}
    if corrected:
        stored.given |= corrected
        read_again(stored)
    return Accepted(stored.id, stored.launch_id, stored.kind, stored.state, created=False)


def _kind(evidence: Evidence) -> Kind:
    if not evidence.content.size:
        raise UploadError("empty_body", "The body is empty: send the file's bytes as they are", "body")
    kind = sniff(evidence.content.head) if evidence.kind == "auto" else evidence.kind
    readable = sorted(PARSERS.keys() - {Kind.SNAPSHOT})
    if kind == Kind.SNAPSHOT:
        raise UploadError("wrong_endpoint", "This is a launch snapshot: send it to POST /api/v1/launches", "kind")
    if kind not in readable:
        named = f"“{evidence.kind[:40]}” is not a kind that is read here" if kind else "No kind fits this file"
        raise UploadError("unknown_kind", f"{named}; kinds are {', '.join(readable)}", "kind")
    return Kind(kind)


def _know_launch(launch: uuid.UUID, evidence: Evidence, allowed: tuple[str, ...]) -> None:
    """Evidence may come before its snapshot: then the launch begins with it."""
    owner = Launch.objects.filter(pk=launch).values_list("service__name", flat=True).first()
    name = owner or evidence.service
    if not name:
        raise UploadError(
            "unknown_launch",
            f"Launch {launch} is not known yet: add &service=NAME, or send its snapshot first",
            "launch",
        )
    if allowed and name not in allowed:
        raise _not_allowed(name)
    if owner is None:
        service = Service.objects.known(name, evidence.environment)
        waiting = Launch(id=launch, service=service, start_time=time.time_ns())
        Launch.objects.bulk_create([waiting], ignore_conflicts=True)


def _not_allowed(name: str) -> UploadError:
    return UploadError("service_not_allowed", f"This token may not send anything for “{name}”", "service")
