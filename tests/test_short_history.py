"""Steps in histories too short to be looked on, on the real database."""

from __future__ import annotations

import random

import pytest

from diagnostics import detection
from diagnostics.models import LaunchFlag, Regression
from diagnostics.records import Verdict
from tests.data.snapshots import sequence
from tests.test_change_watch import parsed

pytestmark = pytest.mark.django_db
# What a busy machine makes of six launches and of six with one phase truly slower: each alone is within the range.
BEFORE = (2340, 3180, 3250, 2290, 3190, 2790)
SINCE = (6120, 5520, 4050, 3930, 3330, 5330)


def launched(totals: tuple[int, ...], first: int = 0) -> None:
    for number, total in enumerate(totals, start=first):
        detection.judge(parsed(sequence(total, number=number)))


def test_a_step_that_no_launch_shows_alone_opens_a_regression() -> None:
    launched(BEFORE)
    launched(SINCE[:4], 6)
    assert not Regression.objects.filter(series=None).exists()
    launched(SINCE[4:], 10)
    regression = Regression.objects.get(series=None)
    assert "looking back over 12 launches" in regression.rule
    assert regression.low > 1
    assert regression.ratio == pytest.approx(1.5, abs=0.2)


def test_noise_opens_nothing() -> None:
    chance = random.Random(5)
    launched(tuple(round(3000 * chance.gauss(1, 0.2)) for _ in range(20)))
    assert not Regression.objects.exists()


def test_a_slow_ramp_and_an_outlier_or_two_open_nothing() -> None:
    launched((2000, 2010, 2020, 2030, 2040, 2050, 2060, 2070, 8000, 8000))
    assert not Regression.objects.exists()


def test_a_step_down_opens_nothing() -> None:
    launched(SINCE)
    launched(BEFORE, 6)
    assert not Regression.objects.exists()


# Launches that miss a cache: now and then, and half of the time. Three of five are slow by chance, and were so before.
@pytest.mark.parametrize("misses", ["--S-S-------S-S-S---", "------SS---SSS--SSS-"])
@pytest.mark.parametrize("slow", [1.5, 4])
def test_a_phase_of_two_modes_opens_nothing(misses: str, slow: float) -> None:
    chance = random.Random(1)
    for number, mode in enumerate(misses):
        cached = 1000 * chance.gauss(1, 0.03) * (slow if mode == "S" else 1)
        detection.judge(parsed(sequence(500, round(cached), number=number)))
    assert LaunchFlag.objects.filter(verdict=Verdict.REGRESSED, series=None).count() >= 3
    assert not Regression.objects.exists()


def test_a_mode_that_comes_nearly_always_opens_a_regression() -> None:
    chance = random.Random(8)
    for number in range(18):
        misses = number in (2, 7) or number >= 12
        detection.judge(parsed(sequence(500, round(1000 * chance.gauss(3 if misses else 1, 0.03)), number=number)))
    assert {row.phase for row in Regression.objects.all()} >= {"step-1"}
