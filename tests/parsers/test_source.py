"""Files as they are found on hosts: compressed, cut, in other encodings, with any line ends, and endless."""

from __future__ import annotations

import gzip

import pytest
import zstandard

from diagnostics.parsers import Source
from diagnostics.parsers.source import LONGEST_LINE
from diagnostics.records import ParseError

TEXT = "".join(f"{number}: {number * 7919 % 10007:x}\n" for number in range(5000))
LINES = TEXT.splitlines()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_a_file_is_read_as_what_it_holds(pack: object) -> None:
    source = Source.of(pack(TEXT.encode()))  # type: ignore[operator]
    assert list(source.lines()) == LINES
    assert source.read() == TEXT.encode()
    assert TEXT.encode().startswith(source.head())
    assert source.head()


@pytest.mark.parametrize("share", [0.9, 0.3])
def test_a_cut_gzip_gives_the_lines_it_has_but_is_no_whole_document(share: float) -> None:
    packed = gzip.compress(TEXT.encode())
    source = Source.of(packed[: int(len(packed) * share)])
    lines = list(source.lines())
    assert len(LINES) * share / 3 < len(lines) < len(LINES)
    assert lines[:-1] == LINES[: len(lines) - 1]
    assert source.head()
    with pytest.raises(ParseError, match="cut or damaged"):
        source.read()


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"\xef\xbb\xbfa\nb", ["a", "b"]),
        ("Durchschn.: 日志\n".encode("utf-16"), ["Durchschn.: 日志"]),
        ("平均时间:\n".encode("gb18030"), ["平均时间:"]),
        ("é\n".encode("latin-1") + "日\n".encode(), ["é", "日"]),
        (b"a\0b\n", ["a\ufffdb"]),
        (b"", []),
        (b"\n\nx", ["", "", "x"]),
    ],
)
def test_lines_of_any_encoding_and_end(content: bytes, lines: list[str]) -> None:
    assert list(Source.of(content).lines()) == lines


def test_a_line_without_end_is_cut_and_the_next_is_read() -> None:
    endless = b"x" * (9 * 1024 * 1024) + b"\nnext\n"
    lines = list(Source.of(endless).lines())
    assert len(lines[0]) == LONGEST_LINE
    assert lines[-1] == "next"
