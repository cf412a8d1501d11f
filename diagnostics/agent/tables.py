"""Tables for a terminal: columns as wide as what they hold, numbers to the right, double-width characters counted."""

from __future__ import annotations

import unicodedata
from typing import List, Sequence, Tuple

LEFT, RIGHT = "left", "right"


def width(text: str) -> int:
    """Cells a text takes: Chinese characters take two, combining marks none."""
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    # Drawn over the character before, or not at all.
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Cc", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def clean(text: str) -> str:
    """Text that came from elsewhere, without what would steer the terminal: escapes, new lines, bidi marks."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") else c for c in text)


def cut(text: str, cells: int) -> str:
    """The text in at most ``cells`` cells, with an ellipsis where something was lost."""
    if width(text) <= cells:
        return text
    kept, used = [], 0
    for character in text:
        used += _cells(character)
        if used > cells - 1:
            break
        kept.append(character)
    return "".join(kept) + "…" if cells > 0 else ""


def pad(text: str, cells: int, side: str = LEFT) -> str:
    """The text filled with spaces up to ``cells``."""
    space = " " * max(0, cells - width(text))
    return text + space if side == LEFT else space + text


def table(columns: Sequence[Tuple[str, str]], rows: Sequence[Sequence[str]], widest: int = 60) -> str:
    """``columns`` are (title, LEFT or RIGHT); cells longer than ``widest`` are cut. Lines end without spaces."""
    cells = [[cut(clean(cell), widest) for cell in row] for row in [[title for title, _ in columns], *rows]]
    widths = [max(width(row[index]) for row in cells) for index in range(len(columns))]
    lines: List[str] = []
    for row in cells:
        padded = [pad(cell, widths[i], columns[i][1]) for i, cell in enumerate(row)]
        lines.append("  ".join(padded).rstrip())
    lines.insert(1, "  ".join("-" * count for count in widths).rstrip())
    return "\n".join(lines)
