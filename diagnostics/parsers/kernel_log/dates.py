"""Calendar stamps of kernel and system logs, to integer nanoseconds: without year, without zone, in many languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from diagnostics.records import NS_PER_SECOND

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = 60 * NS_PER_SECOND
LATEST = 2**62  # ns, in the year 2116: what the rest counts in 64 bits may still be added to
HALF_YEAR = 6  # months: a longer way back is a new year begun, not a log out of order
YEAR = re.compile(r"(\d{4})年?", re.ASCII)
DAY = re.compile(r"(\d{1,2})[.日]?", re.ASCII)
NUMBERED = re.compile(r"(\d{1,2})[月월]", re.ASCII)
DAY_OF_YEAR = re.compile(r"([^\W\d]{3,9}\.?|\d{1,2}[月월]) {0,2}(\d{1,2})日?")
# The beginnings that tell a month in the abbreviations of `strftime("%b")`: en de fr es it pt nl nordic pl cs ru uk tr.
_NAMES = (
    "jan ene gen sty led янв січ oca tammi",
    "feb fev fév lut úno фев лют şub helmi",
    "mar mär mrt bře мар бер maalis",
    "apr abr avr kwi dub апр кві nis huhti",
    "may mai mag mei maj kvě май мая тра touko",
    "jun juin giu cze čen июн чер haz kesä",
    "jul juil lug lip čec июл лип tem heinä",
    "aug ago aoû aou sie srp авг сер ağu elo",
    "sep set wrz zář сен вер eyl syys",
    "oct okt out ott paź říj окт жов eki loka",
    "nov lis ноя лис kas marras",
    "dec dez déc dic des gru pro дек гру ara joulu",
)
# Names that mean one offset; CST, IST and BST among others mean several.
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9}
_ZONES |= {"EST": -5, "EDT": -4, "CDT": -5, "MDT": -6, "PST": -8, "PDT": -7}
_MONTHS = {name: n for n, names in enumerate(_NAMES, 1) for name in names.split()}
_LENGTHS = sorted({len(name) for name in _MONTHS}, reverse=True)


def month_of(name: str) -> int | None:
    """``Nov``, ``Mär``, ``août``, ``11月`` to 1..12; ``None`` for what names no month."""
    if numbered := NUMBERED.fullmatch(name):
        return int(numbered[1]) if 1 <= int(numbered[1]) <= 12 else None
    lowered = name.lower()
    return next((_MONTHS[lowered[:n]] for n in _LENGTHS if lowered[:n] in _MONTHS), None)


def day_of_year(text: str) -> tuple[int, int] | None:
    """Month and day that a stamp without a year begins with (``Nov 23 …``, ``Nov23``, ``11月 23``)."""
    found = DAY_OF_YEAR.match(text)
    month = month_of(found[1]) if found else None
    return (month, int(found[2])) if found and month else None


def years_passed(month: int, before: int) -> int:
    """How many years later (-1, 0, 1) a month is than the month of the stamp before, the nearest being meant."""
    if not before or abs(month - before) < HALF_YEAR:
        return 0
    return 1 if month < before else -1


def offset_of(zone: str | None) -> tzinfo | None:
    """``Z``, ``UTC``, ``+0200``, ``-03:00``; ``None`` for names that stand for several zones each."""
    if not zone:
        return None
    if zone in _ZONES:
        return timezone(timedelta(hours=_ZONES[zone]))
    if zone[0] not in "+-":
        return None
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return timezone(offset if zone[0] == "+" else -offset)


class Calendar:
    """Minutes of stamps read one after the other: a missing year and a repeated hour follow from those before.

    Lines in a row mostly share their minute, so a minute is worked out once. Methods give ns and raise ``ValueError``
    for days and hours that do not exist.
    """

    def __init__(self, zone: tzinfo, year: int) -> None:
        self.zone = zone
        self.year = year  # of the stamp read last, where stamps have none
        self._month = 0
        self._key: tuple[str | None, ...] = ()
        self._start = 0

    def iso(self, minute: str, zone: str | None) -> int:
        """``2026-11-23T11:24`` and ``+00:00``; without a zone, in the sender's."""
        if (minute, zone) != self._key:
            local = datetime(*map(int, re.split("[-T :]", minute)))  # type: ignore[arg-type]  # noqa: DTZ001
            self._turn((minute, zone), local, offset_of(zone))
        return self._start

    def yearless(self, day: str, clock: str) -> int:
        """``Nov 23`` or ``11月23``, and ``11:24``."""
        if (day, clock) != self._key:
            found = day_of_year(day)
            if found is None:
                raise ValueError(day)
            self.year += years_passed(found[0], self._month)
            self._month = found[0]
            self._turn((day, clock), _local(self.year, *found, clock))
        return self._start

    def ctime(self, day: str, clock: str, rest: str) -> int:
        """``Mon Nov 23``, ``10:19`` and ``2026``, in any language and order."""
        if (day, clock, rest) != self._key:
            words = [*day.split(), *rest.split()]
            years = [int(found[1]) for word in words if (found := YEAR.fullmatch(word))]
            days = [int(found[1]) for word in words if (found := DAY.fullmatch(word))]
            months = [month for word in words if (month := month_of(word))]
            if not (years and days and months):
                raise ValueError(day)
            # A weekday may read like a month (``mar`` is both in Italian); the month comes after it.
            self._turn((day, clock, rest), _local(years[0], months[-1], days[0], clock))
        return self._start

    def _turn(self, key: tuple[str | None, ...], local: datetime, offset: tzinfo | None = None) -> None:
        zone = offset or self.zone
        first, again = (_ns(local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
        # When clocks are set back an hour comes twice: time that seems to run back is the second one.
        is_again = again > first and self._key and first < self._start
        start = again if is_again else first
        if not 0 <= start < LATEST:
            raise ValueError(local)
        self._key, self._start = key, start


def _local(year: int, month: int, day: int, clock: str) -> datetime:
    return datetime(year, month, day, int(clock[:2]), int(clock[3:5]))  # noqa: DTZ001  (its zone is put on later)


def _ns(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1) * NS_PER_SECOND
