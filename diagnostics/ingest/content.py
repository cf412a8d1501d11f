"""The raw bytes of artifacts: compressed at rest, whole again for whoever reads them."""

from __future__ import annotations

import zstandard

from diagnostics.models import Artifact, ArtifactContent

LEVEL = 3  # higher levels cost the request path more than they save on disk


def keep(artifact: Artifact, content: bytes) -> None:
    """Store the bytes of an artifact that is being accepted, in its day's partition."""
    stored = ArtifactContent(day=artifact.day, artifact_id=artifact.id, data=packed(content))
    ArtifactContent.objects.bulk_create([stored])


def packed(content: bytes) -> bytes:
    """The bytes as they lie in the database."""
    return zstandard.compress(content, LEVEL)


def unpacked(data: bytes | memoryview, size: int) -> bytes:
    """The ``size`` bytes as they were sent, without the transfer's own compression."""
    return zstandard.decompress(data, max_output_size=size)


def content_of(artifact: Artifact) -> bytes:
    """The file of an artifact, from the database."""
    stored = ArtifactContent.objects.get(day=artifact.day, artifact_id=artifact.id)
    return unpacked(stored.data, artifact.size)
