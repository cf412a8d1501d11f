"""Read a stored artifact again, with the parser of today or with better hints."""

from __future__ import annotations

import uuid

from diagnostics.ingest.upload_error import UploadError
from diagnostics.models import Artifact, ArtifactContent


def reparse(artifact_id: uuid.UUID) -> Artifact:
    """Put an artifact back to be read anew; what it counted before is kept in ``previous``, to see the difference.

    Its records stay until the new ones replace them. One that waits to be read is left alone. Raises ``UploadError``
    when its bytes are no longer kept.
    """
    artifact = Artifact.objects.get(pk=artifact_id)
    if not ArtifactContent.objects.filter(day=artifact.day, artifact_id=artifact.id).exists():
        raise UploadError("content_gone", "The raw bytes of this artifact are no longer kept: send the file again")
    if artifact.state != Artifact.State.RECEIVED:
        read_again(artifact)
    return artifact


def read_again(artifact: Artifact) -> None:
    """Back to ``received``, with what it was told before."""
    before = {"state": artifact.state, "parser": artifact.parser, "lines": artifact.lines, "counts": artifact.counts}
    artifact.previous = {**before, "error": artifact.error}
    artifact.state, artifact.error, artifact.attempts = Artifact.State.RECEIVED, None, 0
    artifact.save(update_fields=["state", "error", "attempts", "previous", "given"])
