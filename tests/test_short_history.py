"""Steps in histories too short to be looked on, on the real database."""

from __future__ import annotations

import random

import pytest

from diagnostics import detection
from diagnostics.models import Regression
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


def test_a_step_down_opens_nothing() -> None:
    launched(SINCE)
    launched(BEFORE, 6)
    assert not Regression.objects.exists()
