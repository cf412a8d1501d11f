from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent import units

S = 10**9


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_500, "2 µs"),
        (999_999, "1000 µs"),
        (12_300_000, "12.3 ms"),
        (999_600_000, "1.00 s"),
        (57_660_000_000, "57.66 s"),
        (59_960_000_000, "1 m 0.0 s"),
        (161_300_000_000, "2 m 41.3 s"),
        (3_599_990_000_000, "1 h"),
        (3_723 * S, "1 h 2 m 3 s"),
        (86_400 * S, "24 h"),
        (-5_000_000, "-5 ms"),
    ],
)
def test_durations(ns: int, text: str) -> None:
    assert units.duration(ns) == text


@given(st.integers(-(2**63), 2**63))
def test_every_duration_has_a_unit(ns: int) -> None:
    assert units.duration(ns).split()[-1] in ("ns", "µs", "ms", "s", "m", "h")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (999_600, "1 MB"), (14e9, "14 GB"), (3e15, "3e+03 TB")],
)
def test_sizes(count: float, text: str) -> None:
    assert units.size(count) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5", 5), ("5s", 5), ("250ms", 0.25), ("1.5 m", 90), ("2h", 7200), (".5", 0.5), ("3D", 259200)],
)
def test_times_as_typed(text: str, seconds: float) -> None:
    assert units.seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "-5", "5 parsecs", "1e3", "5m3s", "nan"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        units.seconds(text)


def test_milliseconds_keep_the_microsecond() -> None:
    assert units.milliseconds(57_660_123_456) == "57,660.123"
