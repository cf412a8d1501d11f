from __future__ import annotations

import numpy as np

from diagnostics.analysis.modes import bimodal


def test_one_mode_is_hardly_ever_two() -> None:
    draw = np.random.default_rng(1)
    for launches in (8, 12, 20, 60):
        assert bimodal(draw.normal(0, 0.3, (3000, launches))).mean() <= 0.004


def test_a_cache_that_hits_half_of_the_time_is_seen() -> None:
    draw = np.random.default_rng(2)
    hit = np.arange(20) % 2 == 0
    logs = draw.normal(0, 0.05, (500, 20)) + np.where(hit, 0.0, 0.7)
    assert bimodal(logs).mean() >= 0.95


def test_odd_launches_few_launches_and_near_modes_are_no_two_modes() -> None:
    draw = np.random.default_rng(3)
    one_odd = draw.normal(0, 0.05, (500, 20))
    one_odd[:, 3] += 2
    assert bimodal(one_odd).mean() <= 0.01
    few = np.full((1, 20), np.nan)
    few[0, :6] = [0, 0, 0, 5, 5, 5]
    assert not bimodal(few).any()
    assert not bimodal(np.tile([0.0, 0.05], (1, 10))).any()
    assert bimodal(np.tile([0.0, 0.5], (1, 10))).all()
