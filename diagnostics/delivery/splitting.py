"""Long messages in pieces that each product takes. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
Size = Callable[[str], int]
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}  # emoji are made of several characters with these between or behind


def utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8"))


def pieces(lines: Iterable[str], most: int, size: Size = len, joint: str = "\n") -> list[str]:
    """The lines as texts whose ``size`` is at most ``most``: cut at line ends, and inside a line, between two
    characters, only when that line alone is too long."""
    texts: list[str] = []
    for line in lines:
        for part in _cut(line, most, size):
            joined = f"{texts[-1]}{joint}{part}" if texts else ""
            if texts and size(joined) <= most:
                texts[-1] = joined
            else:
                texts.append(part)
    return texts


def shortened(text: str, most: int, size: Size = len) -> str:
    """The text, or its beginning with … when its ``size`` is above ``most``."""
    return text if size(text) <= most else _cut(text, most - size("…"), size)[0] + "…"


def pages(items: Iterable[T], most: int, size: Callable[[T], int]) -> list[list[T]]:
    """Items in order, together as long as their sizes add up to at most ``most``."""
    made: list[list[T]] = []
    room = 0
    for item in items:
        room -= size(item)
        if not made or room < 0:
            made.append([])
            room = most - size(item)
        made[-1].append(item)
    return made


def numbered(number: int, of: int) -> str:
    """`` (2/3)``, or nothing for a message in one piece."""
    return f" ({number}/{of})" if of > 1 else ""


def _cut(line: str, most: int, size: Size) -> list[str]:
    parts = []
    while size(line) > most:
        at = _between_characters(line, _longest(line, most, size))
        parts.append(line[:at])
        line = line[at:]
    return [*parts, line]


def _longest(line: str, most: int, size: Size) -> int:
    """How many characters fit; at least one, so that there is an end."""
    low, high = 1, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        if size(line[:middle]) <= most:
            low = middle
        else:
            high = middle - 1
    return low


def _between_characters(line: str, at: int) -> int:
    """The place, or one before it that parts no accent or emoji joiner from its character."""
    place = at
    while 0 < place < len(line) and (
        unicodedata.combining(line[place]) or line[place] in _JOINERS or line[place - 1] == "\u200d"
    ):
        place -= 1
    return place or at
