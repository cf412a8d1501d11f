"""What stands in brackets before a line of the JVM's unified log, in any of its forms, and before Java 8's lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagnostics.parsers.amounts import nanoseconds
from diagnostics.parsers.timestamps import instant
from diagnostics.records import NS_PER_SECOND, ParseError

LEVELS = ("trace", "debug", "info", "warning", "error")
_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.,]\d{3}(?:[+-]\d\d:?\d\d|Z)"
_DATED = re.compile(_DATE)
_UPTIME = re.compile(r"\d+[.,]\d{3}s")
_COUNTED = re.compile(r"(\d+)(ms|ns)")
_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")
# Java 8: 2026-11-23T10:00:00.894+0000: 0.136: [GC (Allocation Failure) …
_CLASSIC = re.compile(rf"(?:(?P<date>{_DATE}): )?(?:(?P<uptime>\d+[.,]\d{{3}}): )?(?=\[(?:Full )?GC\b)")
_TAGS = re.compile(r"[a-z][a-z0-9,_+]*")
# Milliseconds and nanoseconds since 1970 are told from those since the start by their size.
_EPOCH_MS, _EPOCH_NS = 10**12, 10**18


@dataclass(slots=True)
class Line:
    """``wall`` is ns since 1970, ``uptime`` ns since the JVM began; ``None`` where the line does not say."""

    message: str
    wall: int | None = None
    uptime: int | None = None
    tags: tuple[str, ...] = ()
    level: str = ""
    is_decorated: bool = False


def read_line(text: str) -> Line:
    classic = _CLASSIC.match(text)
    if classic:
        line = Line(text[classic.end() :], tags=("gc",), is_decorated=True)
        line.wall = _date(classic["date"] or "")
        line.uptime = nanoseconds((classic["uptime"] or "x").replace(",", "."), NS_PER_SECOND)
        return line
    line, at = Line(text), 0
    while bracket := _BRACKET.match(text, at):
        if not _take(line, bracket[1].strip()):
            break
        at = bracket.end()
    line.message, line.is_decorated = text[at:].strip() if at else text.strip(), at > 0
    return line


def _take(line: Line, told: str) -> bool:
    """Whether it is a decoration; process and thread numbers and the host's name are, too, but say nothing here."""
    counted = _COUNTED.fullmatch(told)
    if _DATED.fullmatch(told):
        line.wall = _date(told)
    elif _UPTIME.fullmatch(told):
        line.uptime = nanoseconds(told[:-1].replace(",", "."), NS_PER_SECOND)
    elif counted and counted[2] == "ms":
        _count(line, int(counted[1]), 1_000_000, _EPOCH_MS)
    elif counted:
        _count(line, int(counted[1]), 1, _EPOCH_NS)
    elif told in LEVELS:
        line.level = told
    elif line.level and _TAGS.fullmatch(told):
        line.tags = tuple(told.split(","))
    elif not re.fullmatch(r"[\w.-]{1,255}", told):
        return False
    elif not line.tags and _TAGS.fullmatch(told) and set(told.split(",")) & {"gc", "startuptime", "safepoint"}:
        line.tags = tuple(told.split(","))
    return True


def _count(line: Line, number: int, unit: int, epoch: int) -> None:
    if number >= epoch:
        line.wall = number * unit
    elif line.uptime is None or unit == 1:
        line.uptime = number * unit


def _date(text: str) -> int | None:
    try:
        return instant(_OFFSET.sub(r"\1:\2", text.replace(",", ".")), "") if text else None
    except ParseError:
        return None
