"""``sadf -j``: entries of ``sysstat.hosts[].statistics`` one by one, so that a long file need not fit into memory.

    {"sysstat": {"hosts": [{"nodename": "vm", "release": "6.18.44", "number-of-cpus": 2,
      "statistics": [{"timestamp": {"date": "2026-11-23", "time": "11:14:53", "utc": 1, "interval": 1},
                      "cpu-load": [{"cpu": "all", "user": 58.29, "idle": 8.54}]}],
      "restarts": [{"boot": {"date": "2026-11-23", "time": "11:15:41", "utc": 1}}]}]}}

What old versions got wrong (commas too many or missing, ``nan``, stray backslashes) is mended; an entry that stays
unreadable is counted, with its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from diagnostics.parsers.source import Source
from diagnostics.records import ParseError

LISTS = ("statistics", "restarts", "comments")
_OUTER = ("sysstat", "hosts")
_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
_BLANK = re.compile(r"[\s,]*")
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_MENDS = (
    (re.compile(r",(\s*[}\]])"), r"\1"),
    (re.compile(r'([}\]"\d])(\s*\n\s*)(?=["{])'), r"\1,\2"),
    (re.compile(r"(?<=[:\[,\s])[-+]?(?:nan|inf(?:inity)?)(?=\s*[,}\]])", re.IGNORECASE), "null"),
    (re.compile(r'\\(?!["\\/bfnrtu])'), r"\\\\"),
)
# 11.1 and 11.2.0 open “network” in the first entry only, close it in none, and forget the comma after it.
_GAP = re.compile(r'\}[ \t]+"fchosts"')
_GAP_OR_NETWORK = re.compile(r'"network": \{|\}[ \t]+"fchosts"')


class Found(NamedTuple):
    """``kind`` is a list's name, or ``host`` for a plain value of the host; ``value`` is ``None`` for unreadable."""

    kind: str
    name: str
    value: Any
    line: int


class Document:
    """Reads forward only. ``is_cut`` says that the file ended too early."""

    def __init__(self, source: Source) -> None:
        # What has no line ends comes in one piece: pieces end where lines do.
        has_lines = source.head().count(b"\n") > 3
        self._pieces = source.texts() if has_lines else iter([source.read().decode("utf-8-sig", "replace")])
        self._text = ""
        self._at = 0
        self._line = 1
        self._is_over = False
        self.is_cut = False

    @property
    def lines(self) -> int:
        """How many lines have been read."""
        return self._line + self._text.count("\n", self._at) - 1

    def found(self) -> Iterator[Found]:
        while (char := self._peek()) not in ("", "\0"):
            if char != "{":
                raise ParseError("This is not the JSON of sadf: an object was expected.", f"line {self._line}")
            yield from self._object()

    def _object(self) -> Iterator[Found]:
        """One of the outer objects, key by key."""
        self._advance(1)
        while (char := self._peek()) not in ("}", ""):
            name = self._value() if char == '"' else None
            if not isinstance(name, str) or self._peek() != ":":
                raise ParseError("The JSON is broken: a key and a colon were expected.", f"line {self._line}")
            self._advance(1)
            yield from self._named(name)
        self._close(char)

    def _named(self, name: str) -> Iterator[Found]:
        first = self._peek()
        if name in LISTS and first == "[":
            yield from self._entries(name)
        elif name in _OUTER and first in "[{":
            yield from self._outer(first)
        else:
            line = self._line
            yield Found("host", name, self._value(), line)

    def _outer(self, first: str) -> Iterator[Found]:
        if first == "{":
            yield from self._object()
            return
        self._advance(1)
        while (char := self._peek()) == "{":
            yield from self._object()
        self._close(char)

    def _entries(self, name: str) -> Iterator[Found]:
        self._advance(1)
        while (char := self._peek()) not in ("]", ""):
            line = self._line
            if char != "{":
                raise ParseError(f"The JSON is broken in “{name}”: an object was expected.", f"line {line}")
            yield Found(name, "", self._value(), line)
        self._close(char)

    def _close(self, char: str) -> None:
        if char == "":
            self.is_cut = True
        else:
            self._advance(1)

    def _value(self) -> Any:
        """The value that begins here; ``None`` for one that cannot be read even when mended, or that was cut."""
        while True:
            value, end = self._decoded()
            # What is not whole may go on in the next piece, and so may a number at the end of this one.
            if end is not None and end < len(self._text):
                break
            if not self._more():
                self.is_cut = self.is_cut or end is None
                break
        self._advance((len(self._text) if end is None else end) - self._at)
        return value

    def _decoded(self) -> tuple[Any, int | None]:
        """The value that begins here and where it ends; no end when it is not whole."""
        try:
            return _DECODER.raw_decode(self._text, self._at)
        except (json.JSONDecodeError, RecursionError):
            end = self._end()
            return (None if end is None else _mended(self._text[self._at : end])), end

    def _end(self) -> int | None:
        """Where the brackets that open here are closed, whatever lies between them."""
        depth = 0
        for match in _BRACKET.finditer(self._text, self._at):
            bracket = match[0]
            depth += (bracket in "{[") - (bracket in "}]")
            if depth <= 0 and bracket in "}]":
                return match.end()
        return None

    def _peek(self) -> str:
        """The next character that is not blank or a comma, ``""`` at the end."""
        while True:
            match = _BLANK.match(self._text, self._at)
            self._advance((match.end() if match else self._at) - self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _advance(self, characters: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + characters)
        self._at += characters

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return False
        rest = self._text[self._at :]
        self._text = f"{rest}{_closed(piece) if _GAP.search(piece) else piece}\n"
        self._at = 0
        return True


def _closed(text: str) -> str:
    """The text with every “network” closed that is open before the section after it."""
    is_open = False

    def closed(match: re.Match[str]) -> str:
        nonlocal is_open
        was_open, is_open = is_open, not match[0].startswith("}")
        if is_open:
            return match[0]
        return '}}, "fchosts"' if was_open else '}, "fchosts"'

    return _GAP_OR_NETWORK.sub(closed, text)


def _mended(text: str) -> Any:
    for pattern, replacement in _MENDS:
        text = pattern.sub(replacement, text)
    try:
        return _DECODER.decode(text)
    except (json.JSONDecodeError, RecursionError):
        return None
