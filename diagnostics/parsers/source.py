"""The bytes of an artifact as parsers take them: whole, or line by line without ever holding them all."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

import zstandard

from diagnostics.records import ParseError

HEAD = 65_536  # what recognisers look at
CHUNK = 1_048_576
LONGEST_LINE = 262_144  # characters; a line beyond it is data, not text, and is cut there
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Source:
    """An artifact's content. ``open`` gives the stored bytes from their beginning, each time it is called.

    A file that is itself gzip or zstd (``messages-20261123.gz``) is read as what it holds.
    """

    def __init__(self, open: Callable[[], BinaryIO]) -> None:  # noqa: A002  (that is what it does)
        self._open = open

    @classmethod
    def of(cls, content: bytes) -> Source:
        return cls(lambda: io.BytesIO(content))

    def head(self) -> bytes:
        """The first bytes; of a cut compressed file, what can be had."""
        with self._unpacked() as stream:
            return _some(stream, HEAD)

    def read(self) -> bytes:
        """All of it. Raises ``ParseError`` when a compressed file is cut or damaged."""
        with self._unpacked() as stream:
            return b"".join(_chunks(stream, is_whole=True))

    def lines(self) -> Iterator[str]:
        """Lines without their ends, whatever those are; NUL, which no text holds, becomes U+FFFD.

        UTF-8 (and UTF-16 with its mark); a line that is not is read as GB18030, else as Latin-1. Of a cut compressed
        file, the lines that can be had: a log's beginning is worth more than nothing.
        """
        for content in self._whole_lines():
            yield from _texts(content)

    def texts(self) -> Iterator[str]:
        """The same lines about a megabyte at a time, ``\\n`` between them, for parsers that read in bulk."""
        for content in self._whole_lines():
            text = _joined(content.replace(b"\0", b"\xef\xbf\xbd"))
            yield text.replace("\r\n", "\n").removesuffix("\r") if "\r" in text else text

    def chunks(self) -> Iterator[bytes]:
        """The content as it is, a megabyte at a time, for what is no text. Raises ``ParseError`` as ``read`` does."""
        with self._unpacked() as stream:
            yield from _chunks(stream, is_whole=True)

    def _whole_lines(self) -> Iterator[bytes]:
        with self._unpacked() as stream:
            rest = b""
            for chunk in _as_utf8(_chunks(stream, is_whole=False)):
                rest += chunk
                whole, newline, rest = rest.rpartition(b"\n")
                if newline:
                    yield whole
                elif len(rest) > 4 * LONGEST_LINE:
                    rest = rest[: 4 * LONGEST_LINE]
            if rest:
                yield rest

    def _unpacked(self) -> BinaryIO:
        stream = self._open()
        magic = stream.read(4)
        stream.seek(0)
        if magic.startswith(GZIP):
            return cast(BinaryIO, gzip.open(stream))
        if magic == ZSTD:
            return cast(BinaryIO, zstandard.ZstdDecompressor().stream_reader(stream))
        return stream


def _some(stream: BinaryIO, size: int) -> bytes:
    some = b""
    for chunk in _chunks(stream, is_whole=False):
        some += chunk
        if len(some) >= size:
            break
    return some[:size]


def _chunks(stream: BinaryIO, *, is_whole: bool) -> Iterator[bytes]:
    # Of a cut file, read() would keep back what it has when it meets the end.
    read = cast("io.BufferedReader", stream).read1
    try:
        while chunk := read(CHUNK):
            yield chunk
    except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
        if is_whole:
            raise ParseError(f"The compressed file is cut or damaged: {error}", "", "damaged_compression") from None


def _as_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    if not first.startswith(UTF16):
        yield first.removeprefix(b"\xef\xbb\xbf")
        yield from chunks
        return
    utf16 = codecs.getincrementaldecoder("utf-16")("replace")
    yield utf16.decode(first).encode()
    for chunk in chunks:
        yield utf16.decode(chunk).encode()


def _texts(content: bytes) -> Iterator[str]:
    content = content.replace(b"\0", b"\xef\xbf\xbd")
    try:
        texts = content.decode().split("\n")
    except UnicodeDecodeError:
        texts = [_text(line) for line in content.split(b"\n")]
    return (text.removesuffix("\r")[:LONGEST_LINE] for text in texts)


def _joined(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return "\n".join(_text(line) for line in content.split(b"\n"))


def _text(line: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")
