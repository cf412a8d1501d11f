from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from diagnostics.charts.readings import Step, runs, stepped, thinned
from diagnostics.records import NS_PER_SECOND as S
from diagnostics.records import Interval, SampleSeries

WHOLE = Interval(0, 1000 * S)


def series(*seconds: float, values: list[float] | None = None) -> SampleSeries:
    times = [round(second * S) for second in seconds]
    return SampleSeries("cpu.user", "all", times, values or [float(n) for n in range(len(times))])


def spans(steps: list[Step]) -> list[tuple[float, float]]:
    return [(step.start / S, step.end / S) for step in steps]


def test_a_reading_stands_for_the_interval_that_it_ends() -> None:
    found = stepped([[series(10, 20, 30)]], WHOLE)
    assert spans(list(found.steps)) == [(0, 10), (10, 20), (20, 30)]
    assert found.interval == 10 * S


def test_where_no_reading_was_taken_there_is_a_gap() -> None:
    found = stepped([[series(10, 20, 30, 90, 100)]], WHOLE).steps
    assert spans(list(found))[2:4] == [(20, 30), (80, 90)]
    assert [len(run) for run in runs(found)] == [3, 2]


def test_a_reading_somewhat_late_leaves_no_gap() -> None:
    assert [len(run) for run in runs(stepped([[series(1, 2, 3.6, 4.6)]], WHOLE).steps)] == [4]


def test_a_window_shorter_than_the_interval_has_the_reading_that_covers_it() -> None:
    found = stepped([[series(600, 1200, 1800)]], Interval(700 * S, 720 * S))
    assert spans(list(found.steps)) == [(600, 1200)]


def test_a_lone_reading_stands_for_what_the_file_says() -> None:
    assert spans(list(stepped([[series(600)]], WHOLE, 60 * S).steps)) == [(540, 600)]


def test_columns_are_summed_and_missing_values_stay_missing() -> None:
    user, nice, idle = series(1, 2, values=[10, 20]), series(1, 2, values=[1, 2]), series(2, values=[70])
    found = stepped([[user, nice], [idle]], WHOLE)
    assert [step.values for step in found.steps] == [(11, None), (22, 70)]


def test_nothing_read_is_nothing_drawn() -> None:
    assert stepped([[]], WHOLE).steps == []


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=3000),
    st.sets(st.integers(0, 3000), max_size=5),
    st.integers(20, 400),
)
def test_thinning_keeps_the_extremes_of_every_column_and_the_time_they_cover(
    values: list[tuple[float, float]], missing: set[int], most: int
) -> None:
    steps = [Step(n * S, (n + 1) * S, one) for n, one in enumerate(values) if n not in missing]
    kept = thinned(steps, most)
    assert len(kept) <= most + 8 * (1 + len(missing))
    for column in range(2):
        for extreme in (min, max):
            assert extreme([s.values[column] or 0.0 for s in kept], default=None) == extreme(
                [s.values[column] or 0.0 for s in steps], default=None
            )
    assert sum(step.end - step.start for step in kept) == len(steps) * S
    assert all(before.end <= after.start for before, after in pairwise(kept))
