from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.analysis.diagnosis.readings import by_instance, cpu_used, of_host, readings
from diagnostics.records import Interval
from tests.analysis.diagnosis.cases import at, case, ns, phase, series


def window(start: float, end: float) -> Interval:
    return Interval(at(start), at(end))


def test_a_reading_speaks_of_the_time_before_it() -> None:
    told = readings(series("cpu.iowait", [10.0, 20.0, 30.0], every=10), window(5, 15))

    # Half of the first interval, half of the second.
    assert told.weights == [ns(5), ns(5)]
    assert (told.mean, told.coverage) == (15.0, 1.0)


def test_the_volume_of_a_rate_is_its_sum_over_the_window() -> None:
    told = readings(series("disk.read_kb", [100.0, 300.0], every=2), window(0, 3))

    assert told.volume == 100 * 2 + 300 * 1


def test_a_gap_is_not_filled_by_the_reading_after_it() -> None:
    seen = series("cpu.iowait", [0.0, 0.0, 0.0, 50.0, 50.0])
    seen.series.times[3:] = [at(60), at(61)]

    told = readings(seen, window(0, 61))

    assert told.covered == ns(5)
    assert told.coverage == pytest.approx(5 / 61)


def test_samples_further_apart_than_the_window_are_left_out() -> None:
    told = case(phase("a", 0, 60), samples=[series("cpu.iowait", [1.0] * 3, every=600)])

    assert of_host(told, "cpu.iowait", window(0, 60)) is None
    assert of_host(told, "cpu.iowait", window(0, 600)) is not None


def test_the_source_that_covers_most_and_then_the_finest_speaks() -> None:
    fine = series("cpu.iowait", [5.0] * 20, artifact="half")
    coarse = series("cpu.iowait", [7.0] * 4, every=10, artifact="all")
    finest = series("cpu.iowait", [9.0] * 80, every=0.5, artifact="best")
    told = case(phase("a", 0, 40), samples=[fine, coarse])
    better = case(phase("a", 0, 40), samples=[fine, coarse, finest])

    chosen, best = (of_host(one, "cpu.iowait", window(0, 40)) for one in (told, better))

    assert chosen is not None
    assert (chosen.artifact, chosen.mean) == ("all", 7.0)
    assert best is not None
    assert best.artifact == "best"


def test_instances_are_told_apart() -> None:
    disks = [series("disk.read_kb", [n] * 5, instance=name) for n, name in ((1.0, "sda"), (2.0, "sdb"))]

    told = by_instance(case(phase("a", 0, 5), samples=disks), "disk.read_kb", window(0, 5))

    assert {name: one.mean for name, one in told.items()} == {"sda": 1.0, "sdb": 2.0}


def test_a_control_group_that_counts_nothing_is_no_witness() -> None:
    group = series("cgroup.cpu_percent", [0.0] * 5, instance="launch")
    own = series("process.cpu_percent", [95.0] * 5, instance="launch")

    told = cpu_used(case(phase("a", 0, 5), samples=[group, own]), window(0, 5))

    assert told is not None
    assert told.mean == 95.0


def test_a_proof_says_how_finely_it_was_measured_and_when_it_was_worst() -> None:
    proof = readings(series("cpu.iowait", [1.0, 9.0, 2.0], artifact="f"), window(0, 3)).proof("waited")

    assert (proof.text, proof.artifact, proof.time) == ("waited (3 readings, 1 s apart)", "f", at(2))


@given(
    st.lists(st.floats(0, 100), min_size=2, max_size=40),
    st.integers(1, 20),
    st.integers(-20, 300),
    st.integers(1, 300),
)
def test_weights_never_exceed_the_window_and_the_mean_stays_within_the_values(
    values: list[float], every: int, start: int, length: int
) -> None:
    told = readings(series("cpu.iowait", values, every=every), window(start, start + length))

    assert 0 <= told.covered <= ns(length)
    if told.values:
        assert min(values) - 1e-9 <= told.mean <= max(values) + 1e-9
