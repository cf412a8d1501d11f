"""Durations as Go prints them (``1m2.5s``, ``859ms``, ``370.157088ms``) and ages as kubectl does (``58m``, ``2d3h``).

Integer nanoseconds, exact: nothing goes through a float.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from diagnostics.records import NS_PER_SECOND

_MINUTE = 60 * NS_PER_SECOND
_DAY = 1440 * _MINUTE
UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,  # Greek mu: Go prints the micro sign, people type this one
    "ms": 1_000_000,
    "s": NS_PER_SECOND,
    "m": _MINUTE,
    "h": 60 * _MINUTE,
    "d": _DAY,
    "y": 365 * _DAY,
}
PART = r"\d{1,19}(?:\.\d{1,18})?(?:ns|us|µs|μs|ms|s|m|h|d|y)"
_PART = re.compile(r"(\d{1,19}(?:\.\d{1,18})?)(ns|us|µs|μs|ms|s|m|h|d|y)")
_WHOLE = re.compile(rf"-?(?:{PART})+")


class Age(NamedTuple):
    """How long ago something was when it was printed. kubectl drops what is below the last unit it prints, so the
    moment lies between ``age`` and ``age + unit`` ago."""

    age: int
    unit: int


def duration(text: str) -> int | None:
    """Nanoseconds of a Go duration, or ``None`` for other text."""
    if _WHOLE.fullmatch(text) is None:
        return 0 if text == "0" else None
    try:
        total = sum((Decimal(number) * UNITS[unit] for number, unit in _PART.findall(text)), Decimal())
        return int(-total if text.startswith("-") else total)
    except InvalidOperation:
        return None


def age(text: str) -> Age | None:
    """An age of a kubectl table, or ``None`` for ``<unknown>`` and other text."""
    total = duration(text)
    if total is None or total < 0 or text == "0":
        return None
    return Age(total, UNITS[_PART.findall(text)[-1][1]])
