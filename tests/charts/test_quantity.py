from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.charts.quantity import ceiling, worded


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (57_660_000_000, "ns", "57.7 s"),
        (0, "bytes", "0 B"),
        (15_032_385_536, "bytes", "15.0 GB"),
        (-2048, "bytes", "−2.0 kB"),
        (152_043_520, "bytes/s", "152 MB/s"),
        (90.96, "%", "91.0 %"),
        (100, "%", "100 %"),
        (-3.25, "%", "−3.2 %"),
        (12_000, "count", "12\u202f000"),
        (4.5, "1/s", "4.5 1/s"),
        ("nfs", "", "nfs"),
        (None, "ns", "–"),
    ],
)
def test_values_read_as_a_person_says_them(value: float | str | None, unit: str, text: str) -> None:
    assert worded(value, unit) == text


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.3, 1), (63, 100), (152e6, 200e6), (21.0, 50), (100, 100)])
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert ceiling(value) == top


@given(st.floats(1, 1e15))
def test_an_axis_holds_its_greatest_value_and_is_not_mostly_empty(value: float) -> None:
    assert value <= ceiling(value) <= 2.5 * value
