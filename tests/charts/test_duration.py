from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.charts.duration import DAY, HOUR, MINUTE, human, ratio, share, signed, ticks, wall_clock
from diagnostics.records import NS_PER_SECOND as S

MS, US = S // 1000, S // 1_000_000


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0, "0"),
        (640, "640 ns"),
        (999, "999 ns"),
        (1_000, "1 µs"),
        (850 * US, "850 µs"),
        (999_499, "999 µs"),
        (999_500, "1 ms"),
        (12 * MS, "12 ms"),
        (12 * MS + 340 * US, "12.3 ms"),
        (1_230 * US, "1.23 ms"),
        (999_499_999, "999 ms"),
        (999_500_000, "1.0 s"),
        (9_800 * MS, "9.8 s"),
        (3_250 * MS, "3.25 s"),
        (9_995 * MS, "10.0 s"),
        (57_660 * MS, "57.7 s"),
        (59_949 * MS, "59.9 s"),
        (59_950 * MS, "1 m 0.0 s"),
        (161_300 * MS, "2 m 41.3 s"),
        (HOUR - 50 * MS, "1 h"),
        (HOUR + 2 * MINUTE + 5 * S, "1 h 2 m 5 s"),
        (DAY - S // 2, "1 d"),
        (2 * DAY + 3 * HOUR + 4 * MINUTE, "2 d 3 h 4 m"),
        (-1_200 * MS, "−1.2 s"),
    ],
)
def test_durations_read_as_a_person_says_them(duration: int, text: str) -> None:
    assert human(duration) == text


@given(st.integers(min_value=1, max_value=10**18))
def test_no_unit_is_ever_full(duration: int) -> None:
    limits = {"ns": 1000, "µs": 1000, "ms": 1000, "s": 60, "m": 60, "h": 24, "d": 10**9}
    for number, unit in re.findall(r"([\d.]+) (\w+)", human(duration)):
        assert float(number) < limits[unit]


def test_differences_carry_their_sign() -> None:
    assert [signed(39_500 * MS), signed(-4 * S), signed(0)] == ["+39.5 s", "−4.0 s", "0"]


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(36, 100, "36 %"), (4, 1000, "0.4 %"), (1, 100_000, "< 0.1 %"), (100, 100, "100 %"), (0, 5, "0 %"), (1, 0, "")],
)
def test_shares(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


def test_ratios() -> None:
    assert [ratio(1.664), ratio(12.3), ratio(float("inf"))] == ["×1.66", "×12", "new"]


def test_wall_clock_is_utc_to_the_millisecond() -> None:
    assert wall_clock(1_795_431_737_123_999_999) == "2026-11-23 11:02:17.123 UTC"


@pytest.mark.parametrize(
    ("first", "last", "most", "texts"),
    [
        (0, 160 * S, 8, ["0", "30 s", "1 m", "1 m 30 s", "2 m", "2 m 30 s"]),
        (0, 100 * MS, 4, ["0", "50 ms", "100 ms"]),
        (30 * S, 30 * S + 100 * MS, 4, ["30.00 s", "30.05 s", "30.10 s"]),
        (0, 900, 4, ["0", "500 ns"]),
        (0, 3 * HOUR, 3, ["0", "1 h", "2 h", "3 h"]),
        (-10 * S, 10 * S, 4, ["−10 s", "−5 s", "0", "5 s", "10 s"]),
    ],
)
def test_axis_marks_use_steps_that_clocks_have(first: int, last: int, most: int, texts: list[str]) -> None:
    assert [text for _, text in ticks(first, last, most)] == texts


@given(st.integers(0, 10**15), st.integers(1, 10**17), st.integers(1, 20))
def test_axis_marks_are_few_inside_and_all_different(first: int, length: int, most: int) -> None:
    marks = ticks(first, first + length, most)
    assert len(marks) <= most + 1
    assert all(first <= value <= first + length for value, _ in marks)
    assert len({text for _, text in marks}) == len(marks)


def test_marks_of_a_window_before_zero() -> None:
    marks = ticks(-3 * S, -S, 2)
    assert [value for value, _ in marks] == [-3 * S, -2 * S, -S]
    assert all(text.startswith("−") for _, text in marks)
