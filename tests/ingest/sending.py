"""Senders of snapshots and evidence that do what web server and worker would, here and now."""

from __future__ import annotations

import uuid
from typing import Any

from diagnostics import detection
from diagnostics.ingest import Evidence, Packed, Upload, accept, accept_evidence, joined, parse
from diagnostics.models import Artifact, Launch
from tests.data.snapshots import encoded

ID = "5f0c8a52-6a0e-4a7e-9c1c-0d4f6a1b2c3d"


def send_snapshot(document: Any, **given: str) -> Launch:
    accepted = accept(Upload(encoded(document), **{"service": "open-autoglm", **given}))
    parse(accepted.artifact)
    return Launch.objects.get(artifacts=accepted.artifact)


def send_file(content: bytes, kind: str = "auto", **given: str) -> Artifact:
    """Accept and parse; the artifact as it is then."""
    accepted = accept_evidence(Evidence(Packed.of(content), kind, **given))
    parse(accepted.artifact)
    return Artifact.objects.select_related("host").get(pk=accepted.artifact)


def judge_all(artifact: Artifact) -> list[uuid.UUID]:
    """Judge again what the file asks for, as the worker does; the launches, newest first."""
    waiting = [artifact.launch_id] if artifact.launch_id else joined(artifact.pk)
    for launch in waiting:
        detection.judge(launch)
    return waiting


def judged(launch_id: uuid.UUID | str) -> Launch:
    detection.judge(uuid.UUID(str(launch_id)))
    return Launch.objects.get(pk=launch_id)
