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
        (1023.4, "bytes", "1023 B"),
        (1023.6, "bytes", "1.0 KiB"),
        (15_032_385_536, "bytes", "14.0 GiB"),
        (-2048, "bytes", "−2.0 KiB"),
        (152_043_520, "bytes/s", "145 MiB/s"),
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


@pytest.mark.parametrize(
    ("value", "unit", "top"),
    [(0, "%", 1), (0.3, "%", 1), (63, "%", 100), (152e6, "bytes/s", 200 * 1024**2), (21.0, "", 50), (100, "", 100)],
)
def test_an_axis_ends_at_a_round_number(value: float, unit: str, top: float) -> None:
    assert ceiling(value, unit) == top


@given(st.floats(1, 1e15), st.sampled_from(["", "bytes", "%"]))
def test_an_axis_holds_its_greatest_value_and_is_not_mostly_empty(value: float, unit: str) -> None:
    assert value <= ceiling(value, unit) <= 10 * value
