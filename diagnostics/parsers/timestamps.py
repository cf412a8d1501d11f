"""Instants as senders write them, to integer nanoseconds since the epoch."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from diagnostics.records import NS_PER_SECOND, ParseError

INT64_MAX = 2**63 - 1
RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
INTEGER = re.compile(r"-?\d{1,19}", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK_SKEW = 24 * 3600 * NS_PER_SECOND  # a sender's clock may run ahead, but not by more than this


def instant(value: int | str, where: str) -> int:
    """``1764000000000000000`` or ``"2025-11-24T16:00:00.123456789Z"`` to integer ns.

    Raises ``ParseError`` for text that is not RFC 3339 with a zone.
    """
    if isinstance(value, int):
        return value
    match = RFC3339.fullmatch(value.strip())
    if match is None:
        raise ParseError(f"“{value[:60]}” is not an RFC 3339 time with a zone (2025-11-24T16:00:00.5Z)", where)
    *parts, fraction, utc, sign, hours, minutes = match.groups()
    try:
        zone = UTC if utc else timezone((1 if sign == "+" else -1) * timedelta(hours=int(hours), minutes=int(minutes)))
        moment = datetime(*map(int, parts), tzinfo=zone)  # type: ignore[misc,arg-type]
    except ValueError as error:
        # Python words an impossible zone in its own terms.
        reason = "no zone is a day away from UTC" if "timedelta" in str(error) else error
        raise ParseError(f"“{value[:60]}” is not a time that exists: {reason}", where) from None
    return (moment - EPOCH) // timedelta(seconds=1) * NS_PER_SECOND + int((fraction or "").ljust(9, "0") or 0)


def moment(text: str, where: str) -> int:
    """A time in a query: integer ns or RFC 3339, moved to what 64 bits hold. Raises ``ParseError`` for other text."""
    value = int(text) if INTEGER.fullmatch(text) else instant(text, where)
    return min(max(value, -INT64_MAX), INT64_MAX)


def plausible(time: int, where: str, received_at: int) -> int:
    """The time itself, unless its clock cannot be right. Raises ``ParseError``."""
    if time < 0:
        raise ParseError(f"{time} ns lies before 1970: the sender's clock was not set", where, "implausible_time")
    if time > received_at + CLOCK_SKEW:
        raise ParseError(
            f"{time} ns lies more than a day after the upload arrived: the sender's clock or the unit is wrong "
            "(times are nanoseconds since 1970-01-01 UTC)",
            where,
            "implausible_time",
        )
    return time
