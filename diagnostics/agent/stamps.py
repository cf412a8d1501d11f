"""Finds and reads the time in a log line, in the forms that servers print; integer ns since the epoch.

Not every stamp says its zone or its year: a ``Calendar`` supplies them and keeps the year right over New Year.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import List, Mapping, Match, NamedTuple, Optional, Pattern, Tuple

NS = 10**9
_CLOCK = r"(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?"
_CLOCK_12 = r"(?P<H>\d\d?):(?P<M>\d\d):(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?(?: ?(?P<p>[AP]M)\b)?"
# Names that mean one offset wherever they are printed; CST, IST, BST and their like are left to the calendar's zone.
_NAMED = {
    "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CDT": -5, "EST": -5, "EDT": -4, "WET": 0, "WEST": 1, "CET": 1,
    "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9,
}  # fmt: skip
_ZONE = rf"(?: ?(?P<z>Z|UTC|GMT|[+-]\d\d:?\d\d|{'|'.join(_NAMED)})\b|(?P<hours>[+-]\d\d)\b)?"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MON = rf"(?P<b>{'|'.join(_MONTHS)})"
_YMD = r"(?P<Y>[12]\d{3})(?P<m>\d\d)(?P<d>\d\d)"
# A stamp further right belongs to what the line talks about, not to the line.
_REACH = 100
# Left of here stands what precedes a line's own stamp: a level, a process, the name of a service.
_LEFT = 60
# Stamps with and without a year that stand in one log are of the same launch.
_NEAR = timedelta(days=31)
# Ray writes the names of processes before what they say, one around the other; they count for nothing here.
_SPEAKERS = re.compile(r"(?:\([^\s()]+ pid=\d+[^()]{0,60}\) )+")
_PROSE = re.compile(r"\b(?:at|on|until|till|since|from|to|by|before|after|is|was|of|than|and|expire[ds]|dated?) $")
_FORMS: List[Pattern[str]] = [
    re.compile(rf"(?P<Y>[12]\d{{3}})[-/.](?P<m>\d\d)[-/.](?P<d>\d\d)[T ]{_CLOCK}{_ZONE}"),
    re.compile(rf"\b[IWEF](?P<m>\d\d?)(?P<d>\d\d) {_CLOCK}"),
    re.compile(rf"\b[IWEF]{_YMD} {_CLOCK}"),
    re.compile(rf"(?<![\d-])(?P<m>\d\d)-(?P<d>\d\d) {_CLOCK}"),
    re.compile(rf"\b(?P<d>\d\d?)[ /-]{_MON}[ /-](?P<Y>[12]\d{{3}})[ :]{_CLOCK}{_ZONE}"),
    re.compile(rf"\b{_MON} +(?P<d>\d\d?) {_CLOCK}(?:(?: (?:[A-Z]{{3,4}}|[+-]\d\d))? (?P<Y>[12]\d{{3}})\b)?"),
    re.compile(rf"\b{_MON} +(?P<d>\d\d?),? (?P<Y>[12]\d{{3}})(?: @)? {_CLOCK_12}"),
    re.compile(rf"(?<![\d/])(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<Y>[12]\d{{3}}),? {_CLOCK_12}"),
    re.compile(rf"(?<![\d.])(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<Y>[12]\d{{3}}),? {_CLOCK}"),
    re.compile(rf"(?<!\d){_YMD}[-T ](?P<H>\d\d):?(?P<M>\d\d):?(?P<S>\d\d)(?:[.,:](?P<f>\d{{1,9}}))?{_ZONE}(?!\d)"),
    re.compile(r"(?P<Y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)-(?P<H>\d\d)\.(?P<M>\d\d)\.(?P<S>\d\d)(?:\.(?P<f>\d{1,9}))?"),
    re.compile(rf"^\W?(?P<y>\d\d)/(?P<m>\d\d)/(?P<d>\d\d) {_CLOCK}"),
    re.compile(r"^(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d) (?P<H>\d\d):?(?P<M>\d\d):?(?P<S>\d\d) "),
    re.compile(r"^\[?(?P<e>1\d{9})(?:\.(?P<f>\d{1,9})|(?P<small>\d{3}|\d{6}|\d{9}))?(?=[\]\s|,:])"),
]
# Nearly every line without a stamp has nothing that could be one.
_MAYBE = re.compile(r"\d\d:\d\d|\d{6}")
_RFC3339 = re.compile(rf"(?P<Y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d)[Tt]{_CLOCK}(?P<z>[Zz]|[+-]\d\d:\d\d)")


class Stamp(NamedTuple):
    time: int
    precision: int  # ns: what the last digit printed is worth
    start: int  # where in the text it stands
    end: int


class Calendar:
    """What stamps leave out: ``zone`` of those without one, and the year: that of the dated stamps around them, else
    from ``reference`` (ns, when the log was written or later) or, told outright, ``year``, the year of the first line.

    ``without_zone`` and ``without_year`` count the stamps that needed it. ``first_year`` is the year of the first one
    that had none, by all that was read so far; ``is_anchored`` that it was told, not reckoned from ``reference``.
    """

    def __init__(self, reference: int, zone: tzinfo = timezone.utc, year: Optional[int] = None) -> None:
        self.zone = zone
        self.without_zone = 0
        self.without_year = 0
        self.first_year = year
        self.is_anchored = year is not None
        self._reference = reference
        self._year = year
        self._month = 0
        self._first: Optional[Tuple[int, int]] = None  # month and day of the first stamp without a year
        self._dated: Optional[date] = None  # the dated stamp that is next to it
        self._usual = _FORMS[0]
        self._leads = False  # the lines of this log have begun with a stamp before

    def find(self, text: str) -> Optional[Stamp]:
        """The line's own stamp: the first one near the beginning of ``text`` that is no part of its prose."""
        speakers = _SPEAKERS.match(text) if text.startswith("(") else None
        if speakers:
            stamp = self.find(text[speakers.end() :])
            by = speakers.end()
            return stamp and stamp._replace(start=stamp.start + by, end=stamp.end + by)
        head = text[:_REACH]
        if not _MAYBE.search(head):
            return None
        match = self._usual.match(head)
        stamp = self._read(match) if match else None
        self._leads = self._leads or stamp is not None
        return stamp or self._search(head)

    def leading(self, text: str) -> Optional[Stamp]:
        """An RFC 3339 stamp that begins the line, as ``kubectl logs --timestamps`` and ``docker logs -t`` put there."""
        match = _RFC3339.match(text)
        return self._read(match) if match else None

    def _search(self, head: str) -> Optional[Stamp]:
        found = [match for match in (form.search(head) for form in _FORMS) if match]
        for match in sorted(found, key=lambda match: match.start()):
            if self._leads and _is_prose(head, match.start()):
                continue
            stamp = self._read(match)
            if stamp:
                self._usual = match.re
                self._leads = self._leads or stamp.start <= _LEFT
                return stamp
        return None

    def _read(self, match: Match[str]) -> Optional[Stamp]:
        groups = match.groupdict()
        fraction = groups.get("small") or groups.get("f") or ""
        try:
            seconds = int(groups["e"]) if groups.get("e") else self._seconds(groups)
        except (ValueError, OverflowError):
            return None
        if not (groups.get("z") or groups.get("hours") or groups.get("e")):
            self.without_zone += 1
        time = seconds * NS + int(fraction.ljust(9, "0") or 0)
        return Stamp(time, 10 ** (9 - len(fraction)), match.start(), match.end())

    def _seconds(self, groups: Mapping[str, Optional[str]]) -> int:
        month = int(groups["m"] or 0) if groups.get("m") else _MONTHS.index(groups["b"] or "") + 1
        day = int(groups["d"] or 0)
        if "p" in groups and month > 12 >= day:
            month, day = day, month
        zone = _zone(groups.get("z") or groups.get("hours")) or self.zone
        moment = datetime(
            self._year_of(groups, month, day),
            month,
            day,
            _hour(groups),
            int(groups["M"] or 0),
            min(int(groups["S"] or 0), 59),
            tzinfo=zone,
        )
        return round(moment.timestamp())

    def _year_of(self, groups: Mapping[str, Optional[str]], month: int, day: int) -> int:
        if groups.get("Y") or groups.get("y"):
            year = int(groups.get("Y") or 0) or 2000 + int(groups.get("y") or 0)
            self._see(date(year, month, day))
            return year
        self.without_year += 1
        return self._current_year(month, day)

    def _see(self, dated: date) -> None:
        """A stamp that has its year: the first one without is of the same weeks, be it before or behind."""
        if self._first is None:
            self._dated = dated
        elif self._dated is None:
            self._dated = dated
            self._anchor(_year_near(dated, *self._first))

    def _anchor(self, year: Optional[int]) -> None:
        if year is not None and not self.is_anchored:
            self.first_year, self.is_anchored = year, True

    def _current_year(self, month: int, day: int) -> int:
        if self._first is None:
            self._first = (month, day)
        if self._year is None:
            self.first_year = self._latest_year(month, day)
            self._anchor(_year_near(self._dated, month, day) if self._dated else None)
            self._year = self.first_year
        elif self._month - month > 6:
            self._year += 1
        elif self._month and month - self._month > 6:
            # A late line of the old year: the new one goes on after it.
            return self._year - 1
        self._month = month
        return self._year

    def _latest_year(self, month: int, day: int) -> int:
        latest = datetime.fromtimestamp(self._reference / NS, self.zone) + timedelta(days=1)
        year = latest.year - ((month, day) > (latest.month, latest.day))
        while (month, day) == (2, 29) and year % 4:
            year -= 1
        return year


def _year_near(dated: date, month: int, day: int) -> Optional[int]:
    """The year in which that day is within a month of ``dated``; None if it never is: they are of different things."""
    for year in (dated.year, dated.year - 1, dated.year + 1):
        try:
            apart = date(year, month, day) - dated
        except ValueError:
            continue
        if abs(apart) <= _NEAR:
            return year
    return None


def _is_prose(head: str, start: int) -> bool:
    """Behind such words ("… was shut down at 2025-08-13 01:44:58"), or far right and bare, it is the line's subject."""
    return bool(_PROSE.search(head[:start])) or (start > _LEFT and head[start - 1] not in "[(")


def _hour(groups: Mapping[str, Optional[str]]) -> int:
    hour = int(groups["H"] or 0)
    half = groups.get("p")
    return hour if not half else hour % 12 + (12 if half == "PM" else 0)


def _zone(text: Optional[str]) -> Optional[tzinfo]:
    if not text:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return timezone.utc
    if text in _NAMED:
        return timezone(timedelta(hours=_NAMED[text]))
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset)


def from_json(value: object, calendar: Calendar) -> Optional[Tuple[int, int]]:
    """A JSON log line's time → (ns, precision): RFC 3339 text, a number of s, ms, µs or ns since the epoch (or its
    digits as text), ``{"$date": …}``, ``{"seconds": …, "nanos": …}``, ``{"epochSecond": …, "nanoOfSecond": …}``."""
    if isinstance(value, dict):
        seconds = value.get("seconds", value.get("epochSecond"))
        if seconds is not None:
            nanos = value.get("nanos", value.get("nanoOfSecond", 0))
            whole = isinstance(seconds, int) and isinstance(nanos, int)
            return (seconds * NS + nanos, 1) if whole else None
        value = value.get("$date")
    if isinstance(value, str):
        if not value.isdigit() or len(value) < 10:
            stamp = calendar.find(value)
            return (stamp.time, stamp.precision) if stamp else None
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1e9 <= value < 1e19:
        return None
    # Any time of this century has a size that tells its unit.
    unit = next((unit for unit, least in _UNITS if value >= least), NS)
    if isinstance(value, int):
        return value * unit, unit
    # A double holds such a time to a quarter of a microsecond; what it shows beyond is not the program's.
    return round(value * unit / 1000) * 1000, min(unit, 10**6)


_UNITS = [(1, 1e17), (10**3, 1e14), (10**6, 1e11)]
