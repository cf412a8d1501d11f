"""Physical lines as messages: what belongs to the line before joins it, what has no time of its own borrows one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.agent.log_wrapping import Unwrapped

_TRACEBACK = re.compile(r"^(?:Exception in thread |panic: |goroutine \d+ \[)")
# What goes on with a traceback from the margin.
_LINK = re.compile(
    r"^(?:During handling of the above exception|The above exception was the direct cause|Caused by: |\.{3} \d+ more)"
)
# The exception itself, at the margin again, ends a traceback.
_RAISED = re.compile(r"^[A-Za-z_][\w.]*(?:: |:?$)")
_INDENTED = re.compile(r"^[ \t]+\S")
# vLLM's workers put their name before empty lines too.
_NOTHING_SAID = re.compile(r"^\([^()]* pid=\d+\)\s*$")
_PROGRESS = re.compile(r"\d%\||it/s\]|\?it/s|s/it\]")
MOST_TEXT = 16_384


@dataclass(slots=True)
class Message:
    """What a program said at once. ``stamped`` is False where ``time`` (ns) is that of the message before it;
    ``number`` is its first physical line, ``lines`` how many it has; ``engine`` that a profile knows one of them."""

    time: int
    precision: int
    text: str
    number: int
    source: str
    level: str
    stamped: bool = True
    lines: int = 1
    engine: bool = False
    in_traceback: bool = False


@dataclass(slots=True)
class Row:
    """A physical line with its place in time."""

    number: int
    piece: Unwrapped
    time: int
    precision: int
    level: str
    engine: bool

    @property
    def stamped(self) -> bool:
        return self.piece.time is not None


def messages(rows: Iterable[Row]) -> Iterator[Message]:
    """Rows in the order of the file → messages. Blank rows are none; a row with a stamp is always one of its own."""
    current: Message | None = None
    in_traceback = False
    for row in rows:
        text = row.piece.text
        if not text.strip() or _NOTHING_SAID.match(text):
            continue
        begins = "Traceback (most recent call last)" in text or _TRACEBACK.match(text) is not None
        inside = in_traceback and (begins or _is_inside(row))
        if current is not None and _speaker(row) == current.source and not row.stamped and (inside or _continues(text)):
            _join(current, row)
        else:
            if current is not None:
                yield current
            current = _message(row)
        current.in_traceback = current.in_traceback or begins or inside
        in_traceback = begins or (inside and _continues(text)) or _LINK.match(text) is not None
    if current is not None:
        yield current


def _speaker(row: Row) -> str:
    return row.piece.logger or row.piece.source


def _is_inside(row: Row) -> bool:
    text = row.piece.text
    if row.stamped and row.level:
        return False  # a message of its own, however its runtime indents it
    return _continues(text) or (not row.level and _RAISED.match(text) is not None)


def _continues(text: str) -> bool:
    if _PROGRESS.search(text):
        return False
    return _INDENTED.match(text) is not None or _LINK.match(text) is not None


def _join(message: Message, row: Row) -> None:
    message.lines += 1
    message.engine = message.engine or row.engine
    if len(message.text) < MOST_TEXT:
        message.text = f"{message.text}\n{row.piece.text}"[:MOST_TEXT]


def _message(row: Row) -> Message:
    piece = row.piece
    return Message(
        time=row.time,
        precision=row.precision,
        text=piece.text,
        number=row.number,
        source=_speaker(row),
        level=row.level,
        stamped=row.stamped,
        engine=row.engine,
    )
