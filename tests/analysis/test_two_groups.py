"""On launches made up so that the truth is known: phases of differing noise, and a mood that all phases share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from diagnostics.analysis.measured_table import Table, table
from diagnostics.analysis.two_groups import LEVEL, Evidence, weigh

Floats = NDArray[np.float64]
PHASES = 200


def values(draw: np.random.Generator, launches: int, *, mood: float = 0.1, phases: int = PHASES) -> Floats:
    noise = 0.08 * np.sqrt(6 / draw.chisquare(6, phases))[:, None] * draw.normal(size=(phases, launches))
    level = 5e7 * np.exp(np.linspace(-2, 2, phases))[:, None]
    return np.asarray(level * np.exp(noise + mood * draw.normal(size=launches)), dtype=np.float64)


def groups(measured: Floats, before: int, *, run: Any = None, stratum: Any = None) -> Table:
    count = measured.shape[1]
    side = (np.arange(count) >= before).astype(int)
    return table(measured, side, side if run is None else run, np.zeros(count, int) if stratum is None else stratum)


def judged(measured: Floats, before: int, **more: Any) -> Evidence:
    return weigh(groups(measured, before, **more), np.ones(len(measured), dtype=bool))


def flags(found: Evidence) -> NDArray[np.bool_]:
    return np.asarray(np.nan_to_num(found.q, nan=1.0) < LEVEL)


def share(trial: Callable[[np.random.Generator], bool], times: int = 60) -> float:
    draw = np.random.default_rng(7)
    return sum(trial(draw) for _ in range(times)) / times


@pytest.mark.parametrize("launches", [3, 5, 10])
def test_nothing_changed_nothing_is_flagged(launches: int) -> None:
    assert share(lambda draw: bool(flags(judged(values(draw, 2 * launches), launches)).any())) <= 0.1


@pytest.mark.parametrize(("launches", "power"), [(3, 0.5), (5, 0.95), (10, 0.99)])
def test_a_tenth_of_the_phases_slower_by_half(launches: int, power: float) -> None:
    draw, hits, false = np.random.default_rng(3), 0, 0
    for _ in range(20):
        measured = values(draw, 2 * launches)
        measured[::10, launches:] *= 1.5
        found = flags(judged(measured, launches))
        hits, false = hits + int(found[::10].sum()), false + int(found.sum()) - int(found[::10].sum())
    assert hits / (20 * PHASES / 10) >= power
    assert false / max(hits + false, 1) <= 0.08


def test_everything_slower_is_one_result() -> None:
    measured = values(np.random.default_rng(4), 20)
    measured[:, 10:] *= 1.4
    measured[7, 10:] *= 1.5
    found = judged(measured, 10)
    assert found.common is not None
    assert found.common.p < 0.001
    assert np.exp(found.common.change) == pytest.approx(1.4, rel=0.1)
    assert np.flatnonzero(flags(found)).tolist() == [7]
    assert np.exp(found.change[7]) == pytest.approx(1.5, rel=0.1)


def test_one_phase_that_is_nearly_all_of_the_launch_keeps_its_change() -> None:
    measured = values(np.random.default_rng(5), 10)
    measured[0] *= 1e4
    measured[0, 5:] *= 1.5
    found = judged(measured, 5)
    assert np.flatnonzero(flags(found)).tolist() == [0]
    assert found.common is not None
    assert abs(found.common.change) < 0.1


def test_few_phases_have_no_common_factor() -> None:
    measured = values(np.random.default_rng(6), 10, mood=0, phases=3)
    measured[:2, 5:] *= 2
    found = judged(measured, 5)
    assert found.common is None
    assert flags(found).tolist() == [True, True, False]


def test_the_interval_covers_the_truth() -> None:
    draw = np.random.default_rng(8)
    covered = []
    for _ in range(30):
        measured = values(draw, 10)
        measured[::10, 5:] *= 1.3
        found = judged(measured, 5)
        covered += (np.abs(found.change[::10] - np.log(1.3)) <= found.reach[::10]).tolist()
    assert 0.93 <= np.mean(covered) <= 0.985


def test_launches_of_few_runs_are_not_so_many_launches() -> None:
    """Every phase has a level of its own in each run: pooled launches flag it, runs do not."""

    def trial(*, by_run: bool) -> Callable[[np.random.Generator], bool]:
        def one(draw: np.random.Generator) -> bool:
            run = np.repeat(np.arange(6), 10)
            measured = values(draw, 60) * np.exp(0.1 * draw.normal(size=(PHASES, 6)))[:, run]
            return bool(flags(judged(measured, 30, run=run if by_run else None)).any())

        return one

    assert share(trial(by_run=False), 20) >= 0.9
    assert share(trial(by_run=True), 20) <= 0.05


def test_history_tells_how_far_runs_lie_apart_where_the_sides_cannot() -> None:
    draw = np.random.default_rng(9)
    run = np.repeat(np.arange(8), 10)
    measured = values(draw, 80) * np.exp(0.1 * draw.normal(size=(PHASES, 8)))[:, run]
    side = np.array([0, 1, 2, 2, 2, 2, 2, 2])[run]
    worth, none = np.ones(PHASES, dtype=bool), np.zeros(80, dtype=int)
    alone = weigh(table(measured[:, :20], side[:20], run[:20], none[:20]), worth)
    with_history = weigh(table(measured, side, run, none), worth)
    assert flags(alone).sum() > 20
    assert not flags(with_history).any()


def test_start_classes_are_compared_with_their_own_kind() -> None:
    """Two thirds of the candidate's launches are cold and take thrice as long; nothing changed."""
    draw = np.random.default_rng(10)
    stratum = np.array([1] * 3 + [0] * 6 + [1] * 6 + [0] * 3)
    measured = values(draw, 18, phases=10) * np.where(stratum == 1, 3.0, 1.0)
    assert not flags(judged(measured, 9, stratum=stratum)).any()
    measured[4, 9:] *= 1.6
    found = judged(measured, 9, stratum=stratum)
    assert np.flatnonzero(flags(found)).tolist() == [4]
    assert np.exp(found.change[4]) == pytest.approx(1.6, rel=0.2)


def test_classes_that_only_one_side_has_are_left_out() -> None:
    measured = values(np.random.default_rng(11), 10, phases=30)
    apart = judged(measured, 5, stratum=np.array([0] * 5 + [1] * 5))
    assert np.isnan(apart.q).all()


def test_what_a_side_hardly_has_is_not_told() -> None:
    measured = values(np.random.default_rng(12), 10)
    measured[0, 1:5] = np.nan
    measured[1, 5:] = np.nan
    measured[2, :2] = np.nan
    found = judged(measured, 5)
    assert np.isnan(found.q[:2]).all()
    assert np.isfinite(found.q[2:]).all()


def test_the_step_is_what_would_have_been_seen() -> None:
    draw = np.random.default_rng(13)
    seen = []
    for _ in range(30):
        measured = values(draw, 10)
        step = judged(measured, 5).step[50]
        measured[50, 5:] *= np.exp(step)
        seen.append(bool(flags(judged(measured, 5))[50]))
    assert 0.25 <= np.mean(seen) <= 0.75
