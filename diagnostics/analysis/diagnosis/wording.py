"""Quantities as the sentences of findings say them: plain numbers with real units."""

from __future__ import annotations

from diagnostics.records import NS_PER_SECOND

_STEPS = ("B", "kB", "MB", "GB", "TB", "PB")


def seconds(duration: float) -> str:
    """Nanoseconds as ``18 s``, ``1.5 s``, ``0.25 s``, ``3 ms``; whole seconds from ten on, never minutes, so that two
    of them in one sentence compare at a glance."""
    value = duration / NS_PER_SECOND
    if 0 < abs(value) < 0.01:
        return f"{value * 1000:.2g} ms"
    return f"{_plain(value, 10)} s"


def size(amount: float) -> str:
    """Bytes as ``14.0 GB`` (powers of 1000, as disks and networks are sold)."""
    value, step = float(amount), 0
    while abs(value) >= 999.5 and step < len(_STEPS) - 1:
        value, step = value / 1000, step + 1
    return f"{value:.0f} {_STEPS[step]}" if step == 0 or value >= 99.5 else f"{value:.1f} {_STEPS[step]}"


def memory(amount: float) -> str:
    """Bytes of memory as ``1.5 GiB`` (powers of 1024, as limits are set)."""
    for name, step in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20)):
        if amount >= step:
            return f"{_plain(amount / step, 100)} {name}"
    return f"{amount / 1024:.0f} KiB"


def rate(bytes_per_second: float) -> str:
    return f"{size(bytes_per_second)}/s"


def percent(value: float) -> str:
    """A percentage that is neither rounded to nothing nor to all: ``83 %``, ``2.4 %``, ``< 0.1 %``."""
    if 0 < value < 0.1:
        return "< 0.1 %"
    return f"{_plain(value, 10)} %"


def count(number: int, thing: str, things: str = "") -> str:
    """``1 error``, ``3 errors``."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def _plain(value: float, whole_from: float) -> str:
    if abs(value) >= whole_from:
        return f"{value:.0f}"
    text = f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
