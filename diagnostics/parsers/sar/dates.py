"""The date in sar's first line, as the locale writes it: ``11/23/26``, ``23.11.2026``, ``2026-11-23``, ``2026年…``.

``05/11/26`` is the 5th of November in most of the world, and May 11 in the C locale, in which cron runs. Clues of the
file decide: other dates in it, what would lie in the future, a decimal comma, the language of the averages, the clock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

MONTH_FIRST, DAY_FIRST, YEAR_FIRST = "month/day/year", "day/month/year", "year-month-day"
AMBIGUOUS = "ambiguous"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BUDDHIST = 543


@dataclass(frozen=True, slots=True)
class Clues:
    """What a file shows of its locale. ``dates``: of all its first lines; ``today``: when it arrived."""

    today: date
    dates: Sequence[str] = ()
    has_comma: bool = False
    is_12h: bool = False
    has_zone: bool = False
    is_translated: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """How dates are read. ``is_certain`` is unset when another reading would do as well."""

    order: str
    is_certain: bool


def readings(text: str) -> dict[str, date]:
    """Every way to read a date, by its order; none when it is not one."""
    numbers = re.findall(r"\d+", text)
    if len(numbers) == 2 and (month := _month_named(text)):
        day, year = sorted(map(int, numbers))
        return _valid({DAY_FIRST: (year, month, day)})
    if len(numbers) != 3:
        return {}
    a, b, c = map(int, numbers)
    if len(numbers[0]) == 4:
        return _valid({YEAR_FIRST: (a, b, c)})
    if "/" in text:
        return _valid({MONTH_FIRST: (c, a, b), DAY_FIRST: (c, b, a)})
    # Only slashes are used both ways round.
    return _valid({DAY_FIRST: (c, b, a)}) or _valid({MONTH_FIRST: (c, a, b), YEAR_FIRST: (a, b, c)})


def form_of(clues: Clues) -> Form:
    """The order of day and month in this file's dates."""
    read = [found for text in clues.dates if (found := readings(text))]
    if not read:
        return Form(YEAR_FIRST, is_certain=True)
    orders = [order for order in read[0] if all(order in found for found in read)] or list(read[0])
    past = [order for order in orders if all((f.get(order) or date.min) <= clues.today for f in read)]
    orders = past or orders
    if len(orders) == 1 or all(found[orders[0]] == found[orders[1]] for found in read):
        return Form(orders[0], is_certain=True)
    return _by_span(read) or _by_locale(clues)


def _by_span(read: Sequence[dict[str, date]]) -> Form | None:
    """Files are appended day by day: the reading in which they lie together."""
    spans = {
        order: (max(days) - min(days)).days
        for order in (MONTH_FIRST, DAY_FIRST)
        if (days := [found[order] for found in read if order in found])
    }
    if len(spans) < 2:
        return None
    short, long = sorted(spans, key=lambda order: spans[order])
    return Form(short, is_certain=True) if 5 * spans[short] < spans[long] else None


def _by_locale(clues: Clues) -> Form:
    if clues.has_comma or clues.is_translated or (clues.is_12h and clues.has_zone):
        return Form(DAY_FIRST, is_certain=True)
    has_long_year = any(re.search(r"\d{4}", text) for text in clues.dates)
    if clues.is_12h and has_long_year:
        return Form(MONTH_FIRST, is_certain=True)  # en_US, the one such locale
    # Month first with a 24 h clock is the C locale's, which writes two digits of the year.
    return Form(DAY_FIRST if has_long_year else MONTH_FIRST, is_certain=False)


def _valid(parts: dict[str, tuple[int, int, int]]) -> dict[str, date]:
    found = {}
    for order, (year, month, day) in parts.items():
        try:
            found[order] = date(_whole_year(year), month, day)
        except ValueError:
            continue
    return found


def _whole_year(year: int) -> int:
    if year < 100:
        return year + (2000 if year < 70 else 1900)
    return year - _BUDDHIST if 2500 <= year < 2700 else year


def _month_named(text: str) -> int | None:
    words = re.findall(r"[a-z]+", text.lower())
    return next((_MONTHS.index(word[:3]) + 1 for word in words if word[:3] in _MONTHS), None)
