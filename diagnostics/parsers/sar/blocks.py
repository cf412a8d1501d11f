"""A report's sections, which blank lines part, each with the number of its first line."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NamedTuple

from diagnostics.parsers.sar.stamps import in_digits
from diagnostics.parsers.source import Source

LARGEST = 2_097_152  # characters; a longer section comes in parts
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# An editor's blanks at the ends of lines, where there are any: lines of them part sections too.
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
# sysstat 11.5 prints a NUL after each percentage, which is U+FFFD by now.
_NUL = re.compile("(?<=[0-9])\ufffd")


class Block(NamedTuple):
    """``is_rest`` marks the further parts of a section that was too long to come at once."""

    line: int
    text: str
    is_rest: bool


class Blocks:
    """Every section, without the blank lines around it; its lines joined by newlines, stamps in digits, no colours.

    ``lines`` is how many lines there are, once all sections have been taken; ``open_line`` is the number of the last
    one when no newline ends it, as in a file that was cut.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.lines = self.open_line = 0

    def __iter__(self) -> Iterator[Block]:
        line, held, is_rest = 1, "", False
        has_trailing = b" \n" in self._source.head().replace(b"\r", b"")
        for piece in self._source.texts():
            self.open_line = 0 if "\n" in piece else line + (held.count("\n") + 1 if held else 0)
            piece = plain(_TRAILING.sub("", piece) if has_trailing else piece)
            text = f"{held}\n{piece}" if held else piece
            whole, parted, held = text.rpartition("\n\n")
            if parted:
                line, is_rest = (yield from _sections(whole, line, is_rest)), False
            if len(held) > LARGEST:
                part, held = before_last_sample(held)
                yield Block(line, part, is_rest)
                line, is_rest = line + part.count("\n") + 1, True
            elif not held:
                line += 1
        after = yield from _sections(held, line, is_rest)
        self.lines = after - 2 if held else line - 1


def plain(text: str) -> str:
    text = _COLOUR.sub("", text) if "\x1b" in text else text
    return text if text.isascii() else in_digits(_NUL.sub("", text))


def _sections(text: str, line: int, is_rest: bool) -> Generator[Block, None, int]:
    """Returns the number of the line after the text and a blank line."""
    for section in text.split("\n\n"):
        if section[:1] == "\n" or section[-1:] == "\n":
            if stripped := section.strip("\n"):
                yield Block(line + len(section) - len(section.lstrip("\n")), stripped, is_rest)
        elif section:
            yield Block(line, section, is_rest)
        line, is_rest = line + section.count("\n") + 2, False
    return line


def before_last_sample(text: str) -> tuple[str, str]:
    """The text up to the rows of its last stamp, and those, so that a sample stays in one part."""
    stamp = text[text.rfind("\n") + 1 :][:8]
    end = len(text)
    while (newline := text.rfind("\n", 0, end)) > 0 and text.startswith(stamp, newline + 1):
        end = newline
    return (text[:end], text[end + 1 :]) if 0 < end < len(text) else (text, "")
