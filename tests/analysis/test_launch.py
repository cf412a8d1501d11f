from __future__ import annotations

import pytest
from hypothesis import given

from diagnostics.analysis.launch import analyse
from diagnostics.records import Interval, LaunchStatus, Milestone, ParseError, Phase, PhaseStatus
from tests.analysis.launches import launches, phases


def test_the_window_runs_from_the_earliest_start_to_the_first_readiness_known() -> None:
    told = phases(("a", 10, 20), ("b", 20, 30))
    bare = analyse(told, {})
    assert (bare.start_time, bare.ready_time, bare.ready_by, bare.total) == (10, 30, "", 20)
    process = analyse(told, {"process_start": 4, "ready_line": 25, "health_ok": 40, "first_success": 50})
    assert (process.start_time, process.ready_time, process.ready_by) == (4, 40, "health_ok")
    late = analyse(told, {"process_start": 15})
    assert late.start_time == 10


def test_milestones_alone_are_a_launch() -> None:
    found = analyse([], {"process_start": 5, "pod_ready": 9})
    assert (found.total, found.waiting, found.unaccounted) == (4, 4, [Interval(5, 9)])
    assert analyse([], {"tokenizer": 7}).total == 0


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(ParseError) as refused:
        analyse([], {})
    assert refused.value.where == "$.phases"


def test_ready_before_start_is_refused() -> None:
    with pytest.raises(ParseError) as refused:
        analyse(phases(("a", 10, 20)), {"health_ok": 9})
    assert refused.value.where == "$.milestones.health_ok"


def failing(end: int) -> Phase:
    return Phase(0, "a", 0, end, PhaseStatus.FAILED)


@pytest.mark.parametrize(
    ("told", "milestones", "status"),
    [
        (phases(("a", 0, 5)), {}, LaunchStatus.SUCCESS),
        ([failing(5)], {}, LaunchStatus.FAILED),
        ([failing(5)], {"health_ok": 4}, LaunchStatus.FAILED),
        ([failing(5)], {"health_ok": 5}, LaunchStatus.SUCCESS),
        ([failing(5)], {"pod_ready": 3, "first_success": 9}, LaunchStatus.SUCCESS),
        ([failing(5)], {"process_start": 9}, LaunchStatus.FAILED),
    ],
)
def test_status(told: list[Phase], milestones: dict[str, int], status: LaunchStatus) -> None:
    assert analyse(told, milestones).status == status


def test_unaccounted_is_what_no_phase_covers() -> None:
    told = phases(("a", 2, 5), ("b", 4, 8, {"is_root": True}), ("c", 10, 12), ("d", 25, 30))
    found = analyse(told, {"process_start": 0, "health_ok": 20})
    assert found.unaccounted == [Interval(0, 2), Interval(8, 10), Interval(12, 20)]
    assert found.unaccounted_time == 12
    assert found.coverage == pytest.approx(0.4)


def test_self_time_leaves_out_children_once_and_only_inside() -> None:
    told = phases(("w", 0, 10), ("a", 1, 5), ("b", 3, 6, {"parent": "w"}), ("c", 8, 14, {"parent": "w"}), ("a2", 2, 3))
    assert [placed.self_time for placed in analyse(told, {}).phases] == [3, 3, 3, 6, 1]


@given(launches())
def test_covered_and_unaccounted_make_the_total(told: list[Phase]) -> None:
    found = analyse(told, {Milestone.PROCESS_START: 0})
    covered = sum(any(p.start_time <= t < p.end_time for p in told) for t in range(found.start_time, found.ready_time))
    assert covered + found.unaccounted_time == found.total
    for placed, phase in zip(found.phases, told, strict=True):
        children = [other.phase for other in found.phases if other.parent == phase.position]
        own = range(phase.start_time, phase.end_time)
        assert placed.self_time == sum(not any(c.start_time <= t < c.end_time for c in children) for t in own)


@pytest.mark.parametrize("milestone", list(Milestone))
def test_plain_strings_name_milestones(milestone: Milestone) -> None:
    assert analyse([], {str(milestone): 3}).start_time == 3
