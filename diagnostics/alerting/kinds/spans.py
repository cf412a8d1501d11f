"""Seconds, as rules keep them, in a reader's words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from diagnostics.charts.duration import human
from diagnostics.records import NS_PER_SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def span(seconds: float) -> str:
    """``30`` is "30 s", ``172800`` is "2 d": round numbers of minutes, hours or days are told as such."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        if seconds >= size and seconds % size == 0:
            return f"{int(seconds // size)} {unit}"
    return human(round(seconds * NS_PER_SECOND))


def nanoseconds(seconds: float) -> int:
    return round(seconds * NS_PER_SECOND)


def moment(time: int) -> datetime:
    """Nanoseconds since 1970 as a datetime, to the microsecond."""
    return _EPOCH + timedelta(microseconds=time // 1000)
