"""The files of an archive (tar, tar.gz, tar.zst, zip), read without ever touching the file system.

Nothing is written to disk, so a name cannot lead anywhere; links, devices and names that try to are told, not followed.
Sizes are counted while bytes are decompressed: what an archive claims of itself is believed nowhere.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

import zstandard
from django.conf import settings

from diagnostics.ingest.content import PIECE, Packed
from diagnostics.ingest.upload_error import UploadError
from diagnostics.parsers.source import GZIP, ZSTD

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
MOST_FILES = 1000
MOST_ENTRIES = 10_000  # with folders, links and what else is not read
LONGEST_NAME = 500
# Logs shrink to a tenth or a fiftieth; what shrinks further than this was made to.
RATIO, FREE = 250, 16 * 1024 * 1024
BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, zstandard.ZstdError, EOFError, OSError)
NOISE = ("__MACOSX/", ".DS_Store", "Thumbs.db")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive, or what keeps it from being read, as a sentence."""

    name: str
    content: Packed | None
    error: str = ""


def members(raw: bytes) -> list[Member]:
    """All files of an archive, in its order. Raises ``UploadError`` when it is none, or more than may be read.

    Of an archive that breaks off, the files before that place, and a last one that says so.
    """
    budget = _Budget(len(raw))
    found: list[Member] = []
    reading = _zip(raw, budget) if raw.startswith(ZIP) else _tar(raw, budget)
    try:
        for member in reading:
            budget.count()
            found.append(member)
    except BROKEN as error:
        if not found:
            raise _not_an_archive(error) from None
        found.append(Member("", None, f"The archive is damaged after “{found[-1].name}”: {error}"))
    return found


class _Budget:
    """How much may still come out of an archive."""

    def __init__(self, size: int) -> None:
        self.left = min(settings.MAX_DECOMPRESSED_BYTES, FREE + RATIO * size)
        self.files = 0

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise _too_large("The archive unpacks to more than is accepted")

    def count(self) -> None:
        self.files += 1
        if self.files > MOST_FILES:
            raise _too_large(f"The archive holds more than {MOST_FILES} files")


class _Counted(io.RawIOBase):
    """A decompressed stream that spends a budget, goes forward only, and reads no more at once than a piece."""

    def __init__(self, stream: BinaryIO, budget: _Budget) -> None:
        self._stream, self._budget, self._place = stream, budget, 0

    def read(self, size: int = -1) -> bytes:
        # A header that asks for more is no header of ours: its name would be a megabyte long.
        if not 0 <= size <= PIECE:
            raise tarfile.ReadError("a header is too long")
        data = self._stream.read(size)
        self._place += len(data)
        self._budget.spend(len(data))
        return data

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or offset < self._place:
            raise tarfile.ReadError("its parts do not follow each other")
        while self._place < offset:
            if not self.read(min(PIECE, offset - self._place)):
                raise tarfile.ReadError("unexpected end of data")
        return self._place


def _tar(raw: bytes, budget: _Budget) -> Iterator[Member]:
    stream: Any = io.BytesIO(raw)
    if raw.startswith(GZIP):
        stream = gzip.GzipFile(fileobj=stream)
    elif raw.startswith(ZSTD):
        stream = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    with tarfile.open(fileobj=cast(IO[bytes], _Counted(stream, budget)), mode="r:") as archive:
        for entries, entry in enumerate(archive):
            if entries >= MOST_ENTRIES:
                raise _too_large(f"The archive holds more than {MOST_ENTRIES} entries")
            name = _plain(entry.name)
            if entry.isdir() or _is_noise(name):
                continue
            if not entry.isreg() or entry.issparse():
                yield Member(name[:LONGEST_NAME], None, f"{_sort(entry)}: only plain files are read")
            elif wrong := _wrong_name(entry.name):
                yield Member(name[:LONGEST_NAME], None, wrong)
            else:
                # The stream has counted what it gives already.
                yield Member(name, _packed(cast(IO[bytes], archive.extractfile(entry))))


def _zip(raw: bytes, budget: _Budget) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if len(archive.infolist()) > MOST_ENTRIES:
            raise _too_large(f"The archive holds more than {MOST_ENTRIES} entries")
        for entry in archive.infolist():
            name = _plain(entry.filename)
            if entry.is_dir() or _is_noise(name):
                continue
            if wrong := _wrong_entry(entry):
                yield Member(name[:LONGEST_NAME], None, wrong)
                continue
            try:
                with archive.open(entry) as stream:
                    yield Member(name, _packed(stream, budget))
            except (*BROKEN, NotImplementedError, RuntimeError) as error:
                yield Member(name, None, f"This file cannot be unpacked: {error}")


def _packed(stream: IO[bytes], budget: _Budget | None = None) -> Packed:
    return Packed.of_pieces(_pieces(stream, budget))


def _pieces(stream: IO[bytes], budget: _Budget | None) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        if budget:
            budget.spend(len(piece))
        yield piece


def _plain(name: str) -> str:
    # Of an undecodable name, what can be shown and stored.
    return name.removeprefix("./").encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _wrong_name(name: str) -> str:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        return "Its name leads out of the archive"
    return "Its name is too long" if len(name) > LONGEST_NAME else ""


def _wrong_entry(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & 0x1:
        return "This file is encrypted"
    # Python unpacks the others a whole block at once, however much that makes.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "This file is packed in a way that is not read here: use deflate, as zip does by itself"
    sort = entry.external_attr >> 28
    if entry.create_system == 3 and sort not in (0, 0o10):
        return "A link or a device: only plain files are read"
    return _wrong_name(entry.orig_filename)


def _sort(entry: tarfile.TarInfo) -> str:
    if entry.issym() or entry.islnk():
        return "A link"
    return "A file with holes" if entry.issparse() else "A device or pipe"


def _is_noise(name: str) -> bool:
    last = name.rpartition("/")[2]
    return name.startswith(NOISE[0]) or last in NOISE[1:] or last.startswith("._")


def _not_an_archive(error: Exception) -> UploadError:
    sentence = f"This is not an archive that is read here ({error}): send a .tar, .tar.gz, .tar.zst or .zip"
    return UploadError("invalid_bundle", sentence, "body")


def _too_large(sentence: str) -> UploadError:
    return UploadError("body_too_large", f"{sentence}: send it in parts", "body")
