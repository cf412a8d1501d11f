"""Durations, ages, quantities and times as Kubernetes and Go write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers.kubernetes.durations import UNITS, age, duration
from diagnostics.parsers.kubernetes.quantities import quantity
from diagnostics.parsers.kubernetes.stamps import stamp

RECEIVED = 1_795_500_000_000_000_000
SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1m2.5s", 62_500_000_000),
        ("859ms", 859_000_000),
        ("1h2m3s", 3_723_000_000_000),
        ("370.157088ms", 370_157_088),
        ("2.044691792s", 2_044_691_792),
        ("15µs", 15_000),
        ("15μs", 15_000),
        ("15us", 15_000),
        ("7ns", 7),
        ("0s", 0),
        ("0", 0),
        ("-1.5s", -1_500_000_000),
        ("2d3h", 183_600_000_000_000),
        ("", None),
        ("5", None),
        ("1m 2s", None),
        ("s", None),
        ("1.2.3s", None),
    ],
)
def test_durations(text: str, nanoseconds: int | None) -> None:
    assert duration(text) == nanoseconds


@given(st.integers(0, 10**15), st.sampled_from(sorted(UNITS)))
def test_durations_are_exact(number: int, unit: str) -> None:
    written = f"{Decimal(number) / 1000:f}{unit}"
    assert duration(written) == number * UNITS[unit] // 1000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("58m", (3480 * SECOND, 60 * SECOND)),
        ("3m19s", (199 * SECOND, SECOND)),
        ("47h", (169_200 * SECOND, 3600 * SECOND)),
        ("300d", (25_920_000 * SECOND, 86_400 * SECOND)),
        ("0s", (0, SECOND)),
        ("<unknown>", None),
        ("<invalid>", None),
        ("-5s", None),
        ("0", None),
    ],
)
def test_ages_are_sure_to_their_last_unit(text: str, told: tuple[int, int] | None) -> None:
    assert age(text) == told


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("100m", 0.1),
        ("7500m", 7.5),
        (4, 4),
        ("50Mi", 52_428_800),
        ("1000Mi", 1_048_576_000),
        ("2Gi", 2_147_483_648),
        ("5e10", 50_000_000_000),
        ("1k", 1000),
        ("128974848", 128_974_848),
        ("1.5Gi", 1_610_612_736),
        ("250u", 0.00025),
        ("lots", None),
        ("", None),
        (None, None),
        ("5Xi", None),
    ],
)
def test_quantities(text: object, number: float | None) -> None:
    assert quantity(text) == number


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-20T08:00:00Z", (1_795_161_600 * SECOND, SECOND)),
        ("2026-11-20T08:00:00.694297Z", (1_795_161_600_694_297_000, 1_000)),
        ("2026-11-20T09:00:00+01:00", (1_795_161_600 * SECOND, SECOND)),
        ("Tue, 12 Aug 2025 05:45:20 +0200", (1_754_970_320 * SECOND, SECOND)),
        ("Mon, 23 Aug 2025 15:02:32 +0300", (1_755_950_552 * SECOND, SECOND)),  # a Saturday: the date counts
        ("0001-01-01T00:00:00Z", None),
        ("2099-01-01T00:00:00Z", None),
        ("Tue, 31 Feb 2025 05:45:20 +0200", None),
        ("Tue, 12 Foo 2025 05:45:20 +0200", None),
        ("<unknown>", None),
        ("", None),
        (None, None),
        (17, None),
    ],
)
def test_stamps(text: object, told: tuple[int, int] | None) -> None:
    assert stamp(text, RECEIVED) == told
