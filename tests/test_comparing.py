"""What comparing launches makes of how they were run: sessions, and the service's history."""

from __future__ import annotations

import random

import pytest

from diagnostics import comparing
from diagnostics.records import Verdict
from tests.data.snapshots import sequence
from tests.views.conftest import launched

pytestmark = pytest.mark.django_db
HOURS_A_DAY = 24


def day(number: int, version: str, level: float, draw: random.Random, launches: int = 4) -> None:
    """Launches of one day, whose level they share."""
    for hour in range(launches):
        took = round(1000 * level * draw.lognormvariate(0, 0.01))
        launched(sequence(took, 300, number=number * HOURS_A_DAY + hour, version=version))


def test_history_tells_that_days_differ() -> None:
    """The two days compared differ by 9 %; so do days of one version."""
    draw = random.Random(1)
    day(8, "1", 1.00, draw)
    day(9, "2", 1.09, draw)
    baseline, candidate = "version=1,last=4", "version=2,last=4"
    alone = comparing.compare(baseline, candidate).comparison
    assert alone.total.verdict == Verdict.REGRESSED
    assert alone.runs == (1, 1)
    assert "too few runs" in alone.notes[0]
    for number, level in enumerate((1.05, 0.97, 1.08, 1.0)):
        day(number, "0", level, draw)
    told = comparing.compare(baseline, candidate).comparison
    assert told.total.verdict == Verdict.UNCHANGED
    assert told.notes == []


def test_history_is_told_by_days_however_many_launches_a_day_has() -> None:
    """The newest dozen of other launches would be two days, which tell nothing."""
    draw = random.Random(3)
    for number, level in enumerate((1.05, 0.97, 1.08, 1.0)):
        day(number, "1", level, draw, launches=7)
    day(8, "1", 1.0, draw, launches=7)
    day(9, "2", 1.09, draw, launches=7)
    told = comparing.compare("version=1,last=7", "version=2,last=7").comparison
    assert (told.total.verdict, told.runs, told.notes) == (Verdict.UNCHANGED, (1, 1), [])


def test_days_are_runs() -> None:
    draw = random.Random(2)
    for number in range(3):
        day(number, "1", 1 + 0.02 * draw.random(), draw)
        day(number + 10, "2", 2 + 0.02 * draw.random(), draw)
    found = comparing.compare("version=1,last=20", "version=2,last=20").comparison
    assert found.runs == (3, 3)
    assert found.total.verdict == Verdict.REGRESSED
