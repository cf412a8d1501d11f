"""Years that nobody wrote, hours that come twice, months in many languages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from diagnostics.parsers.kernel_log.dates import month_of
from tests.parsers.kernel_log.reading import SECOND, read


def days(*stamps: str, **hints: int) -> list[str]:
    parsed = read("\n".join(f"{stamp} 10:00:00 gpu kernel: x" for stamp in stamps), **hints)
    return [datetime.fromtimestamp(event.time // SECOND, UTC).strftime("%Y-%m-%d") for event in parsed.events]


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        (["Nov 23"], ["2026-11-23"]),
        (["Nov 26"], ["2025-11-26"]),  # the upload came on the 24th
        (["Dec 31", "Jan  1"], ["2025-12-31", "2026-01-01"]),
        (["Dec 31", "Jan  1", "Dec 31", "Jan  1"], ["2025-12-31", "2026-01-01", "2025-12-31", "2026-01-01"]),
        (["Jun  1", "Nov  1", "Jan  5", "Apr  1"], ["2025-06-01", "2025-11-01", "2026-01-05", "2026-04-01"]),
        (["May 18", "Apr 22"], ["2026-05-18", "2026-04-22"]),  # out of order, not a year later
        (["Feb 29"], ["2024-02-29"]),
        (["Dec 31", "Feb 29"], ["2023-12-31", "2024-02-29"]),
    ],
)  # fmt: skip
def test_the_year_follows_from_the_upload(stamps: list[str], expected: list[str]) -> None:
    assert days(*stamps) == expected


def test_a_given_year_is_the_first_one() -> None:
    assert days("Dec 31", "Jan  1", year=2005) == ["2005-12-31", "2006-01-01"]


def test_a_day_that_does_not_exist_is_not_read() -> None:
    parsed = read("Feb 28 10:00:00 gpu kernel: a\nFeb 30 10:00:00 gpu kernel: b\nMar  1 25:00:00 gpu kernel: c\n")
    assert [event.text for event in parsed.events] == ["a"]
    assert [one["line"] for one in parsed.facts["unread"]] == [2, 3]


def test_a_stamp_without_a_zone_is_in_the_senders() -> None:
    (event,) = read("Nov 23 11:24:25 gpu kernel: x", zone=ZoneInfo("Asia/Shanghai")).events
    assert event.time == 1_795_433_065 * SECOND - 8 * 3600 * SECOND


@pytest.mark.parametrize(
    "form", ["Oct 25 {} gpu kernel: x", "[Sun Oct 25 {} 2026] x", "2026-10-25 {} gpu kernel: x", "[Oct25 {}] x"]
)
def test_the_hour_that_comes_twice_comes_twice(form: str) -> None:
    clocks = ["02:58:00", "02:59:00", "02:00:00", "02:01:00", "03:00:00"]
    shown = [clock[:5] if form.startswith("[Oct") else clock for clock in clocks]
    parsed = read("\n".join(form.format(clock) for clock in shown), zone=ZoneInfo("Europe/Berlin"))
    first = parsed.events[0].time
    assert [(event.time - first) // (60 * SECOND) for event in parsed.events] == [0, 1, 2, 3, 62]


@pytest.mark.parametrize(
    ("names", "months"),
    [
        ("Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez", range(1, 13)),
        ("janv. févr. mars avril mai juin juil. août sept. oct. nov. déc.", range(1, 13)),
        ("ene feb mar abr may jun jul ago sep oct nov dic", range(1, 13)),
        ("gen feb mar apr mag giu lug ago set ott nov dic", range(1, 13)),
        ("jan fev mar abr mai jun jul ago set out nov dez", range(1, 13)),
        ("sty lut mar kwi maj cze lip sie wrz paź lis gru", range(1, 13)),
        ("янв фев мар апр мая июн июл авг сен окт ноя дек", range(1, 13)),
        ("1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月", range(1, 13)),
    ],
)
def test_months_in_the_languages_of_logs(names: str, months: range) -> None:
    assert [month_of(name) for name in names.split()] == list(months)


@pytest.mark.parametrize("name", ["", "x", "13月", "0月", "Monday"])
def test_what_is_no_month(name: str) -> None:
    assert month_of(name) is None
