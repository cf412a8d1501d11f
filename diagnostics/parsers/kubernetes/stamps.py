"""Kubernetes times: RFC 3339 in JSON (whole seconds, or microseconds), RFC 1123 in ``kubectl describe``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from diagnostics.parsers.timestamps import EPOCH, instant, plausible
from diagnostics.records import NS_PER_SECOND, ParseError

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {name: n for n, name in enumerate(_NAMES, 1)}
# The weekday is not looked at: it says nothing that the date does not.
_RFC1123 = re.compile(r"\w{3}, (\d\d?) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)", re.ASCII)
_DAY = 24 * 3600 * NS_PER_SECOND
_FRACTION = re.compile(r":\d\d\.(\d{1,9})")


class Stamp(NamedTuple):
    """An instant, ns, and what its last digit is worth, ns."""

    time: int
    precision: int


def stamp(value: object, received_at: int) -> Stamp | None:
    """An RFC 3339 or RFC 1123 time, or ``None`` for null, other text, and times that cannot be right."""
    if not isinstance(value, str):
        return None
    try:
        time = _rfc1123(value) if value[3:4] == "," else instant(value, "")
        # "Never" is written as Go's zero time, year 1, or as that of Unix: a container that could not even be created.
        return Stamp(plausible(time, "", received_at), _worth(value)) if time >= _DAY else None
    except (ParseError, ValueError, KeyError):
        return None


def _rfc1123(value: str) -> int:
    match = _RFC1123.fullmatch(value.strip())
    if match is None:
        raise ValueError(value)
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes)) * (1 if sign == "+" else -1)
    moment = datetime(int(year), MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=timezone(offset))
    return (moment - EPOCH) // timedelta(seconds=1) * NS_PER_SECOND


def _worth(value: str) -> int:
    fraction = _FRACTION.search(value)
    return NS_PER_SECOND // 10 ** len(fraction[1]) if fraction else NS_PER_SECOND
