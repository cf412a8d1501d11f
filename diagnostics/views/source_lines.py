"""A file's lines around one of them: where an event or a proof comes from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

AROUND = 12
LONGEST = 2000  # characters of a line that are shown


@dataclass(frozen=True, slots=True)
class SourceLine:
    number: int
    text: str
    is_cut: bool
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """``lines`` are in order; ``asked`` is the line that was asked for, which the file may not have."""

    asked: int
    lines: list[SourceLine]
    is_last: bool  # whether the file ends with these

    @property
    def is_found(self) -> bool:
        return any(line.is_asked for line in self.lines)

    @property
    def before(self) -> int | None:
        """The line to ask for to see what comes before these."""
        first = self.lines[0].number if self.lines else 1
        return max(1, first - AROUND) if first > 1 else None

    @property
    def after(self) -> int | None:
        return self.lines[-1].number + AROUND if self.lines and not self.is_last else None


def excerpt(lines: Iterable[str], asked: int) -> Excerpt:
    """The lines around line ``asked`` (from 1); of a shorter file its last ones. Reads no further than it must."""
    kept: deque[SourceLine] = deque(maxlen=2 * AROUND + 1)
    end = asked + AROUND
    for number, text in enumerate(lines, 1):
        if number > end:
            return Excerpt(asked, list(kept), is_last=False)
        kept.append(SourceLine(number, text[:LONGEST], len(text) > LONGEST, number == asked))
    found = bool(kept) and kept[-1].number >= asked
    return Excerpt(asked, [line for line in kept if not found or line.number >= asked - AROUND], is_last=True)
