"""Finds and reads the time in a log line, in the forms that servers print; integer ns since the epoch.

Not every stamp says its zone or its year: a ``Calendar`` supplies them and keeps the year right over New Year.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import List, Match, NamedTuple, Optional, Pattern, Tuple

NS = 10**9
_CLOCK = r"(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?"
_ZONE = r"(?: ?(?P<z>Z|UTC|GMT|[+-]\d\d:?\d\d)\b)?"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MON = rf"(?P<b>{'|'.join(_MONTHS)})"
# A stamp further right belongs to what the line talks about, not to the line.
_REACH = 100
_FORMS: List[Pattern[str]] = [
    re.compile(rf"(?P<Y>[12]\d{{3}})[-/](?P<m>\d\d)[-/](?P<d>\d\d)[T ]{_CLOCK}{_ZONE}"),
    re.compile(rf"\b[IWEF](?P<m>\d\d?)(?P<d>\d\d) {_CLOCK}"),
    re.compile(rf"(?<![\d-])(?P<m>\d\d)-(?P<d>\d\d) {_CLOCK}"),
    re.compile(rf"\b(?P<d>\d\d?)[ /]{_MON}[ /](?P<Y>[12]\d{{3}})[ :]{_CLOCK}{_ZONE}"),
    re.compile(rf"\b{_MON} +(?P<d>\d\d?) {_CLOCK}(?:(?: (?:[A-Z]{{3,4}}|[+-]\d\d))? (?P<Y>[12]\d{{3}})\b)?"),
]
_RFC3339 = re.compile(rf"(?P<Y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d)[Tt]{_CLOCK}(?P<z>[Zz]|[+-]\d\d:\d\d)")


class Stamp(NamedTuple):
    time: int
    precision: int  # ns: what the last digit printed is worth
    start: int  # where in the text it stands
    end: int


class Calendar:
    """What stamps leave out: ``zone`` of those without one, and the year, from ``reference`` (ns, when the log was
    written or later) or, told outright, ``year``, the year of the first line."""

    def __init__(self, reference: int, zone: tzinfo = timezone.utc, year: Optional[int] = None) -> None:
        self.zone = zone
        self._reference = reference
        self._year = year
        self._month = 0

    def find(self, text: str) -> Optional[Stamp]:
        """The first stamp near the beginning of ``text``."""
        head = text[:_REACH]
        found = [match for match in (form.search(head) for form in _FORMS) if match]
        for match in sorted(found, key=lambda match: match.start()):
            stamp = self._read(match)
            if stamp:
                return stamp
        return None

    def leading(self, text: str) -> Optional[Stamp]:
        """An RFC 3339 stamp that begins the line, as ``kubectl logs --timestamps`` and ``docker logs -t`` put there."""
        match = _RFC3339.match(text)
        return self._read(match) if match else None

    def _read(self, match: Match[str]) -> Optional[Stamp]:
        groups = match.groupdict()
        month = int(groups["m"]) if groups.get("m") else _MONTHS.index(groups["b"]) + 1
        fraction = groups.get("f") or ""
        try:
            moment = datetime(
                int(groups["Y"]) if groups.get("Y") else self._year_of(month, int(groups["d"])),
                month,
                int(groups["d"]),
                int(groups["H"]),
                int(groups["M"]),
                min(int(groups["S"]), 59),
            ).replace(tzinfo=_zone(groups.get("z")) or self.zone)
        except ValueError:
            return None
        time = round(moment.timestamp()) * NS + int(fraction.ljust(9, "0") or 0)
        return Stamp(time, 10 ** (9 - len(fraction)), match.start(), match.end())

    def _year_of(self, month: int, day: int) -> int:
        if self._year is None:
            latest = datetime.fromtimestamp(self._reference / NS, self.zone) + timedelta(days=1)
            self._year = latest.year - ((month, day) > (latest.month, latest.day))
        elif self._month == 12 and month == 1:
            self._year += 1
        self._month = month
        return self._year


def _zone(text: Optional[str]) -> Optional[tzinfo]:
    if not text:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return timezone.utc
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def from_json(value: object, calendar: Calendar) -> Optional[Tuple[int, int]]:
    """A JSON log line's time → (ns, precision): RFC 3339 text, or a number of s, ms, µs or ns since the epoch."""
    if isinstance(value, str):
        stamp = calendar.find(value)
        return (stamp.time, stamp.precision) if stamp else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        return None
    # Any time of this century has a size that tells its unit.
    unit = next((unit for unit, least in _UNITS if value >= least), NS)
    return round(value * unit), unit if isinstance(value, int) else min(unit, 10**6)


_UNITS = [(1, 1e17), (10**3, 1e14), (10**6, 1e11)]
