"""The form of dates: what each locale writes, and what tells two readings apart."""

from __future__ import annotations

from datetime import date

import pytest

from diagnostics.parsers.sar.dates import Clues, form_of, readings
from diagnostics.records import NS_PER_SECOND
from tests.parsers.sar.reports import RECEIVED, heading, parse, section, times

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("11/23/26", date(2026, 11, 23)),
        ("11/23/2026", date(2026, 11, 23)),
        ("23/11/26", date(2026, 11, 23)),
        ("23.11.2026", date(2026, 11, 23)),
        ("05.11.2026", date(2026, 11, 5)),
        ("05-11-26", date(2026, 11, 5)),
        ("2026-11-05", date(2026, 11, 5)),
        ("2026/11/05", date(2026, 11, 5)),
        ("2026.11.05.", date(2026, 11, 5)),
        ("2026年11月05日", date(2026, 11, 5)),
        ("2026년 11월 05일", date(2026, 11, 5)),
        ("Monday 23 November 2026", date(2026, 11, 23)),
        ("23/11/2569", date(2026, 11, 23)),  # Thailand
        ("03/28/99", date(1999, 3, 28)),
    ],
)
def test_readings(written: str, read: date) -> None:
    assert list(readings(written).values()) == [read]


@pytest.mark.parametrize("written", ["", "x86_64", "13/32/26", "1/2", "00.00.2026"])
def test_no_dates(written: str) -> None:
    assert readings(written) == {}


@pytest.mark.parametrize(
    ("clues", "order", "is_certain"),
    [
        (Clues(TODAY, ["05/11/26"]), "month/day/year", False),
        (Clues(TODAY, ["05/11/2026"]), "day/month/year", False),
        (Clues(TODAY, ["05/11/26"], has_comma=True), "day/month/year", True),
        (Clues(TODAY, ["05/11/26"], is_translated=True), "day/month/year", True),
        (Clues(TODAY, ["05/11/26"], is_12h=True, has_zone=True), "day/month/year", True),
        (Clues(TODAY, ["05/11/2026"], is_12h=True), "month/day/year", True),
        (Clues(TODAY, ["05/11/26"], is_12h=True), "month/day/year", False),
        # Another date of the file has one reading only.
        (Clues(TODAY, ["05/11/26", "05/13/26"]), "month/day/year", True),
        (Clues(TODAY, ["05/11/26", "13/11/26"]), "day/month/year", True),
        # Files are appended day by day.
        (Clues(TODAY, ["05/11/26", "06/11/26"]), "day/month/year", True),
        (Clues(TODAY, ["05/10/26", "05/11/26"]), "month/day/year", True),
        # What lies in the future cannot have been recorded.
        (Clues(TODAY, ["11/12/26"]), "month/day/year", True),
        (Clues(TODAY, ["12/11/26"]), "day/month/year", True),
        (Clues(TODAY, ["11/11/26"]), "month/day/year", True),
    ],
)
def test_form(clues: Clues, order: str, is_certain: bool) -> None:
    form = form_of(clues)
    assert (form.order, form.is_certain) == (order, is_certain)


def test_an_ambiguous_date_is_told() -> None:
    parsed = parse(heading("05/11/26") + section("10:00:00", [("10:00:01", 1.0)]))
    assert parsed.facts["date_form"] == "ambiguous"
    assert parsed.facts["date_read_as"] == "month/day/year"
    assert "may be 2026-05-11 or 2026-11-05" in parsed.facts["date"]
    assert times(parsed) == ["2026-05-11T10:00:01"]


def test_a_label_far_down_in_the_file_decides() -> None:
    rows = [(f"{10 + n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}", 1.0) for n in range(1, 5000)]
    average = "Media:          all      1.00      0.00      0.00      0.00      0.00     99.00\n"
    parsed = parse(heading("05/11/26") + section("10:00:00", rows) + average)
    assert parsed.facts["date_form"] == "day/month/year"
    assert times(parsed)[0] == "2026-11-05T10:00:01"


def test_the_day_of_arrival_is_no_future() -> None:
    text = heading("11/12/26") + section("10:00:00", [("10:00:01", 1.0)])
    december = RECEIVED + 18 * 86_400 * NS_PER_SECOND
    assert parse(text).facts["date_form"] == "month/day/year"
    assert parse(text, received_at=december).facts["date_form"] == "ambiguous"
