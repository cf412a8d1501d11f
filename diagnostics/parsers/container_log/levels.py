"""How bad a line says it is, in one set of words whatever the program calls it."""

from __future__ import annotations

import re

TRACE, DEBUG, INFO, NOTICE = "trace", "debug", "info", "notice"
WARNING, ERROR, CRITICAL = "warning", "error", "critical"

_WORDS = {
    "trace": TRACE, "verbose": DEBUG, "debug": DEBUG, "dbg": DEBUG, "fine": DEBUG, "finer": DEBUG, "finest": TRACE,
    "info": INFO, "inf": INFO, "information": INFO, "informational": INFO, "log": INFO, "hint": INFO, "detail": INFO,
    "statement": INFO, "context": INFO, "default": INFO, "config": INFO, "notice": NOTICE, "note": NOTICE,
    "warn": WARNING, "warning": WARNING, "wrn": WARNING, "err": ERROR, "error": ERROR, "eror": ERROR, "severe": ERROR,
    "exception": ERROR, "crit": CRITICAL, "critical": CRITICAL, "fatal": CRITICAL, "panic": CRITICAL,
    "dpanic": CRITICAL, "alert": CRITICAL, "emerg": CRITICAL, "emergency": CRITICAL,
    "t": TRACE, "d": DEBUG, "v": DEBUG, "i": INFO, "n": NOTICE, "w": WARNING, "e": ERROR, "f": CRITICAL, "c": CRITICAL,
}  # fmt: skip
# Words that are levels in PostgreSQL's prefixes, and ordinary ones without the colon.
_MARKED = ("log", "hint", "detail", "statement", "context", "config", "note", "default", "exception", "fine", "alert")
_SPELT = "|".join(word for word in _WORDS if len(word) > 1)
_UPPER = re.compile(r"[A-Z]{3,}")
# Each begins with what its matches begin with, which is what makes a search quick.
_LETTER = re.compile(r"[IWEFD](?:\d{3,4}|20\d{6}) \d\d:")
_FIELD = re.compile(rf"(?:level|lvl|severity)=\"?({_SPELT})\b")
_BRACKET = re.compile(rf"\[({_SPELT}|[DIWEC](?= \d))\b")
_COLON = re.compile(r"[A-Za-z]{3,11}: ")
_TENSORFLOW = re.compile(r"\d: ([IWEF]) [\w/]+\.\w+:\d|\d ([VDIWEF]) [\w.$]+ *:")
# A word further right is what the line talks about.
_REACH = 140
_BY_NUMBER = ((60, CRITICAL), (50, ERROR), (40, WARNING), (30, INFO), (20, DEBUG), (10, TRACE))
_SYSLOG = ("", CRITICAL, CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG)


def in_words(told: str) -> str:
    """A level field of a JSON line: a word, a letter, bunyan's and pino's tens, syslog's 1 to 7; ``""`` for others."""
    if told.isdecimal() and len(told) < 4:
        number = int(told)
        return _SYSLOG[number] if number < 8 else next((word for least, word in _BY_NUMBER if number >= least), "")
    return _WORDS.get(told.lower(), "")


def in_text(text: str) -> str:
    """The level that a line's own prefix names: ``INFO``, ``[notice]``, ``level=warn``, klog's ``E1110``."""
    head = text[:_REACH]
    letter = _LETTER.search(head)
    if letter and (letter.start() == 0 or head[letter.start() - 1] in " \t[:"):
        return _WORDS[letter[0][0].lower()]
    return _shouted(head) or _spelt(head)


def _shouted(head: str) -> str:
    for match in _UPPER.finditer(head):
        word, after = match[0].lower(), head[match.end() : match.end() + 1]
        stands_alone = not any(one.isalnum() or one == "_" for one in (head[match.start() - 1 : match.start()], after))
        if word in _WORDS and stands_alone and (word not in _MARKED or after == ":"):
            return _WORDS[word]
    return ""


def _spelt(head: str) -> str:
    match = (_FIELD.search(head) if "l=" in head or "y=" in head else None) or _BRACKET.search(head)
    if match:
        return _WORDS[match[1].lower()]
    for named in _COLON.finditer(head):
        word = named[0][:-2].lower()
        if (
            word in _WORDS
            and word not in _MARKED
            and head[named.start() - 1 : named.start()] in ("", " ", "\t", "|", ":")
        ):
            return _WORDS[word]
    match = _TENSORFLOW.search(head)
    return _WORDS[(match[1] or match[2]).lower()] if match else ""
