from __future__ import annotations

from diagnostics.analysis.launch_runs import NS_PER_DAY, Circumstances, runs


def at(day: float, host: str = "", version: str = "1", **labels: str) -> Circumstances:
    return Circumstances(round(day * NS_PER_DAY), host, version, labels)


def test_a_day_of_a_version_is_a_run() -> None:
    before, after = runs([at(1), at(1), at(2)], [at(2, version="2")])
    assert before[0] == before[1] != before[2]
    assert after[0] not in before


def test_a_run_ends_with_a_pause_or_after_a_day_but_not_at_midnight() -> None:
    hourly = [at(1.9 + hour / 24) for hour in range(12)]
    assert len(set(runs(hourly, hourly)[0])) == 1
    assert len(set(runs([at(1.3), at(1.4), at(1.7), at(1.8)], hourly)[0])) == 2
    always = [at(1 + hour / 24) for hour in range(72)]
    assert len(set(runs(always[::-1], hourly)[0])) == 3


def test_hosts_are_runs_where_the_sides_have_different_ones() -> None:
    before, after = runs([at(1, "a"), at(1, "a"), at(1, "b")], [at(1, "c"), at(1, "c"), at(1, "c")])
    assert len(set(before)) == 2
    assert len(set(after)) == 1


def test_shared_hosts_and_pods_are_not() -> None:
    shared = runs([at(1, "a"), at(1, "b")], [at(1, "a"), at(1, "b")])
    pods = runs([at(1, f"pod-{n}") for n in range(5)], [at(1, f"pod-{n}") for n in range(5, 10)])
    for before, after in (shared, pods):
        assert len(set(before)) == len(set(after)) == 1


def test_a_label_says_it_itself() -> None:
    before, _ = runs([at(1, deploy="a"), at(2, deploy="a"), at(1, deploy="b")], [at(1)])
    assert before[0] == before[1] != before[2]
