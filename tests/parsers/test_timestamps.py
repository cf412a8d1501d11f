from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.parsers.timestamps import CLOCK_SKEW, instant, plausible
from diagnostics.records import NS_PER_SECOND, ParseError

NOON = 1_764_000_000  # 2025-11-24T16:00:00Z


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-11-24T16:00:00Z", NOON * NS_PER_SECOND),
        ("2025-11-24t16:00:00z", NOON * NS_PER_SECOND),
        ("2025-11-24 16:00:00Z", NOON * NS_PER_SECOND),
        (" 2025-11-24T16:00:00Z\n", NOON * NS_PER_SECOND),
        ("2025-11-24T16:00:00.1Z", NOON * NS_PER_SECOND + 100_000_000),
        ("2025-11-24T16:00:00.123456789Z", NOON * NS_PER_SECOND + 123_456_789),
        ("2025-11-24T16:00:00.000000001Z", NOON * NS_PER_SECOND + 1),
        ("2025-11-24T16:00:00.999999999+00:00", NOON * NS_PER_SECOND + 999_999_999),
        ("2025-11-24T17:30:00+01:30", NOON * NS_PER_SECOND),
        ("2025-11-24T00:00:00-16:00", NOON * NS_PER_SECOND),
        ("2025-11-25T00:00:00+08:00", NOON * NS_PER_SECOND),
        ("2024-02-29T00:00:00Z", 1_709_164_800 * NS_PER_SECOND),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("1970-01-01T00:00:00.5+01:00", -3600 * NS_PER_SECOND + 500_000_000),
    ],
)
def test_instant(text: str, expected: int) -> None:
    assert instant(text, "here") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1764000000000000000",
        "2025-11-24",
        "2025-11-24T16:00:00",
        "2025-11-24T16:00Z",
        "2025-11-24T16:00:00.Z",
        "2025-11-24T16:00:00.1234567891Z",
        "2025-11-24T16:00:00+0100",
        "2025-11-24T16:00:00 Z",
        "25-11-24T16:00:00Z",
        "٢٠٢٥-11-24T16:00:00Z",
        "2025-11-24T16:00:00Zjunk",
        "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z",
        "2025-11-24T24:00:00Z",
        "2025-11-24T16:00:60Z",
        "2025-11-24T16:00:00+24:00",
        "0000-01-01T00:00:00Z",
    ],
)
def test_what_is_no_instant_is_said(text: str) -> None:
    with pytest.raises(ParseError) as raised:
        instant(text, "$[0].start_time")
    assert raised.value.where == "$[0].start_time"
    assert text[:20] in raised.value.message


@settings(deadline=None, max_examples=50)
@given(
    st.datetimes(timezones=st.timezones(), allow_imaginary=False).filter(lambda moment: 1900 < moment.year < 2200),
    st.integers(0, 999),
)
def test_any_written_instant_is_read_to_the_nanosecond(moment: object, nanoseconds: int) -> None:
    from datetime import UTC, datetime

    assert isinstance(moment, datetime)
    utc = moment.astimezone(UTC)
    text = f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond:06d}{nanoseconds:03d}Z"
    seconds = (utc.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    expected = int(seconds) * NS_PER_SECOND + utc.microsecond * 1000 + nanoseconds

    assert instant(text, "") == expected


@pytest.mark.parametrize(
    ("time", "says"),
    [
        (-1, "before 1970"),
        (NOON * NS_PER_SECOND + CLOCK_SKEW + 1, "more than a day after"),
        (2**63, "more than a day after"),
        (10**30, "more than a day after"),
    ],
)
def test_implausible(time: int, says: str) -> None:
    with pytest.raises(ParseError, match=says) as raised:
        plausible(time, "$[0].start_time", NOON * NS_PER_SECOND)
    assert (raised.value.code, raised.value.where) == ("implausible_time", "$[0].start_time")


@pytest.mark.parametrize("time", [0, NOON * NS_PER_SECOND, NOON * NS_PER_SECOND + CLOCK_SKEW])
def test_plausible(time: int) -> None:
    assert plausible(time, "", NOON * NS_PER_SECOND) == time
