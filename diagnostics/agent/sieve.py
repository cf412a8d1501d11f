"""Decides about most lines without a regular expression: which of many patterns could match a text at all.

From each pattern the words are taken that every match must contain; looking for words takes a twentieth of the time.
"""

from __future__ import annotations

import re
from typing import FrozenSet, Iterable, List, Optional, Tuple

# One of these stands in every match of the pattern; None where no such words can be told.
Words = Optional[FrozenSet[str]]
NEVER = "(?!)"
_LEAST = 3
_SPECIAL = frozenset(".^$[\\(|")


class Sieve:
    """``passes(text)`` is False only where none of the patterns matches anywhere in ``text``."""

    def __init__(self, patterns: Iterable[str]) -> None:
        words: "set[str]" = set()
        wordless: List[str] = []
        for pattern in patterns:
            if pattern == NEVER:
                continue
            found = words_of(pattern)
            if found is None:
                wordless.append(pattern)
            else:
                words |= found
        # A word that holds another is found by it.
        self._words = sorted(word for word in words if not any(other in word for other in words if other != word))
        nameless = [re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern in wordless]
        self._rest = re.compile("|".join(f"(?:{pattern})" for pattern in nameless)) if nameless else None

    def passes(self, text: str) -> bool:
        lowered = text.lower()
        for word in self._words:
            if word in lowered:
                return True
        return self._rest is not None and self._rest.search(text) is not None


def words_of(pattern: str) -> Words:
    """In lower case. Understands what the profiles use: groups, alternatives, classes, quantifiers, escapes."""
    words, position = _alternatives(pattern, 0)
    return words if position >= len(pattern) else None


def _alternatives(pattern: str, position: int) -> Tuple[Words, int]:
    """Up to the end or the closing parenthesis: every alternative must give words for all of them to."""
    every: "set[str]" = set()
    hopeless = False
    while True:
        words, position = _sequence(pattern, position)
        hopeless = hopeless or words is None
        every |= words or frozenset()
        if position >= len(pattern) or pattern[position] != "|":
            return (None if hopeless else frozenset(every)), position
        position += 1


def _sequence(pattern: str, position: int) -> Tuple[Words, int]:
    """The best words of one alternative: those of which the shortest is longest."""
    best: Words = None
    run = ""
    while position < len(pattern) and pattern[position] not in "|)":
        character, words, position = _item(pattern, position)
        optional, position, repeated = _quantifier(pattern, position)
        if character and not optional:
            run += character
            if not repeated:
                continue
        best = _better(best, _run(run))
        run = ""
        if words is not None and not optional:
            best = _better(best, words)
    return _better(best, _run(run)), position


def _item(pattern: str, position: int) -> Tuple[str, Words, int]:
    """One item as a literal character, or as words that it must hold, and where the next begins."""
    character = pattern[position]
    if character == "\\":
        escaped = pattern[position + 1]
        return ("" if escaped.isalnum() else escaped.lower()), None, position + 2
    if character == "[":
        end = position + 2 if pattern[position + 1] != "^" else position + 3
        while pattern[end] != "]":
            end += 2 if pattern[end] == "\\" else 1
        return "", None, end + 1
    if character == "(":
        return _group(pattern, position)
    return ("" if character in _SPECIAL else character.lower()), None, position + 1


def _group(pattern: str, position: int) -> Tuple[str, Words, int]:
    opening = re.compile(r"\((?:\?(?:P<\w+>|[a-z]*:|(?P<around><?[=!])))?").match(pattern, position)
    assert opening is not None
    words, end = _alternatives(pattern, opening.end())
    # What is looked at around a match is no part of it.
    return "", (None if opening["around"] else words), end + 1


def _quantifier(pattern: str, position: int) -> Tuple[bool, int, bool]:
    """Whether the item before may be absent, where the next one begins, and whether it may come again."""
    match = re.compile(r"(?:[?*+]|\{(\d*)(?:,\d*)?\})[?+]?").match(pattern, position)
    if match is None:
        return False, position, False
    return match[0][0] in "?*" or match[1] in ("", "0"), match.end(), True


def _run(text: str) -> Words:
    return frozenset([text]) if len(text) >= _LEAST else None


def _better(one: Words, other: Words) -> Words:
    if not one or not other:
        return one or other
    return max(one, other, key=lambda words: min(map(len, words)))
