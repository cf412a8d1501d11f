"""When a trace was, if it counts time from a beginning of its own."""

from __future__ import annotations

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.timestamps import CLOCK_SKEW

# Times before 2001 as ns since 1970 are none: they count from a boot or from the program's start.
EARLIEST = 10**18


def is_calendar(time: int, hints: Hints) -> bool:
    """Whether a time in ns can be one since 1970."""
    return EARLIEST <= time <= hints.received_at + CLOCK_SKEW


def placed(first: int, last: int, hints: Hints, base: int | None = None) -> tuple[int, str]:
    """What to add to times that run from ``first`` to ``last``, ns, and ``facts["clock"]``.

    ``base`` is what the file says its zero was. ``wall``: the calendar's times, by the file or by ``boot_time`` of the
    upload. ``received``: nothing tells when it was, so that it ends at the moment it came.
    """
    if base is not None and is_calendar(base + first, hints):
        return base, "wall"
    if is_calendar(first, hints):
        return 0, "wall"
    if hints.boot_time is not None:
        return hints.boot_time, "wall"
    return hints.received_at - last, "received"
