"""The events of a Chrome trace one after the other, however long the file and wherever it ends."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from diagnostics.parsers.amounts import exact_decoder
from diagnostics.parsers.reading import Tally
from diagnostics.parsers.source import Source
from diagnostics.records import ParseError

LARGEST_EVENT = 4 * 1_048_576  # characters; what does not end by then is broken
LARGEST_VALUE = 64 * 1_048_576  # of a key beside the events, such as viztracer's copy of the sources
_BETWEEN = re.compile(r"[\s,\x1e\ufeff]*")
_NEXT_EVENT = re.compile(r"\}\s*,\s*(?=\{)")
_BROKEN = object()  # stands for a value that was counted as unread
_STRUCTURE = (ValueError, StopIteration, RecursionError)


class EventStream:
    """``about`` is what stands beside the events; ``is_cut`` says that the file ends before its end."""

    def __init__(self, source: Source, tally: Tally) -> None:
        self.about: dict[str, Any] = {}
        self.is_cut = False
        self.line = 1
        self._tally = tally
        self._pieces = self._texts(source)
        self._text, self._at = "", 0
        self._scan = exact_decoder().scan_once  # type: ignore[attr-defined]  # raw_decode costs twice as much

    def events(self) -> Iterator[dict[str, Any]]:
        """Every event of the array, or of ``traceEvents``. What is no object is counted. Raises ``ParseError``."""
        first = self._peek()
        if first == "[":
            yield from self._array()
        elif first == "{":
            yield from self._object()
        else:
            message = "A Chrome trace is a JSON array of events, or an object with “traceEvents”"
            raise ParseError(message, "line 1", "invalid_trace")

    def _object(self) -> Iterator[dict[str, Any]]:
        self._at += 1
        while (char := self._peek()) not in ("}", ""):
            key = self._value(LARGEST_EVENT)
            if not isinstance(key, str) or self._peek() != ":":
                self.is_cut = self._is_end()
                if not self.is_cut:
                    raise ParseError("Not valid JSON: a name and a colon must stand here", f"line {self.line}")
                return
            self._at += 1
            if self._peek() == "[" and key == "traceEvents":
                yield from self._array()
            else:
                value = self._value(LARGEST_VALUE)
                self.about[key] = None if value is _BROKEN else value
        self.is_cut = self.is_cut or char == ""

    def _array(self) -> Iterator[dict[str, Any]]:
        self._at += 1
        while (char := self._peek()) not in ("]", ""):
            line = self.line
            event = self._value(LARGEST_EVENT)
            if isinstance(event, dict):
                self._tally.total += 1
                yield event
            elif event is not _BROKEN:
                self._tally.total += 1
                self._tally.skip(line, str(event))
        # Chrome leaves the array open when it is ended before it has finished writing, and that is allowed.
        self.is_cut = self.is_cut or char == ""
        self._at += 1

    def _value(self, largest: int) -> Any:
        """The next value; ``_BROKEN`` for one that is broken, after which reading goes on at the next object."""
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except _STRUCTURE as error:
                if len(self._text) - self._at < largest and self._more():
                    continue
                self._resume(str(error))
                return _BROKEN
            # A number at the very end of a piece may go on in the next.
            if end == len(self._text) and self._text[end - 1] not in '}]"' and self._more():
                continue
            self.line += self._text.count("\n", self._at, end)
            self._at = end
            return value

    def _resume(self, reason: str) -> None:
        found = _NEXT_EVENT.search(self._text, self._at + 1)
        end = found.end() if found else len(self._text)
        self._tally.total += 1
        self._tally.skip(self.line, self._text[self._at : self._at + 200] or reason)
        self.line += self._text.count("\n", self._at, end)
        self._at, self.is_cut = end, self.is_cut or not found

    def _peek(self) -> str:
        while True:
            end = _BETWEEN.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches nothing, too
            self.line += self._text.count("\n", self._at, end)
            self._at = end
            if end < len(self._text):
                return self._text[end]
            if not self._more():
                return ""

    def _is_end(self) -> bool:
        return self._peek() == ""

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        self._text, self._at = self._text[self._at :] + (piece or ""), 0
        return piece is not None

    def _texts(self, source: Source) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            for chunk in source.chunks():
                # An empty text would read as the end.
                if text := decoder.decode(chunk):
                    yield text
        except ParseError:
            # Of a cut archive, what can be had: a trace that was killed is the one that is looked at.
            self.is_cut = True
