"""sadf's stamps: ``2026-11-23 11:14:53 UTC``, the same without a zone (local time), or seconds since the epoch."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from diagnostics.records import NS_PER_SECOND

_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)\s*(\S*)$")
_OFFSET = re.compile(r"[+-]\d\d(?::?\d\d)?$")
UNIVERSAL = frozenset(("UTC", "GMT", "Z"))


class Clock:
    """Reads stamps. ``is_local`` says whether one had no zone that is known, so that it was read in ``zone``."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.is_local = False
        self._known: dict[str, int | None] = {}

    def read(self, stamp: str, after: int | None = None) -> int | None:
        """Nanoseconds, or ``None``. ``after``, the reading before, tells an hour that comes twice apart."""
        if stamp in self._known:
            return self._known[stamp]
        time = self._read(stamp)
        if time is None or int(time.timestamp()) == int(time.replace(fold=1).timestamp()):
            ns = None if time is None else int(time.timestamp()) * NS_PER_SECOND
            self._known[stamp] = ns
            return ns
        first, second = (int(time.replace(fold=fold).timestamp()) * NS_PER_SECOND for fold in (0, 1))
        return second if after is not None and after >= first else first

    def _read(self, stamp: str) -> datetime | None:
        if stamp.isdigit() and len(stamp) >= 9:
            return datetime.fromtimestamp(int(stamp[:12]), UTC)
        match = _STAMP.match(stamp)
        if match is None:
            return None
        try:
            return datetime(*map(int, match.groups()[:6]), tzinfo=self._named(match[7]))  # type: ignore[misc,arg-type]
        except ValueError:
            return None

    def _named(self, zone: str) -> tzinfo:
        if zone in UNIVERSAL:
            return UTC
        if _OFFSET.match(zone):
            offset = datetime.strptime(zone if len(zone) > 3 else f"{zone}00", "%z").tzinfo
            return offset or UTC
        # An abbreviation (CST) is of several zones: the upload says which.
        self.is_local = True
        return self._zone
