"""What the upload's query said, for parsers; checked at the door, for a wrong hint misreads a good file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from diagnostics.ingest.upload_error import UploadError
from diagnostics.models import Artifact
from diagnostics.parsers import Hints
from diagnostics.parsers.timestamps import CLOCK_SKEW, moment
from diagnostics.records import ParseError

OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d?):?([0-5]\d)?")
NAMES = ("year", "tz", "boot_time", "trace")
TRACE = re.compile(r"[0-9a-fA-F]{1,32}")


def check_hints(given: Mapping[str, str], received_at: int) -> None:
    """Raises ``UploadError`` for a year, zone or boot time that cannot be right."""
    year_of(given.get("year", ""), received_at)
    zone_of(given.get("tz", ""))
    boot_time_of(given.get("boot_time", ""), received_at)
    if not TRACE.fullmatch(given.get("trace", "0")):
        raise _wrong("trace", "A trace is named by its id: at most 32 hexadecimal digits")


def hints_of(artifact: Artifact) -> Hints:
    """What a parser is told beside the file."""
    received_at = int(artifact.received_at.timestamp() * 1e6) * 1000
    given = artifact.given
    return Hints(
        received_at,
        version=given.get("version", ""),
        host=given.get("host", ""),
        year=year_of(given.get("year", ""), received_at),
        zone=zone_of(given.get("tz", "")),
        boot_time=boot_time_of(given.get("boot_time", ""), received_at),
        trace=given.get("trace", ""),
    )


def year_of(text: str, received_at: int) -> int | None:
    """A year from 1970 to this one, ``None`` for no text."""
    if not text:
        return None
    latest = datetime.fromtimestamp((received_at + CLOCK_SKEW) / 1e9, UTC).year
    if not (text.isascii() and text.isdecimal() and len(text) == 4 and 1970 <= int(text) <= latest):
        raise _wrong("year", f"“{text[:40]}” is not a year from 1970 to {latest}: write year={latest}")
    return int(text)


def zone_of(text: str) -> tzinfo:
    """``Europe/Berlin``, ``+08:00``, ``UTC``; UTC for no text."""
    # In a URL, a plus that was not encoded arrives as a space.
    name = f"+{text[1:]}" if text.startswith(" ") else text
    if name.upper() in ("", "Z", "UTC", "GMT"):
        return UTC
    if offset := OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        if int(hours) <= 14:
            return timezone((-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes or 0)))
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a directory, a path upwards, no such name
        sentence = f"“{text[:40]}” is not a time zone: write a name as Europe/Berlin, or an offset as %2B08:00"
        raise _wrong("tz", sentence) from None


def boot_time_of(text: str, received_at: int) -> int | None:
    """Integer ns or RFC 3339, ``None`` for no text."""
    if not text:
        return None
    example = "write integer nanoseconds or 2026-11-23T10:00:00Z"
    try:
        time = moment(text, "boot_time")
    except ParseError as error:
        raise _wrong("boot_time", f"{error.message}; {example}") from None
    if not 0 < time <= received_at + CLOCK_SKEW:
        raise _wrong("boot_time", f"{time} ns is not a time at which this host can have booted; {example}")
    return time


def _wrong(name: str, sentence: str) -> UploadError:
    return UploadError("invalid_parameter", sentence, name)
