"""Quantities as a person reads them; durations are ``duration``'s, everything else that is measured is worded here."""

from __future__ import annotations

from diagnostics.analysis.diagnosis import wording
from diagnostics.charts import duration

KIB = 1024


def worded(value: float | str | None, unit: str = "") -> str:
    """A value with its unit: ``ns`` ``"57.7 s"``, ``bytes`` ``"14.0 GB"``, ``bytes/s``, ``%`` ``"91 %"``, ``1/s``,
    ``count`` ``"12 000"``; text stays as it is, a missing value is a dash, an unknown unit stands behind its number.
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if unit == "ns":
        return duration.human(round(value))
    if unit in ("bytes", "bytes/s"):
        # As findings say them, or one page would call one speed by two numbers.
        return (wording.size(value) + unit.removeprefix("bytes")).replace("-", duration.MINUS)
    number = _number(value)
    return f"{number} {unit}" if unit not in ("", "count") else number


def ceiling(value: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is not below ``value``, for the top of an axis; at least 1."""
    scale = 1.0
    while scale * 10 < value:
        scale *= 10
    return next((scale * step for step in (1, 2, 5) if scale * step >= value), scale * 10)


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", "\u202f")
    text = f"{value:.0f}" if abs(value) >= 99.95 or value == int(value) else f"{value:.1f}"
    return text.replace("-", duration.MINUS)
