from __future__ import annotations

import pytest

from diagnostics.analysis.diagnosis import wording


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0, "0 s"),
        (3_000_000, "3 ms"),
        (250_000_000, "0.25 s"),
        (1_500_000_000, "1.5 s"),
        (10_000_000_000, "10 s"),
        (17_960_000_000, "18 s"),
        (600_000_000_000, "600 s"),
    ],
)
def test_seconds(duration: int, text: str) -> None:
    assert wording.seconds(duration) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0 B"), (999, "999 B"), (999_600, "1.0 MB"), (1_500_000, "1.5 MB"), (14e9, "14.0 GB"), (230e6, "230 MB")],
)
def test_size(amount: float, text: str) -> None:
    assert wording.size(amount) == text


@pytest.mark.parametrize(("amount", "text"), [(81920 * 1024, "80 MiB"), (1.5 * 2**30, "1.5 GiB"), (512, "0 KiB")])
def test_memory(amount: float, text: str) -> None:
    assert wording.memory(amount) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 %"), (0.04, "< 0.1 %"), (0.5, "0.5 %"), (2.44, "2.4 %"), (83.4, "83 %"), (100, "100 %")]
)
def test_percent(value: float, text: str) -> None:
    assert wording.percent(value) == text


def test_count() -> None:
    assert wording.count(1, "error") == "1 error"
    assert wording.count(1200, "error") == "1,200 errors"
    assert wording.count(2, "process", "processes") == "2 processes"
