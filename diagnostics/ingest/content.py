"""The raw bytes of artifacts: compressed at rest, whole again for whoever reads them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import zstandard
from django.db import connection

from diagnostics.models import Artifact, ArtifactContent
from diagnostics.parsers.source import HEAD
from diagnostics.records import ParseError

LEVEL = 3  # higher levels cost the request path more than they save on disk
PIECE = 1_048_576
DELETE = "DELETE FROM diagnostics_artifactcontent WHERE day = %s AND artifact_id = %s"
INSERT = "COPY diagnostics_artifactcontent (day, artifact_id, data) FROM STDIN (FORMAT BINARY)"
PART = "SELECT substring(data FROM %s FOR %s) FROM diagnostics_artifactcontent WHERE day = %s AND artifact_id = %s"


@dataclass(frozen=True, slots=True)
class Packed:
    """A file on its way in, as it will lie in the database; ``head`` are its first bytes, for recognising it."""

    data: bytes
    size: int
    sha256: str
    head: bytes

    @classmethod
    def of(cls, content: bytes) -> Packed:
        return cls.of_pieces([content])

    @classmethod
    def of_pieces(cls, pieces: Iterable[bytes]) -> Packed:
        """Pack a file as it arrives: the whole of it is never in memory."""
        digest, frame = hashlib.sha256(), zstandard.ZstdCompressor(level=LEVEL).compressobj()
        parts, size, head = [], 0, b""
        for piece in pieces:
            digest.update(piece)
            parts.append(frame.compress(piece))
            size += len(piece)
            head += piece[: 2 * HEAD - len(head)]  # of a compressed file, so much makes at least one HEAD
        parts.append(frame.flush())
        return cls(b"".join(parts), size, digest.hexdigest(), head)


def keep(artifact: Artifact, data: bytes) -> None:
    """Store the packed bytes of an artifact that is being accepted, in its day's partition."""
    with connection.cursor() as cursor:
        # Of an artifact that was deleted since, the bytes stay until their day is dropped.
        cursor.execute(DELETE, [artifact.day, artifact.id])
        # COPY, because a statement would hold them three times over, once as hexadecimal text.
        with cursor.copy(INSERT) as copy:
            copy.set_types(["date", "uuid", "bytea"])
            copy.write_row((artifact.day, artifact.id, data))


def packed(content: bytes) -> bytes:
    """The bytes as they lie in the database."""
    return zstandard.compress(content, LEVEL)


def unpacked(data: bytes | memoryview, size: int) -> bytes:
    """The ``size`` bytes as they were sent, without the transfer's own compression."""
    return zstandard.decompress(data, max_output_size=size)


def content_of(artifact: Artifact) -> bytes:
    """The file of an artifact, from the database. Raises ``ParseError`` when it is gone."""
    stored = ArtifactContent.objects.filter(day=artifact.day, artifact_id=artifact.id).first()
    if stored is None:
        raise _gone()
    return unpacked(stored.data, artifact.size)


def stream_of(artifact: Artifact) -> io.BufferedReader:
    """The file of an artifact from its beginning, fetched as it is read. Raises ``ParseError`` when it is gone."""
    return io.BufferedReader(_Unpacked(artifact), PIECE)


def _gone() -> ParseError:
    return ParseError("The raw bytes are no longer kept, so they cannot be read", "", "content_gone")


class _Stored(io.RawIOBase):
    """The packed bytes, by slices: they lie uncompressed in the table, so a slice costs no more than its length."""

    def __init__(self, artifact: Artifact) -> None:
        self._row = (artifact.day, artifact.id)
        self._place = 1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(PART, [self._place, len(buffer), *self._row])
            row = cursor.fetchone()
        if row is None:
            raise _gone()
        buffer[: len(row[0])] = row[0]
        self._place += len(row[0])
        return len(row[0])


class _Unpacked(io.RawIOBase):
    """The bytes as they were sent; may be rewound to the beginning, which readers that look at the head need."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact
        self.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if (offset, whence) != (0, io.SEEK_SET):
            raise io.UnsupportedOperation("only to the beginning")
        self._place = 0
        frame = zstandard.ZstdDecompressor()
        self._stream = frame.stream_reader(cast(BinaryIO, _Stored(self._artifact)), read_size=PIECE)
        return 0

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)
