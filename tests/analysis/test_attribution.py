from __future__ import annotations

import random

from hypothesis import given

from diagnostics.analysis.attribution import LEAST_LAUNCHES, attribute
from diagnostics.records import Sample
from tests.analysis.samples import groups, sample

MS = 1_000_000


@given(groups(), groups())
def test_the_parts_sum_to_the_change(baseline: list[Sample], candidate: list[Sample]) -> None:
    found = attribute(baseline, candidate)
    assert sum(part.change for part in found.phases.values()) + found.unaccounted.change == found.total
    assert found == attribute(baseline, candidate)
    for part in (found.unaccounted, *found.phases.values()):
        told = min(len(baseline), len(candidate)) >= LEAST_LAUNCHES
        assert (part.low is not None) is told
        if part.low is not None and part.high is not None:
            assert part.low <= part.change <= part.high


def launches(draw: random.Random, count: int, slower: float = 1.0) -> list[Sample]:
    def took(middle: int) -> int:
        return round(middle * MS * draw.lognormvariate(0, 0.05))

    return [
        sample({"weights": round(slower * took(4000)), "config": took(300)}, waiting=took(50)) for _ in range(count)
    ]


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    draw, covered = random.Random(1), 0
    for _ in range(100):
        part = attribute(launches(draw, 12), launches(draw, 12, 1.25)).phases["weights"]
        assert part.low is not None
        assert part.high is not None
        covered += part.low <= 1000 * MS <= part.high
        assert part.low > 0
    assert covered >= 88


def test_appearing_vanishing_and_waiting_have_their_parts() -> None:
    draw = random.Random(2)
    before = [sample({"old": 100 * MS + draw.randrange(MS), "same": 50 * MS}, waiting=10 * MS) for _ in range(6)]
    after = [sample({"new": 300 * MS + draw.randrange(MS), "same": 50 * MS}, waiting=90 * MS) for _ in range(6)]
    found = attribute(before, after)
    assert round(found.phases["old"].change / MS) in (-100, -101)
    assert round(found.phases["new"].change / MS) in (300, 301)
    assert found.phases["same"].change == 0
    assert abs(found.unaccounted.change - 80 * MS) <= MS


def test_what_is_never_on_the_path_has_no_part() -> None:
    off = sample({"long": 9 * MS, "aside": 3 * MS}, {"long": 9 * MS})
    assert set(attribute([off], [off]).phases) == {"long"}


def test_launches_that_never_got_ready_have_no_path_to_it() -> None:
    good = [sample({"load": (100 + n) * MS}) for n in range(5)]
    failed = Sample("", 3 * MS, 0, {"load": 3 * MS}, {"load": 3 * MS}, censored=True)
    found = attribute(good, [*good, failed, failed])
    assert found.phases["load"].change == 0
    assert found.total >= 0
