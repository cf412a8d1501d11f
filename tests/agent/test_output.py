"""Cutting a stream into lines, whatever the pieces it arrives in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent.output import Lines

ANY = 10**9


def cut(chunks: list[bytes], most: int = ANY) -> list[bytes]:
    lines = Lines()
    found = [line for chunk in chunks for line, _ in lines.feed(chunk, most)]
    rest = lines.rest()
    return found + ([rest] if rest else [])


@given(st.lists(st.binary(max_size=40).map(lambda text: text.replace(b"\r", b""))), st.integers(1, 7))
def test_where_a_stream_is_cut_changes_no_line(texts: list[bytes], size: int) -> None:
    stream = b"\n".join(texts)
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    expected = stream.split(b"\n")
    assert cut(pieces) == (expected if expected[-1] else expected[:-1])


def test_a_progress_bar_is_a_line_for_each_state_and_whole_at_the_end() -> None:
    assert list(Lines().feed(b"\r 0%\r 50%\r100%\nnext\n", ANY)) == [
        (b" 0%", False),
        (b" 50%", False),
        (b"100%", True),
        (b"next", True),
    ]
    assert cut([b"windows\r\n"]) == [b"windows"]


def test_an_endless_line_is_given_once_and_its_rest_is_dropped() -> None:
    lines = Lines()
    found = [line for _ in range(100) for line, _ in lines.feed(b"x" * 1000, ANY)]
    assert [len(line) for line in found] == [16_384]
    assert list(lines.feed(b"xxx\nshort\n", ANY)) == [(b"short", True)]


def test_beyond_what_may_be_read_lines_are_dropped_whole() -> None:
    lines = Lines()
    assert list(lines.feed(b"a\nb\nc\nd", 2)) == [(b"a", True), (b"b", True)]
    assert list(lines.feed(b"e\nf\n", 5)) == [(b"de", True), (b"f", True)]
    assert list(lines.feed(b"g\nh", 0)) == []
    assert lines.rest() == b"h"
