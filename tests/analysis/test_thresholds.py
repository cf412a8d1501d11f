from __future__ import annotations

import pytest

from diagnostics.analysis.thresholds import Threshold, floors_of, kept, lowest
from diagnostics.records import Flag, Floors, Verdict

GENERAL = Floors(ratio=0.02, duration=10)
RULES = [
    Threshold("import*", ignore=True),
    Threshold("model/*", ratio=0.5),
    Threshold("weights", ns=1000),
    Threshold("(total)", ratio=0.01, ns=5),
]


@pytest.mark.parametrize(
    ("path", "floors"),
    [
        ("other", GENERAL),
        ("boot/import-torch", None),
        ("imports/load", GENERAL),  # a glob without a slash is for the last name only
        ("model/weights", Floors(0.5, 10)),  # the first that fits decides
        ("weights", Floors(0.02, 1000)),
        (None, Floors(0.01, 5)),
        ("(total)", Floors(0.01, 5)),
    ],
)
def test_floors_of_a_phase(path: str | None, floors: Floors | None) -> None:
    assert floors_of(path, RULES, GENERAL) == floors


def test_what_is_looked_for_is_the_least_of_all() -> None:
    assert lowest(RULES, GENERAL) == Floors(0.01, 5)
    assert lowest([], GENERAL) == GENERAL
    assert lowest([Threshold("x", ratio=0.0, ignore=True)], GENERAL) == GENERAL


@pytest.mark.parametrize(
    ("path", "expected", "actual", "is_kept"),
    [("a", 100, 111, True), ("a", 100, 110, False), ("model/x", 100, 150, False), ("model/x", 100, 151, True),
     ("import", 100, 900, False), (None, 100, 106, True), (None, 1000, 1010, False)],
)  # fmt: skip
def test_flags_that_stay(path: str | None, expected: int, actual: int, is_kept: bool) -> None:
    flag = Flag(path, actual, expected, 0, 0, 10, Verdict.REGRESSED)
    assert (kept([flag], RULES, GENERAL) == [flag]) is is_kept
