"""Numbers as a person reads and types them: ``2 m 41.3 s``, ``12 ms``, ``3.4 GB``; times typed as ``5s`` or ``2h``."""

from __future__ import annotations

import re

NS_PER_MS, NS_PER_SECOND = 10**6, 10**9
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "": 1.0}
_TYPED = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)\s*")


def duration(ns: int) -> str:
    """Nanoseconds in the unit that fits: ``850 µs``, ``12.3 ms``, ``57.66 s``, ``2 m 41.3 s``, ``1 h 2 m 3 s``."""
    sign, size = ("-", -ns) if ns < 0 else ("", ns)
    if size < NS_PER_MS:
        return f"{sign}{size / 1000:.0f} µs" if size >= 1000 else f"{sign}{size} ns"
    if size < NS_PER_SECOND:
        return f"{sign}{size / NS_PER_MS:.3g} ms" if size < 999.5 * NS_PER_MS else f"{sign}1.00 s"
    return sign + _long_duration(size)


def _long_duration(ns: int) -> str:
    # Rounded first: 59.96 s must not become “0 m 60.0 s”.
    tenths = round(ns / (NS_PER_SECOND // 10))
    if tenths < 600:
        return f"{ns / NS_PER_SECOND:.2f} s"
    minutes, rest = divmod(tenths, 600)
    if minutes < 60:
        return f"{minutes} m {rest / 10:.1f} s"
    parts = (minutes // 60, "h"), (minutes % 60, "m"), (rest // 10, "s")
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def milliseconds(ns: float) -> str:
    """Nanoseconds to the microsecond, with thousands apart: ``57,660.123``; the table says that it is ms."""
    return f"{ns / NS_PER_MS:,.3f}"


def size(count: float) -> str:
    """Bytes in powers of 1000, as disks and networks count: ``14.0 GB``."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(count) < 999.5 or unit == "TB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.3g} {unit}"
        count /= 1000
    raise AssertionError("the last unit returned")


def percent(share: float) -> str:
    """A share of 0..1 as ``12.5 %``."""
    return f"{share * 100:.1f} %"


def seconds(text: str) -> float:
    """``5``, ``5s``, ``250ms``, ``2m`` or ``1h`` → seconds. Raises ValueError."""
    match = _TYPED.fullmatch(text.lower())
    if match is None or match.group(2) not in _SECONDS:
        raise ValueError(text)
    return float(match.group(1)) * _SECONDS[match.group(2)]
