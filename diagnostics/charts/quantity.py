"""Quantities as a person reads them; durations are ``duration``'s, everything else that is measured is worded here."""

from __future__ import annotations

from diagnostics.charts import duration

KIB = 1024
_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def worded(value: float | str | None, unit: str = "") -> str:
    """A value with its unit: ``ns`` ``"57.7 s"``, ``bytes`` ``"14.0 GiB"``, ``bytes/s``, ``%`` ``"91 %"``, ``1/s``,
    ``count`` ``"12 000"``; text stays as it is, a missing value is a dash, an unknown unit stands behind its number.
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if unit == "ns":
        return duration.human(round(value))
    if unit in ("bytes", "bytes/s"):
        return size(value) + unit.removeprefix("bytes")
    number = _number(value)
    return f"{number} {unit}" if unit not in ("", "count") else number


def size(value: float) -> str:
    """Bytes in units of 1,024: ``"512 B"``, ``"1.5 KiB"``, ``"14.0 GiB"``, with a true minus sign."""
    if value < 0:
        return duration.MINUS + size(-value)
    power = 0
    # 1,023.5 of a unit would print as 1,024 of it.
    while value >= 1023.5 and power < len(_SIZES) - 1:
        value /= KIB
        power += 1
    return f"{value:.0f} {_SIZES[power]}" if power == 0 or value >= 99.95 else f"{value:.1f} {_SIZES[power]}"


def ceiling(value: float, unit: str = "") -> float:
    """The least round number that is not below ``value``, for the top of an axis; 1 when there is nothing."""
    base = 1.0
    if unit.startswith("bytes"):
        while base * KIB <= value:
            base *= KIB
    scale = base
    while scale * 10 < value:
        scale *= 10
    while scale >= value * 10 and scale > 1:
        scale /= 10
    return next((scale * step for step in (1, 2, 5) if scale * step >= value), scale * 10)


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", "\u202f")
    text = f"{value:.0f}" if abs(value) >= 99.95 or value == int(value) else f"{value:.1f}"
    return text.replace("-", duration.MINUS)
