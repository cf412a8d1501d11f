from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given

from diagnostics.analysis.baseline import comes_oftener, judge, opens_regression
from diagnostics.records import Flag, Floors, Sample, Verdict
from tests.analysis.samples import group, groups, sample

MS = 1_000_000
FLOORS = Floors()
CALM = [(100 + i) * MS for i in (0, 2, -1, 1, -2, 0, 3)]


def found(flags: Sequence[Flag]) -> dict[str | None, Verdict]:
    return {flag.phase: flag.verdict for flag in flags}


def drawn(seed: int, launches: int, phases: int, spread: float) -> list[Sample]:
    """Launches of equally noisy phases from 20 ms to 2 s, with a mood of the machine common to each launch."""
    draw = np.random.default_rng(seed)
    usual = np.geomspace(20 * MS, 2000 * MS, phases)
    mood = draw.normal(0, spread, (launches, 1))
    values = (usual * np.exp(mood + draw.normal(0, spread, (launches, phases)))).astype(int)
    return [sample({f"phase {i}": int(value) for i, value in enumerate(row)}) for row in values]


def with_phase(launch: Sample, path: str, factor: float) -> Sample:
    return sample({**launch.durations, path: round(launch.durations[path] * factor)})


@pytest.mark.parametrize(
    ("actual", "verdicts"),
    [
        (103 * MS, {}),
        (150 * MS, {None: Verdict.REGRESSED, "a": Verdict.REGRESSED}),
        (50 * MS, {None: Verdict.IMPROVED, "a": Verdict.IMPROVED}),
    ],
)
def test_beyond_the_interval_either_way(actual: int, verdicts: dict[str | None, Verdict]) -> None:
    assert found(judge(sample({"a": actual}), group("a", CALM), FLOORS)) == verdicts


def test_a_flag_tells_its_grounds() -> None:
    flag = judge(sample({"a": 150 * MS}), group("a", CALM), FLOORS)[1]
    assert (flag.phase, flag.actual, flag.expected, flag.runs, flag.ratio) == ("a", 150 * MS, 100 * MS, 7, 1.5)
    assert 90 * MS < flag.low < 98 * MS
    assert 103 * MS < flag.high < 112 * MS


def test_a_short_history_flags_nothing() -> None:
    slow = sample({"a": 900 * MS})
    assert judge(slow, group("a", CALM[:4]), FLOORS) == []
    assert judge(slow, [], FLOORS, least=0) == []
    assert found(judge(slow, group("a", CALM[:5]), FLOORS))["a"] == Verdict.REGRESSED
    assert judge(slow, group("a", CALM[:5]), FLOORS, least=6) == []


def test_only_launches_that_have_the_phase_count() -> None:
    history = [*group("a", CALM[:4]), *group("b", CALM)]
    assert None not in found(judge(sample({"a": 101 * MS}), history, FLOORS))
    assert "a" not in found(judge(sample({"a": 900 * MS}), history, FLOORS))
    flag = next(flag for flag in judge(sample({"b": 900 * MS}), history, FLOORS) if flag.phase == "b")
    assert flag.runs == 7


@pytest.mark.parametrize(
    ("floors", "flagged"),
    [
        (Floors(), True),
        (Floors(ratio=0.6), False),
        (Floors(duration=60 * MS), False),
        (Floors(ratio=0, duration=0), True),
    ],
)
def test_both_floors_must_be_exceeded(floors: Floors, flagged: bool) -> None:
    assert bool(judge(sample({"a": 150 * MS}), group("a", CALM), floors)) == flagged


@pytest.mark.parametrize(("actual", "flagged"), [(100 * MS, False), (130 * MS, True), (70 * MS, True)])
def test_a_constant_history_has_a_spread_of_its_own(actual: int, flagged: bool) -> None:
    assert ("a" in found(judge(sample({"a": actual}), group("a", [100 * MS] * 8), FLOORS))) == flagged


@pytest.mark.parametrize(("actual", "flagged"), [(5000 * MS, False), (6000 * MS, False), (20_000 * MS, True)])
def test_a_coarse_clock_is_no_news(actual: int, flagged: bool) -> None:
    ticks = [5000 * MS] * 9 + [6000 * MS] * 5
    assert ("a" in found(judge(sample({"a": actual}), group("a", ticks), FLOORS))) == flagged


@pytest.mark.parametrize(("actual", "flagged"), [(0, False), (900, False), (5 * MS, False), (50 * MS, True)])
def test_nothing_took_no_time_before(actual: int, flagged: bool) -> None:
    assert ("a" in found(judge(sample({"a": actual}), group("a", [0, 0, 300, 0, 0, 0]), FLOORS))) == flagged


def test_one_odd_launch_does_not_hide_the_next() -> None:
    history = group("a", [*CALM, *CALM, 2000 * MS])
    assert found(judge(sample({"a": 150 * MS}), history, FLOORS))["a"] == Verdict.REGRESSED


def test_a_launch_without_any_of_the_phases_is_no_trouble() -> None:
    history = [*drawn(8, 10, 40, 0.03), sample({"other": MS})]
    slow = with_phase(history[0], "phase 7", 3)
    assert "phase 7" in found(judge(slow, history[1:], FLOORS))


def test_slower_all_together_is_one_flag() -> None:
    history = drawn(3, 10, 40, 0.03)
    slow = sample({path: 2 * value for path, value in history[0].durations.items()})
    assert found(judge(slow, history[1:], FLOORS)) == {None: Verdict.REGRESSED}


def test_the_common_factor_of_the_launch_is_no_excuse_for_one_phase() -> None:
    history = drawn(4, 12, 40, 0.03)
    slow = with_phase(history[0], "phase 39", 3)
    assert found(judge(slow, history[1:], FLOORS)) == {None: Verdict.REGRESSED, "phase 39": Verdict.REGRESSED}


@pytest.mark.parametrize(("runs", "factor", "share"), [(5, 2, 0.8), (10, 1.5, 0.6), (20, 1.5, 0.85)])
def test_of_600_phases_seldom_one_is_flagged_but_a_slower_one_is(runs: int, factor: float, share: float) -> None:
    launches = drawn(5, 100 + runs, 600, 0.05)
    judged = range(runs, len(launches))
    false = sum(bool(judge(launches[i], launches[i - runs : i], FLOORS)) for i in judged)
    assert false / len(judged) <= 0.10
    slow = {i: f"phase {100 + i}" for i in judged}
    flags = [judge(with_phase(launches[i], path, factor), launches[i - runs : i], FLOORS) for i, path in slow.items()]
    seen = sum(path in found(flag) for path, flag in zip(slow.values(), flags, strict=True))
    assert seen / len(judged) >= share


@pytest.mark.parametrize("runs", [5, 8, 20])
def test_the_total_keeps_its_half_of_the_chance(runs: int) -> None:
    values = np.exp(np.random.default_rng(6).normal(20, 0.1, (2500, runs + 1))).astype(int).tolist()
    flagged = sum(bool(judge(Sample("", row[0], 0, {}, {}), group("a", row[1:]), FLOORS)) for row in values)
    assert 0.015 <= flagged / 2500 <= 0.035


@given(groups(), groups())
def test_flags_keep_their_word_and_the_order_of_history_is_nothing(
    launches: list[Sample], history: list[Sample]
) -> None:
    flags = judge(launches[0], history, FLOORS)
    assert flags == judge(launches[0], history[::-1], FLOORS)
    for flag in flags:
        assert flag.actual == (launches[0].durations[flag.phase] if flag.phase else launches[0].total)
        assert flag.actual < flag.low or flag.actual > flag.high
        assert (flag.verdict == Verdict.REGRESSED) == (flag.actual > flag.expected)
        assert abs(flag.actual - flag.expected) > max(FLOORS.duration, FLOORS.ratio * flag.expected) - 1
        assert flag.runs >= 5


@pytest.mark.parametrize(
    ("newest_first", "opens"),
    [
        ([True, True, True], True),
        ([True, False, True, False, True], True),
        ([True, True], False),
        ([False, False, True, True, False, True], False),
        ([], False),
    ],
)
def test_three_of_the_newest_five_open_a_regression(newest_first: list[bool], opens: bool) -> None:
    assert opens_regression(newest_first) == opens


@pytest.mark.parametrize(
    ("before", "since", "news"),
    [
        ("------", "SSS", False),  # one chance in 84
        ("------", "SSSS", True),
        ("--------", "SSS", True),
        ("-S-S--S---", "SSS", False),
        ("--S----S----", "SSSSSS", True),
        ("--------------------", "S-S-S", True),
        ("---S-S--------S---S-", "S-S-S", False),
        ("", "SSSSS", False),
    ],
)
def test_slow_launches_are_news_where_they_come_oftener_than_before(before: str, since: str, news: bool) -> None:
    took = {"-": 100, "S": 200}
    assert comes_oftener([took[one] for one in before], [took[one] for one in since], 141) is news
