"""JSON objects one after the other, however they are packed, without holding more than one of them.

Takes a list document (``{"kind": "EventList", "items": [{…}, {…}]}``), an array, one object, objects one a line
(NDJSON) and objects pretty-printed one after the other, as ``kubectl get -w -o json`` does. A file that was cut
gives the objects before the cut.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

LARGEST = 16 * 1024 * 1024  # characters of one object; what does not end by then is not JSON
_BLANK = " \t\r\n"


class Placed(NamedTuple):
    """An object and the line it begins on."""

    line: int
    value: Any


class Unreadable(Exception):
    """Nothing can be read from ``line`` on."""

    def __init__(self, message: str, line: int, text: str) -> None:
        super().__init__(message)
        self.message, self.line, self.text = message, line, text


class JsonStream:
    """Reads objects off pieces of text, which may end anywhere. ``line`` is where reading stands."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
        self.line = 1

    def objects(self) -> Iterator[Placed]:
        """Every object; the items of lists in place of the lists. Raises ``Unreadable`` where the JSON breaks."""
        while (first := self._peek()) != "":
            if first == "[":
                yield from self._items()
            elif first == "{":
                yield from self._document()
            elif first in ",\x1e":
                self._take()
            else:
                self._break("this is not JSON")

    def _document(self) -> Iterator[Placed]:
        """An object, read key by key so that a long list in it is not read at once."""
        line, found, had_items = self.line, {}, False
        self._take()
        while (char := self._peek()) != "}":
            if char == "":
                self._break("the file ends in the middle of an object")
            if char == ",":
                self._take()
                continue
            key = self._value()
            if self._peek() != ":":
                self._break("a colon is missing")
            self._take()
            if key == "items" and self._peek() == "[":
                had_items = True
                yield from self._items()
            else:
                found[key] = self._value()
        self._take()
        if not had_items:
            yield Placed(line, cleaned(found))

    def _items(self) -> Iterator[Placed]:
        self._take()
        while (char := self._peek()) != "]":
            if char == "":
                self._break("the file ends in the middle of a list")
            if char == ",":
                self._take()
                continue
            line = self.line
            yield Placed(line, cleaned(self._value()))
        self._take()

    def _peek(self) -> str:
        """The next character that is not blank, or ``""`` at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._take()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _take(self) -> None:
        self.line += self._text[self._at] == "\n"
        self._at += 1

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._at > LARGEST or not self._more():
                    self._break(getattr(error, "msg", None) or "the JSON is nested too deeply or a number is too long")
                continue
            # A number or a word at the very end of what was read may go on in what was not.
            if end == len(self._text) and self._text[end - 1] not in '}]"' and self._more():
                continue
            self.line += self._text.count("\n", self._at, end)
            self._at = end
            return value

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        self._text, self._at = self._text[self._at :] + (piece or ""), 0
        return piece is not None

    def _break(self, message: str) -> None:
        raise Unreadable(message, self.line, self._text[self._at : self._at + 200].partition("\n")[0])


def cleaned(value: Any) -> Any:
    """The value without characters that a database cannot store: NUL and halves of surrogate pairs."""
    return _mapped(value, _storable) if _has(value, _is_odd) else value


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _is_odd(text: str) -> bool:
    return "\0" in text or (not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text))


def _has(value: Any, bad: Callable[[str], bool]) -> bool:
    if isinstance(value, dict):
        return any(bad(key) or _has(item, bad) for key, item in value.items())
    if isinstance(value, list):
        return any(_has(item, bad) for item in value)
    return isinstance(value, str) and bad(value)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {change(key): _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    return change(value) if isinstance(value, str) else value
