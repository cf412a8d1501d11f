from __future__ import annotations

import numpy as np
import pytest

from diagnostics.analysis.change_points import replay
from diagnostics.analysis.change_points.drift import line_gain
from diagnostics.analysis.change_points.modes import without_modes


def bimodal(count: int, share: float = 0.3, far: float = 1.2, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return draw.normal(5, 0.06, count) + far * (draw.random(count) < share)


def test_of_two_modes_the_higher_is_moved_onto_the_lower() -> None:
    levels = np.stack([bimodal(100), np.random.default_rng(1).normal(5, 0.06, 100)])
    calm, rows = without_modes(levels)
    assert rows.tolist() == [0]
    assert calm[0].std() == pytest.approx(0.06, rel=0.3)
    assert np.median(calm[0]) == pytest.approx(5, abs=0.03)


@pytest.mark.parametrize("count", [1, 4, 6, 20])
def test_few_or_equal_values_have_no_modes(count: int) -> None:
    assert without_modes(np.full((2, count), 5.0))[1].tolist() == []


def test_a_few_spikes_are_no_mode() -> None:
    assert not len(without_modes(bimodal(100, share=0.05)[None])[1])


def test_a_step_much_smaller_than_the_modes_lie_apart_is_told() -> None:
    found = []
    for seed in range(20):
        level = bimodal(80, seed=seed)
        level[40:] += 0.25
        found.append([alarm.change_point for alarm in replay([[value] for value in np.exp(level).tolist()])])
    assert sum(len(one) == 1 and abs(one[0] - 40) <= 5 for one in found) >= 18


def test_values_of_two_modes_that_stay_raise_no_alarm() -> None:
    series = [bimodal(100, share=0.4, seed=seed) for seed in range(40)]
    assert sum(bool(replay([[value] for value in np.exp(one).tolist()])) for one in series) <= 2


def test_a_step_of_values_in_two_modes_is_no_slope() -> None:
    """A median is one of the modes; a line that goes through the means would beat any step."""
    gains = []
    for seed in range(20):
        level = bimodal(100, share=0.4, far=0.3, seed=seed)
        level[44:] += 0.2
        gains.append(line_gain(level, 44))
    assert sum(gain < 0 for gain in gains) >= 15
