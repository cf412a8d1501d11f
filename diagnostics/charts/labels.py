"""Names as labels: Plotly reads a small HTML of its own, so every name is escaped; long names lose their middle."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from functools import lru_cache

FONT_SIZE = 12
# Plotly would draw these as markup, and control or direction marks could disguise or reorder a whole label.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACE = re.compile(r"\s+")
_NARROW, _WIDE = frozenset("fijlrtI.,:;'|!()[]{}/\\ -`"), frozenset("mwMW@%—…")


def plain(text: str) -> str:
    """One line without control characters; nothing is escaped."""
    return _SPACE.sub(" ", _UNSAFE.sub("�", text))


@lru_cache(maxsize=2048)
def escape(text: str) -> str:
    """Any text so that Plotly shows exactly that text, on one line."""
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def elided(text: str, pixels: float) -> str:
    """``text`` escaped, with an ellipsis in its middle when it is wider than ``pixels``; the end tells names apart."""
    text = plain(text)
    return escape(text if text_width(text) <= pixels else _shortened(text, pixels))


def wrapped(text: str, columns: int) -> str:
    """The whole of ``text`` escaped, in lines of at most ``columns`` characters, broken between words if it can be."""
    text = plain(text)
    lines = [text] if len(text) <= columns else textwrap.wrap(text, columns)
    # With a blank it is a break to Plotly all the same, and <plotly-chart> can tell it from the end of a line.
    return "<br >".join(map(escape, lines))


@lru_cache(maxsize=2048)
def text_width(text: str) -> float:
    """Rough pixels of ``text`` at 12 px in a common sans-serif; a little too wide rather than too narrow."""
    return sum(map(_character_width, text))


@lru_cache(maxsize=4096)
def _character_width(character: str) -> float:
    if character in _NARROW:
        return 4.5
    if character in _WIDE or unicodedata.east_asian_width(character) in "WF":
        return 12.5
    return 8.9 if character.isupper() else 7.4


def _shortened(text: str, pixels: float) -> str:
    room = max(pixels - _character_width("…"), 0)
    head = _fitting(text, room * 0.6)
    tail = _fitting(text[:head:-1], room - text_width(text[:head]))
    return f"{text[:head]}…{text[len(text) - tail :]}"


def _fitting(text: str, pixels: float) -> int:
    for count, character in enumerate(text):
        pixels -= _character_width(character)
        if pixels < 0:
            return count
    return len(text)
