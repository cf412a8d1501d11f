from __future__ import annotations

import json

import numpy as np
import pytest

from diagnostics.analysis.change_points import Alarm, Watch, Watches, replay
from tests.analysis.change_points.series import Runs, made, times


def told(runs: Runs) -> list[tuple[int, int]]:
    return [(alarm.at, alarm.change_point) for alarm in replay(runs)]


@pytest.mark.parametrize("ratio", [1.2, 1.5, 1 / 1.5])
@pytest.mark.parametrize("at", [18, 50])
def test_a_large_step_is_told_within_a_few_runs(ratio: float, at: int) -> None:
    [alarm] = replay(times(made(70), ratio, at))
    assert 2 <= alarm.at - at <= 6
    assert abs(alarm.change_point - at) <= 1
    assert alarm.p < 1e-3
    assert alarm.ratio == pytest.approx(ratio, rel=0.1)


def test_a_step_far_beyond_the_noise_begins_with_its_first_run() -> None:
    """Before values were looked at without cutting them off, one in twenty began with the run before it."""
    found = []
    for seed in range(120):
        totals = 13 + np.random.default_rng(seed).normal(0, 0.06, 31)
        totals[25:] *= 1.46
        found.append(told([[total] for total in totals.tolist()]))
    assert sum([place for _, place in one] == [25] for one in found) >= 118


def test_every_step_is_told_once_the_centre_reset() -> None:
    stairs = times(times(times(made(160, seed=2), 1.3, 40), 1.3, 70), 1 / 1.69, 120)
    assert [at for _, at in told(stairs)] == pytest.approx([40, 70, 120], abs=1)


def test_unchanged_series_are_left_alone_however_often_one_looks() -> None:
    alarmed = [bool(told(made(100, seed=seed, launches=launches))) for seed in range(60) for launches in (1, 10)]
    assert sum(alarmed) <= 6


@pytest.mark.parametrize(
    "runs",
    [
        [[5.0] * 10] * 100,
        [[0.0]] * 60,
        [[1.0], [2.0]] * 50,
        [[]] * 50,
        times([[10.0]] * 100, 3, 50, 52),
        times(made(100), 8, 50, 51),
        [[value * 1.01**i for value in run] for i, run in enumerate(made(100))],
        [[value * 1.002**i for value in run] for i, run in enumerate(made(100))],
    ],
    ids=["constant", "zeros", "alternating", "empty", "two odd ones", "a spike", "a drift", "a slow drift"],
)
def test_what_is_no_step_raises_no_alarm(runs: Runs) -> None:
    assert told(runs) == []


def test_two_runs_alone_are_suspected_and_three_confirm_it() -> None:
    watch = Watch()
    *_, first, second, third = [watch.advance(run) for run in times(made(63, seed=1), 1.6, 60)]
    assert first is None
    assert second is not None
    assert not second.confirmed
    assert third is not None
    assert third.confirmed
    assert (third.at, third.change_point) == (62, 60)


def test_a_watch_goes_on_from_its_stored_state() -> None:
    runs = times(made(90), 1.3, 60)
    alarms: list[Alarm | None] = []
    state = None
    for run in runs:
        watch = Watch(state=state)
        alarms.append(watch.advance(run))
        state = json.loads(json.dumps(watch.state()))
    confirmed = [alarm for alarm in alarms if alarm and alarm.confirmed]
    assert [(alarm.at, alarm.change_point) for alarm in confirmed] == told(runs)
    assert len(json.dumps(state)) < 8_000


def test_many_series_side_by_side_are_told_as_each_alone() -> None:
    series = [
        times(made(80), 1.4, 50),
        made(80, seed=2),
        [run if i % 2 else [] for i, run in enumerate(times(made(80, seed=3), 1.5, 60))],
        times(made(80, seed=4, launches=1), 2, 30),
    ]
    watches = Watches(len(series))
    raised: list[list[Alarm]] = [[] for _ in series]
    for launch in zip(*series, strict=True):
        for own, alarm in zip(raised, watches.advance(launch), strict=True):
            if alarm and alarm.confirmed:
                own.append(alarm)
    assert raised == [replay(runs) for runs in series]
    assert [bool(alarms) for alarms in raised] == [True, False, True, True]


def test_one_launch_a_run_is_stored_as_one_value() -> None:
    watches = Watches(1)
    for value in np.linspace(1, 2, 30):
        watches.advance([[float(value)]])
    state = watches.state(0)
    assert {len(quantiles) for quantiles in state["quantiles"]} == {1}
    assert Watches.restored([state]).state(0) == state


def test_history_beyond_the_window_is_forgotten() -> None:
    watch = Watch()
    for run in made(130):
        watch.advance(run)
    state = watch.state()
    assert state["seen"] == 130
    assert state["places"] == list(range(30, 130))


def test_a_mood_just_before_a_step_is_not_named_in_its_stead() -> None:
    """Six runs a little slow by chance make the first runs of a step enough for an alarm, at the wrong place."""
    right = []
    for seed in range(60):
        levels = np.random.default_rng(seed).normal(0, 0.05, 70)
        levels[44:50] += 0.05
        levels[50:] += 0.17
        places = [place for _, place in told([[value] for value in np.exp(levels).tolist()])]
        right.append(any(abs(place - 50) <= 5 for place in places))
    assert sum(right) >= 53  # without waiting it was 49


def test_a_slow_drift_is_not_suspected_to_be_a_step() -> None:
    draw = np.random.default_rng(3)
    grows = draw.normal(0, 0.05, (40, 100)) + np.arange(100) / 100
    steps = draw.normal(0, 0.05, (40, 100)) + 0.15 * (np.arange(100) >= 98)
    drifts, fresh = (sum(_suspected(row) for row in np.exp(rows)) for rows in (grows, steps))
    assert drifts <= 2
    assert fresh >= 20


def _suspected(values: np.ndarray) -> bool:
    """Whether there is a suspicion after the last of the values."""
    watch = Watch()
    alarm = [watch.advance([value]) for value in values.tolist()][-1]
    return alarm is not None and not alarm.confirmed
