from __future__ import annotations

from diagnostics.analysis.launch_runs import NS_PER_DAY, Circumstances, runs


def at(day: int, host: str = "", version: str = "1", **labels: str) -> Circumstances:
    return Circumstances(day * NS_PER_DAY + 5, host, version, labels)


def test_a_day_of_a_version_is_a_run() -> None:
    before, after = runs([at(1), at(1), at(2)], [at(2, version="2")])
    assert before[0] == before[1] != before[2]
    assert after[0] not in before


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
