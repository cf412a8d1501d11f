"""Lines of a Prometheus or OpenMetrics exposition: a metric's name, its labels, its value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from diagnostics.parsers.amounts import Written

_INSIDE = r'(?:[^"}]|"(?:[^"\\]|\\.)*")*'
_VALUE = r"[+-]?(?:\d[\d.eE+-]*|\.\d+|Inf|NaN)"
_LINE = re.compile(
    rf"(?P<name>[a-zA-Z_:][\w:]*)[ \t]*(?:\{{(?P<labels>{_INSIDE})\}})?[ \t]*(?P<value>{_VALUE})"
    r"(?:[ \t]+(?P<time>-?[\d.]+))?[ \t]*(?:#.*)?"
)
_LABEL = re.compile(r'\s*(?P<name>[a-zA-Z_][\w.]*)\s*=\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*,?')
_ESCAPES = {r"\n": "\n", r"\"": '"', r"\\": "\\"}
TYPE = re.compile(r"#\s*TYPE\s+(?P<name>\S+)\s+(?P<type>\w+)")


class Told(NamedTuple):
    """One line; ``value`` as it is written, ``time`` too, ``""`` where the line has none."""

    name: str
    labels: Mapping[str, str]
    value: Written
    time: str


def read_line(line: str) -> Told | None:
    """The sample of a line, ``None`` for what is none."""
    match = _LINE.fullmatch(line.strip())
    if match is None:
        return None
    labels = _labels(match["labels"] or "")
    return None if labels is None else Told(match["name"], labels, Written(match["value"]), match["time"] or "")


def _labels(text: str) -> dict[str, str] | None:
    labels: dict[str, str] = {}
    at = 0
    while text[at:].strip():
        match = _LABEL.match(text, at)
        if match is None:
            return None
        labels[match["name"]] = re.sub(r'\\[n"\\]', lambda escape: _ESCAPES[escape[0]], match["value"])
        at = match.end()
    return labels
