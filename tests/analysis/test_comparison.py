from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given

from diagnostics.analysis.comparison import compare
from diagnostics.analysis.integer_median import median
from diagnostics.records import Comparison, Delta, Floors, Sample, Verdict
from tests.analysis.samples import group, groups, sample

MS = 1_000_000
FLOORS = Floors()
STEADY = [(1000 + i) * MS for i in (3, 1, 4, 15, 9, 2, 6, 5, 35, 8)]


def only(found: Comparison) -> Delta:
    [delta] = found.phases
    return delta


@given(groups(), groups())
def test_contributions_sum_to_the_change_of_the_total(baseline: list[Sample], candidate: list[Sample]) -> None:
    found = compare(baseline, candidate, FLOORS)
    assert sum(delta.contribution for delta in found.phases) + found.unaccounted.contribution == found.total.delta
    assert found.total.contribution == found.total.delta
    assert found == compare(baseline, candidate, FLOORS)
    sizes = [(abs(delta.contribution), abs(delta.delta)) for delta in found.phases]
    assert sizes == sorted(sizes, reverse=True)
    for delta in (found.total, found.unaccounted, *found.phases):
        assert delta.delta == (delta.candidate or 0) - (delta.baseline or 0)
        if delta.ratio is not None and delta.low is not None and delta.high is not None:
            assert delta.low <= delta.ratio <= delta.high


def test_one_launch_a_side_has_no_statistics() -> None:
    found = compare(group("a", [100 * MS]), group("a", [150 * MS]), FLOORS)
    for delta in (found.total, only(found)):
        assert (delta.baseline, delta.candidate, delta.delta, delta.ratio) == (100 * MS, 150 * MS, 50 * MS, 1.5)
        assert (delta.low, delta.high, delta.q, delta.least_effect) == (None, None, None, None)
        assert (delta.verdict, delta.note) == (Verdict.NOT_ENOUGH_DATA, "One launch on each side: no statistics.")
    assert only(compare(group("a", STEADY), group("a", [5]), FLOORS)).note == "One launch on one side: no statistics."


@pytest.mark.parametrize(
    ("candidate", "verdict"),
    [
        ([value * 3 // 2 for value in STEADY], Verdict.REGRESSED),
        ([value * 2 // 3 for value in STEADY], Verdict.IMPROVED),
        ([value + MS for value in STEADY], Verdict.UNCHANGED),
        (STEADY[:3], Verdict.UNCHANGED),
        ([value * 3 for value in STEADY[:2]], Verdict.REGRESSED),
    ],
)
def test_verdicts(candidate: list[int], verdict: Verdict) -> None:
    assert only(compare(group("a", STEADY), group("a", candidate), FLOORS)).verdict == verdict


def test_too_noisy_to_tell() -> None:
    wild = [value * MS for value in (100, 900, 3000)]
    delta = only(compare(group("a", wild), group("a", [value * 2 for value in wild]), FLOORS))
    assert delta.verdict == Verdict.NOT_ENOUGH_DATA
    assert delta.note == "Varies so much that even a doubling would not have been seen in so few launches."
    assert delta.least_effect is not None
    assert delta.least_effect > 1


def test_both_floors_must_be_exceeded() -> None:
    slower = [value + 15 * MS for value in range(1000 * MS, 1010 * MS, MS)]
    steady = list(range(1000 * MS, 1010 * MS, MS))
    below = only(compare(group("a", steady), group("a", slower), FLOORS))
    assert (below.verdict, below.note) == (Verdict.UNCHANGED, "Differs, but by less than is worth a flag.")
    assert below.q is not None
    assert below.q < 0.01
    assert only(compare(group("a", steady), group("a", slower), Floors(ratio=0.01))).verdict == Verdict.REGRESSED
    long = Floors(ratio=0.01, duration=20 * MS)
    assert only(compare(group("a", steady), group("a", slower), long)).verdict == Verdict.UNCHANGED


def test_short_phases_do_not_make_it_harder_for_long_ones() -> None:
    crowd = {f"short {i}": [round(MS * random.lognormvariate(0, 0.05)) for _ in range(8)] for i in range(600)}
    values = [1000 * MS, 1200 * MS, 900 * MS, 1050 * MS, 1300 * MS, 1500 * MS, 1250 * MS, 1350 * MS]
    launches = [sample({**{p: v[i] for p, v in crowd.items()}, "a": values[i]}) for i in range(8)]

    def q_of_a(floors: Floors) -> float:
        found = compare(launches[:4], launches[4:], floors)
        return next(delta.q for delta in found.phases if delta.phase == "a") or 0.0

    assert q_of_a(FLOORS) < 0.05 < q_of_a(Floors(duration=0))


def test_the_least_effect_tells_what_could_have_been_seen() -> None:
    steady = only(compare(group("a", STEADY), group("a", STEADY[::-1]), FLOORS))
    noisy_values = [value * (1 + i % 5) for i, value in enumerate(STEADY)]
    noisy = only(compare(group("a", noisy_values), group("a", noisy_values), FLOORS))
    assert steady.least_effect == pytest.approx(0.02)
    assert noisy.least_effect is not None
    assert noisy.least_effect > 0.5
    brief = only(compare(group("a", [MS] * 10), group("a", [MS] * 10), FLOORS))
    assert brief.least_effect == pytest.approx(10)


def test_phases_that_came_and_went_are_rows() -> None:
    baseline = [sample({"old": value, "kept": 5 * MS}) for value in STEADY]
    candidate = [sample({"new": value * 2, "kept": 5 * MS}) for value in STEADY]
    rows = {delta.phase: delta for delta in compare(baseline, candidate, FLOORS).phases}
    new, old = rows["new"], rows["old"]
    assert (new.baseline, new.ratio, new.low, new.least_effect) == (None, None, None, None)
    assert (new.candidate, new.delta, new.contribution) == (median(STEADY) * 2, new.candidate, new.candidate)
    assert (old.candidate, old.delta) == (None, -median(STEADY))
    assert (new.verdict, old.verdict) == (Verdict.REGRESSED, Verdict.IMPROVED)
    assert new.note == "New: in 10 of 10 candidate launches and in no baseline launch."
    assert old.note == "Gone: in 10 of 10 baseline launches and in no candidate launch."


def test_a_phase_of_some_launches_says_so() -> None:
    baseline = [sample({"a": value}) for value in STEADY[:4]] + [sample({"b": MS})] * 6
    rows = {delta.phase: delta for delta in compare(baseline, group("a", STEADY), FLOORS).phases}
    assert rows["a"].note == "In 4 of 10 baseline launches and in 10 of 10 candidate launches."
    assert rows["a"].baseline == median(STEADY[:4])


def test_growth_off_the_critical_path_adds_nothing_and_says_so() -> None:
    baseline = [sample({"long": 9 * v, "aside": v}, {"long": 9 * v}) for v in STEADY]
    candidate = [sample({"long": 9 * v, "aside": 4 * v}, {"long": 9 * v}) for v in STEADY]
    aside = next(delta for delta in compare(baseline, candidate, FLOORS).phases if delta.phase == "aside")
    assert (aside.contribution, aside.verdict) == (0, Verdict.REGRESSED)
    assert aside.note == "Grew off the critical path: the launch did not wait for it."


def test_a_covered_wrapper_leaves_its_growth_to_its_children() -> None:
    baseline = [sample({"w": v, "w/in": v}, {"w/in": v}) for v in STEADY]
    candidate = [sample({"w": 2 * v, "w/in": 2 * v}, {"w/in": 2 * v}) for v in STEADY]
    inner, wrapper = compare(baseline, candidate, FLOORS).phases
    assert (inner.phase, wrapper.phase, wrapper.contribution) == ("w/in", "w", 0)
    assert wrapper.note == "Phases inside it carry its part of the critical path."
    assert inner.note == ""


def test_waiting_takes_the_rest() -> None:
    baseline = [sample({"a": 100 * MS}, waiting=5 * MS)]
    candidate = [sample({"a": 100 * MS}, waiting=25 * MS)]
    found = compare(baseline, candidate, FLOORS)
    assert (found.unaccounted.delta, found.unaccounted.contribution) == (20 * MS, 20 * MS)
    mixed = [sample({"a": 1, "b": 9}), sample({"a": 9, "b": 1}), sample({"a": 1, "b": 1})]
    uneven = compare([sample({"a": 1, "b": 1})], mixed, FLOORS)
    assert (uneven.total.delta, uneven.unaccounted.delta, uneven.unaccounted.contribution) == (8, 0, 8)
    assert "medians do not add up" in uneven.unaccounted.note


def test_an_empty_side_is_refused() -> None:
    with pytest.raises(ValueError, match="no launch"):
        compare([], group("a", [1]), FLOORS)


@pytest.mark.parametrize(
    ("values", "expected"), [([3], 3), ([1, 4], 2), ([9, 1, 5], 5), ([2**62 + 1, 2**62 + 1], 2**62 + 1)]
)
def test_median(values: list[int], expected: int) -> None:
    assert median(values) == expected


def many(draw: random.Random, launches: int, *, mood: float = 1.0, slower: float = 1.0) -> list[Sample]:
    """Launches of 40 phases; ``slower`` is for the first of them."""
    return [
        sample(
            {f"p{n}": round(100 * MS * mood * (1 if n else slower) * draw.lognormvariate(0, 0.03)) for n in range(40)}
        )
        for _ in range(launches)
    ]


def test_everything_slower_is_told_once() -> None:
    draw = random.Random(5)
    found = compare(many(draw, 6), many(draw, 6, mood=1.2, slower=1.5), FLOORS)
    assert found.factor is not None
    assert found.factor.verdict == Verdict.REGRESSED
    assert found.factor.low < 1.2 < found.factor.high
    assert found.total.verdict == Verdict.REGRESSED
    assert [delta.phase for delta in found.phases if delta.verdict == Verdict.REGRESSED] == ["p0"]
    moved = [delta.note for delta in found.phases if delta.phase != "p0"]
    assert all(note.startswith("Moved with the whole launch (+") for note in moved)
    same = compare(many(draw, 6), many(draw, 6), FLOORS)
    assert same.factor is not None
    assert same.factor.verdict == Verdict.UNCHANGED


def test_who_only_kept_still_is_not_flagged() -> None:
    draw = random.Random(6)
    found = compare(many(draw, 6), many(draw, 6, mood=1.5, slower=1 / 1.5), FLOORS)
    assert {delta.verdict for delta in found.phases} == {Verdict.UNCHANGED}


def test_launches_that_timed_out_make_a_side_slower_and_early_failures_do_not_make_it_faster() -> None:
    good = group("a", STEADY)
    timed_out = [replace(one, censored=True) for one in group("a", [60_000 * MS] * 8)]
    late = compare(good, [*good[:2], *timed_out], FLOORS).total
    assert late.verdict == Verdict.REGRESSED
    assert late.note == "8 of 10 candidate launches never got ready: they count as longer than seen."
    crashed = [replace(one, censored=True) for one in group("a", [3 * MS] * 4)]
    early = compare(good, [*good, *crashed], FLOORS).total
    assert early.verdict != Verdict.IMPROVED
    assert early.candidate == early.baseline


def test_cold_starts_are_not_held_against_warm_ones() -> None:
    cold = [replace(one, start_class="cold") for one in group("a", [3 * value for value in STEADY])]
    warm = [replace(one, start_class="warm") for one in group("a", STEADY)]
    apart = compare(warm, cold, FLOORS)
    assert (apart.total.verdict, only(apart).verdict) == (Verdict.NOT_ENOUGH_DATA, Verdict.NOT_ENOUGH_DATA)
    assert "cannot be compared" in apart.notes[0]
    mixed = compare([*warm[:7], *cold[:3]], [*warm[:3], *cold[:7]], FLOORS)
    assert mixed.total.verdict == Verdict.UNCHANGED


def test_two_usual_lengths_are_told() -> None:
    cached = [value if place % 2 else 3 * value for place, value in enumerate(STEADY * 2)]
    delta = only(compare(group("a", cached), group("a", cached), FLOORS))
    assert "Has two usual lengths" in delta.note
    assert "two usual" not in only(compare(group("a", STEADY), group("a", STEADY), FLOORS)).note


def test_runs_of_history_count() -> None:
    """One day a side, ten launches each; days of one version differ by as much."""
    before, after = group("a", STEADY), group("a", [value * 11 // 10 for value in STEADY])
    assert only(compare(before, after, FLOORS)).verdict == Verdict.REGRESSED
    days = [
        replace(one, run=str(day))
        for day, level in enumerate((90, 100, 112, 95, 105))
        for one in group("a", [value * level // 100 for value in STEADY])
    ]
    with_history = compare(before, after, FLOORS, [days])
    assert only(with_history).verdict != Verdict.REGRESSED
    assert with_history.notes == []


def of_class(name: str, values: list[int]) -> list[Sample]:
    return [replace(one, start_class=name) for one in group("a", values)]


def test_a_mixture_of_start_classes_is_no_change() -> None:
    cold, warm = [9 * value for value in STEADY], STEADY
    before = of_class("cold", cold[:8]) + of_class("warm", warm[:4])
    for factor, verdict in ((1.0, Verdict.UNCHANGED), (1.3, Verdict.REGRESSED)):
        after = of_class("cold", [round(factor * one) for one in cold[6:]])
        after += of_class("warm", [round(factor * one) for one in warm])
        found = compare(before, after, FLOORS)
        assert (found.total.verdict, only(found).verdict) == (verdict, verdict)
        assert found.total.ratio == pytest.approx(factor, rel=0.03)
        assert sum(one.contribution for one in (*found.phases, found.unaccounted)) == found.total.delta


def test_a_phase_that_failed_launches_never_ended_has_not_vanished() -> None:
    failed = [replace(one, censored=True, durations={}) for one in group("a", [60_000 * MS] * 6)]
    found = compare(group("a", STEADY), failed, FLOORS)
    assert found.total.verdict == Verdict.REGRESSED
    assert only(found).verdict == Verdict.NOT_ENOUGH_DATA
    assert "never got through it" in only(found).note
    both = compare(failed, failed, FLOORS)
    assert sum(one.contribution for one in (*both.phases, both.unaccounted)) == both.total.delta
