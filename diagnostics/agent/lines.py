"""One line of a program's output with the time it appeared: what the profiles read, live or from a saved log."""

from __future__ import annotations

import re
from typing import NamedTuple

# Colours, cursor movements and titles: whatever a terminal would have swallowed.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
# syslog daemons write the escape character as its octal number.
_SPELT_OUT = re.compile(r"#033\[[0-9;]*m")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Line(NamedTuple):
    """A line as a person would see it.

    ``time`` is ns since the epoch and ``precision`` (ns) what its last digit is worth. A line without a stamp of its
    own carries the time of the one before it, and ``stamped`` is False. ``number`` counts the file's lines from 1.
    """

    time: int
    text: str
    number: int = 0
    source: str = "stdout"
    precision: int = 1
    stamped: bool = True
    level: str = ""


def visible(text: str) -> str:
    """``text`` without terminal escapes and control characters; of a line redrawn with ``\\r``, its last state."""
    text = text.rstrip("\r\n")
    if "\r" in text:
        text = next((part for part in reversed(text.split("\r")) if part.strip()), "")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "#033[" in text:
        text = _SPELT_OUT.sub("", text)
    return _CONTROLS.sub("", text)
