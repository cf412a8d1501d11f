"""A saved log's rows as the lines that the program wrote: unwrapped, numbered, and whole where the runtime cut them."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, Tuple

from diagnostics.agent.lines import Line
from diagnostics.agent.log_wrapping import Unwrapped, unwrap
from diagnostics.agent.stamps import Calendar

# A line longer than this is data, not a message.
MAX_LINE = 16_384
# docker's JSON around one takes up to six characters for each.
_MAX_ROW = 8 * MAX_LINE
_MOST_SPEAKERS = 100


def pieces(rows: Iterable[str], calendar: Calendar, outer_only: bool = False) -> Iterator[Tuple[int, Unwrapped]]:
    """The program's own lines, each with the number of its first row; what a runtime cut in pieces is one again."""
    begun: Dict[Tuple[str, str], Tuple[int, Unwrapped]] = {}
    for number, row in enumerate(rows, 1):
        piece = unwrap(row[:_MAX_ROW], calendar, outer_only)
        speaker = (piece.source, piece.logger)
        if begun and speaker in begun:
            number, first = begun.pop(speaker)
            piece = first._replace(text=first.text + piece.text, partial=piece.partial)
        if len(piece.text) > MAX_LINE:
            piece = piece._replace(text=piece.text[:MAX_LINE])
        if piece.partial and len(begun) < _MOST_SPEAKERS:
            begun[speaker] = (number, piece)
        else:
            yield number, piece
    yield from begun.values()


def as_line(piece: Unwrapped, number: int) -> Line:
    """For the profiles; the time of a line without a stamp is still to be told."""
    return Line(piece.time or 0, piece.text, number, piece.source, piece.precision, piece.time is not None)
