"""Durations as systemd prints them: ``3.294s``, ``1min 2.345s``, ``419ms``, ``1h 2min``."""

from __future__ import annotations

import re

from diagnostics.records import NS_PER_SECOND

_UNITS = {
    "y": 31_557_600 * NS_PER_SECOND,
    "month": 2_629_800 * NS_PER_SECOND,
    "w": 604_800 * NS_PER_SECOND,
    "d": 86_400 * NS_PER_SECOND,
    "h": 3_600 * NS_PER_SECOND,
    "min": 60 * NS_PER_SECOND,
    "s": NS_PER_SECOND,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
# Units only get smaller within one duration, which tells where the next begins in a table.
SPAN = (
    r"(?=\d)(?:\d+y ?)?(?:\d+month ?)?(?:\d+w ?)?(?:\d+d ?)?(?:\d+h ?)?(?:\d+min ?)?"
    r"(?:\d+(?:\.\d+)?s ?)?(?:\d+(?:\.\d+)?ms ?)?(?:\d+(?:\.\d+)?[uµμ]s ?)?(?:0(?![\d.a-z]) ?)?"
)
# A unit that was never active is printed at 584542 years, systemd's infinity.
_NEVER = 100 * _UNITS["y"]
_PART = re.compile(r"(\d+)(?:\.(\d+))?([a-zµμ]+)")


def duration(text: str) -> int | None:
    """ns, or ``None`` for anything else and for what never was. ``0`` needs no unit."""
    text = text.strip()
    if text == "0":
        return 0
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip():
        return None
    total = 0
    for whole, fraction, unit in parts:
        size = _UNITS.get(unit.replace("µ", "u").replace("μ", "u"))
        if size is None:
            return None
        total += int(whole) * size + int(fraction or 0) * size // 10 ** len(fraction)
    return total if total < _NEVER else None
