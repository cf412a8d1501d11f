"""A request's body: read up to the cap, decompressed up to the cap, never further."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import zstandard
from django.conf import settings
from django.http import HttpRequest

from diagnostics.api.errors import ApiError
from diagnostics.ingest import Packed

# zstd may expand its input some ten thousand times, so the input is fed in small pieces between looks at the cap.
ZSTD_PIECE = 2048
GZIP_PIECE = 1_048_576


@dataclass(frozen=True, slots=True)
class Caps:
    """Most bytes of a body, as sent and after decompression."""

    sent: int
    decompressed: int


def read_body(request: HttpRequest, *, ends_itself: bool = False, caps: Caps | None = None) -> bytes:
    """The decompressed body. Raises ``ApiError`` 413 over a cap, 400 for a broken stream, 415 for another encoding.

    ``ends_itself``: whether a reader notices when the end is missing, as with JSON. Other content must come with its
    length, or compressed: the server does not tell a chunked body that broke off from a whole one.
    """
    return b"".join(_pieces(request, ends_itself, caps or _caps()))


def read_packed(request: HttpRequest) -> Packed:
    """The body as a file to be kept, packed while it is decompressed: never whole in memory. Raises as above."""
    return Packed.of_pieces(_pieces(request, ends_itself=False, caps=_caps()))


def _caps() -> Caps:
    return Caps(settings.MAX_BODY_BYTES, settings.MAX_DECOMPRESSED_BYTES)


def _pieces(request: HttpRequest, ends_itself: bool, caps: Caps) -> Iterator[bytes]:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    is_plain = encoding in ("", "identity")
    raw = _read(request, ends_itself or not is_plain, caps.sent)
    if is_plain:
        return iter([raw])
    if encoding in ("gzip", "x-gzip"):
        return _gunzip(raw, caps.decompressed)
    if encoding == "zstd":
        return _unzstd(raw, caps.decompressed)
    raise ApiError(
        415,
        "unsupported_encoding",
        f"“{encoding[:40]}” is not read here: send gzip, zstd or nothing",
        "Content-Encoding",
    )


def _read(request: HttpRequest, ends_itself: bool, limit: int) -> bytes:
    declared = request.headers.get("Content-Length") or ""
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit, "as sent")
    raw = request.read(limit + 1) if declared else _chunked(request, limit + 1, ends_itself)
    if len(raw) > limit:
        raise _too_large(limit, "as sent")
    if declared.isdigit() and len(raw) < int(declared):
        raise ApiError(400, "incomplete_body", f"{len(raw)} bytes arrived of the {declared} announced", "body")
    return raw


def _chunked(request: HttpRequest, most: int, ends_itself: bool) -> bytes:
    # Django takes a body of no announced length for empty; a server that marks its end can be asked directly.
    if not request.META.get("wsgi.input_terminated"):
        return request.read(most)
    whole = bytearray()
    while len(whole) < most and (piece := request.META["wsgi.input"].read(most - len(whole))):
        whole += piece
    if whole and not ends_itself:
        raise ApiError(411, "length_required", "Send this file with a Content-Length, or as gzip or zstd", "body")
    return bytes(whole)


def _gunzip(raw: bytes, most: int) -> Iterator[bytes]:
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            while piece := stream.read(GZIP_PIECE):
                size += len(piece)
                _check(size, most)
                yield piece
    except (OSError, EOFError, zlib.error) as error:
        raise ApiError(400, "invalid_gzip", f"The gzip stream is broken: {error}", "body") from None


def _unzstd(raw: bytes, most: int) -> Iterator[bytes]:
    size = 0
    frame = zstandard.ZstdDecompressor().decompressobj()
    try:
        for start in range(0, len(raw), ZSTD_PIECE):
            piece = raw[start : start + ZSTD_PIECE]
            while piece:
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                content = frame.decompress(piece)
                piece = frame.unused_data if frame.eof else b""
                size += len(content)
                _check(size, most)
                yield content
    except zstandard.ZstdError as error:
        raise ApiError(400, "invalid_zstd", f"The zstd stream is broken: {error}", "body") from None
    if not frame.eof:
        raise ApiError(400, "invalid_zstd", "The zstd stream ends in the middle of a frame", "body")


def _check(size: int, most: int) -> None:
    if size > most:
        raise _too_large(most, "after decompression")


def _too_large(limit: int, when: str) -> ApiError:
    return ApiError(413, "body_too_large", f"At most {limit:,} bytes {when} are accepted; split the upload", "body")
