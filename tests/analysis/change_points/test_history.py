from __future__ import annotations

import random

import pytest

from diagnostics.analysis.change_points.history import History, Measured, look_over
from diagnostics.analysis.launch_runs import Circumstances
from diagnostics.records import Floors

FLOORS = Floors(ratio=0.02, duration=10_000_000)
HOUR = 3600 * 10**9


def launches(count: int, size: float = 1, first: int = 0, slope: float = 0, sort: str = "cold") -> list[Measured]:
    chance = random.Random(7)
    found = []
    for n in range(count):
        took = 10**9 * chance.gauss(1, 0.02) * (size if n >= first else 1) * (1 + slope * n)
        found.append(Measured(f"{sort}-{n}", (sort, ""), round(took), Circumstances(n * 12 * HOUR)))
    return found


def kinds(history: History) -> list[tuple[str, str]]:
    return [(one.kind, one.launch) for one in history.changes]


@pytest.mark.parametrize("size", [1.3, 0.7])
@pytest.mark.parametrize("method", ["own", "perfherder"])
def test_a_step_is_told_with_its_first_launch_and_levels(size: float, method: str) -> None:
    (change,) = look_over(launches(60, size, 30), FLOORS, method).changes
    assert (change.kind, change.launch) == ("step", "cold-30")
    assert change.after / change.before == pytest.approx(size, rel=0.02)
    assert (change.p is None) == (method == "perfherder")


def test_levels_are_those_between() -> None:
    before, after = look_over(launches(60, 1.3, 30), FLOORS).levels
    assert before.end == after.start == 30 * 12 * HOUR
    assert after.duration / before.duration == pytest.approx(1.3, rel=0.02)


def test_a_drift_is_no_step() -> None:
    assert kinds(look_over(launches(80, slope=0.006), FLOORS)) == [("drift", "cold-0")]


def test_nothing_changed_and_nothing_there() -> None:
    assert kinds(look_over(launches(60), FLOORS)) == []
    assert look_over([], FLOORS) == History([], [])


def test_a_change_below_the_floors_is_none() -> None:
    assert kinds(look_over(launches(60, 1.3, 30), Floors(ratio=0.5, duration=0))) == []


def test_each_sort_is_looked_over_by_itself() -> None:
    mixed = launches(40, sort="cold") + [
        Measured(one.launch, one.sort, one.duration // 10, one.circumstances) for one in launches(40, sort="warm")
    ]
    assert kinds(look_over(mixed, FLOORS)) == []


def test_runs_are_the_unit_where_there_are_enough() -> None:
    chance, found = random.Random(3), []
    for day in range(40):
        mood = chance.gauss(1, 0.04) * (1.4 if day >= 25 else 1)
        for n in range(5):
            at = Circumstances(day * 24 * HOUR + n * HOUR // 10)
            found.append(Measured(f"{day}-{n}", ("cold", ""), round(10**9 * mood * chance.gauss(1, 0.02)), at))
    assert kinds(look_over(found, FLOORS)) == [("step", "25-0")]
