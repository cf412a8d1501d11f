from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from diagnostics.analysis.launch import analyse
from diagnostics.analysis.what_if import Action, Change, ImpossibleChange, WhatIf, what_if
from diagnostics.records import LaunchAnalysis, Phase
from tests.analysis.launches import launches, names, phases
from tests.analysis.test_slack import as_soon_as_possible, plans

ROOT: dict[str, Any] = {"is_root": True}
readies = st.one_of(st.none(), st.integers(0, 40))


def analysed(told: list[Phase], ready: int | None = None) -> LaunchAnalysis:
    return analyse(told, {"process_start": 0} | ({} if ready is None else {"health_ok": ready}))


def cached(phase: int | str) -> Change:
    return Change(phase, Action.CACHED)


def half(phase: int | str) -> Change:
    return Change(phase, Action.HALF)


def parallel(phase: int | str, other: int | str) -> Change:
    return Change(phase, Action.PARALLEL, other=other)


def taking(phase: int | str, duration: int) -> Change:
    return Change(phase, Action.DURATION, duration=duration)


def after(*others: str) -> dict[str, Any]:
    return {"is_root": True, "depends_on": others}


# pull ── load ─┬─ compile ── serve      a launch as it is recorded, tokenizer beside the load
#  tokenizer ───┘
LAUNCH = phases(
    ("pull", 0, 100, ROOT),
    ("load", 102, 162, ROOT),
    ("tokenizer", 102, 132, ROOT),
    ("engine", 162, 222, ROOT),
    ("profile", 165, 185, {"parent": "engine"}),
    ("capture", 187, 217, {"parent": "engine"}),
    ("serve", 222, 230, ROOT),
)


@pytest.mark.parametrize(
    ("changes", "total", "path"),
    [
        pytest.param([], 230, ["pull", "load", "profile", "capture", "engine", "serve"], id="nothing changed"),
        pytest.param([cached("pull")], 130, ["load", "profile", "capture", "engine", "serve"], id="the pause stays"),
        pytest.param([half("pull")], 180, ["pull", "load", "profile", "capture", "engine", "serve"], id="half"),
        pytest.param(
            [cached("load")], 200, ["pull", "tokenizer", "profile", "capture", "engine", "serve"], id="what ran beside"
        ),
        pytest.param([cached("tokenizer")], 230, None, id="off the path"),
        pytest.param([taking("tokenizer", 60)], 230, None, id="longer, within its slack"),
        pytest.param([taking("tokenizer", 61)], 231, None, id="longer than its slack"),
        pytest.param([taking("pull", 107)], 237, None, id="the path has none"),
        pytest.param([cached("engine/capture")], 200, None, id="a parent keeps its own time"),
        pytest.param([cached("engine/capture"), cached("engine/profile")], 180, None, id="10 of its own"),
        pytest.param([cached("engine")], 170, ["pull", "load", "serve"], id="a parent with all its parts"),
        pytest.param([half("engine")], 200, None, id="in proportion"),
        pytest.param([taking("engine", 90)], 260, None, id="longer in proportion"),
        pytest.param([half("engine"), cached("engine/capture")], 200, None, id="the whole stands for its parts"),
        pytest.param([parallel("load", "pull")], 200, None, id="the later moves to the earlier's start"),
        pytest.param([parallel("pull", "load")], 200, None, id="whichever is named first"),
        pytest.param([parallel("load", "pull"), cached("pull")], 128, None, id="with another change"),
    ],
)
def test_by_hand(changes: list[Change], total: int, path: list[str] | None) -> None:
    found = what_if(analysed(LAUNCH), changes)
    assert (found.total_before, found.total_after, found.saved) == (230, total, 230 - total)
    if path is not None:
        ran = [position for position in found.new_critical_path if _length(found, position)]
        assert sorted(names(LAUNCH, ran)) == sorted(path)


def _length(found: WhatIf, position: int) -> int:
    place = found.schedule[position]
    assert place is not None
    return place.duration


def test_a_dependency_into_another_scope_is_waited_for() -> None:
    told = phases(
        ("main", 0, 9, ROOT),
        ("rank", 0, 20, ROOT),
        ("fetch", 1, 4, {"parent": "main"}),
        ("init", 0, 6, {"parent": "rank"}),
        ("load", 6, 20, {"parent": "rank", "depends_on": ("fetch", "init")}),
    )
    launch = analysed(told)
    assert what_if(launch, [cached("rank/init")]).total_after == 18  # fetch is ready at 4
    assert what_if(launch, [cached("rank/init"), cached("main/fetch")]).total_after == 15
    assert what_if(launch, [cached("main/fetch")]).saved == 0


def test_a_rank_that_was_ready_still_waits_for_the_slowest() -> None:
    told = phases(
        ("load", 0, 10, {"is_root": True, "lane": "TP0"}),
        ("load2", 0, 30, {"is_root": True, "lane": "TP1"}),
        ("warm", 30, 40, after("load", "load2")),
    )
    assert what_if(analysed(told), [cached("load2@TP1")]).total_after == 20
    assert what_if(analysed(told), [cached("load@TP0")]).saved == 0


def test_what_is_left_at_ready_is_cut() -> None:
    told = phases(("load", 0, 50, ROOT), ("logs", 10, 90, ROOT))
    launch = analysed(told, 60)
    assert what_if(launch, [cached("load")]).saved == 0  # the logs ran until ready
    assert what_if(launch, [cached("logs")]).total_after == 50 + 0
    outside = analysed([*told, Phase(2, "late", 70, 5, is_root=True)], 60)
    found = what_if(outside, [cached("late")])
    assert found.saved == 0
    assert found.schedule[2] is None
    assert "outside of the launch" in found.note


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (cached("nowhere"), "no phase “nowhere”"),
        (cached(17), "no phase “17”"),
        (cached(-1), "no phase “-1”"),
        (taking("pull", -1), "0 or more"),
        (Change("pull", Action.DURATION), "0 or more"),
        (Change("pull", Action.PARALLEL), "which phase"),
        (parallel("pull", "pull"), "one inside the other"),
        (parallel("engine", "engine/profile"), "one inside the other"),
    ],
)
def test_refused(change: Change, sentence: str) -> None:
    with pytest.raises(ImpossibleChange, match=sentence):
        what_if(analysed(LAUNCH), [change])


def test_what_depends_on_another_cannot_run_beside_it() -> None:
    told = phases(("a", 0, 5, ROOT), ("b", 5, 9, after("a")), ("c", 9, 12, after("b")))
    with pytest.raises(ImpossibleChange, match="“c” depends on “a”"):
        what_if(analysed(told), [parallel("a", "c")])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ([cached("tokenizer")], "“tokenizer” is not on the critical path: it could even take 30 ns longer"),
        ([cached("load")], "“tokenizer” would then be on the critical path"),
        ([taking("load", 70)], "The launch would take 10 ns longer"),
        ([parallel("load", "pull")], "do not slow each other down"),
        ([half("engine"), cached("engine/capture")], "“engine/capture” is part of another changed phase"),
    ],
)
def test_says_what_to_make_of_it(changes: list[Change], sentence: str) -> None:
    assert sentence in what_if(analysed(LAUNCH), changes).note


@given(launches(), readies)
def test_with_nothing_changed_everything_stays_where_it_was(told: list[Phase], ready: int | None) -> None:
    launch = analysed(told, ready)
    found = what_if(launch, [])
    assert found.saved == 0
    for phase, place in zip(told, found.schedule, strict=True):
        if place is not None and phase.end_time <= launch.ready_time and not _around(launch, phase.position):
            assert (place.start, place.end) == (phase.start_time, phase.end_time)


def _around(launch: LaunchAnalysis, position: int) -> bool:
    return launch.phases[position].parent is not None


@given(launches(), readies, st.data())
def test_less_work_never_takes_longer_and_half_never_less_than_none(
    told: list[Phase], ready: int | None, data: st.DataObject
) -> None:
    assume(told)
    launch = analysed(told, ready)
    position = data.draw(st.integers(0, len(told) - 1))
    halved, gone = what_if(launch, [half(position)]), what_if(launch, [cached(position)])
    assert 0 <= halved.saved <= gone.saved <= told[position].duration
    other = data.draw(st.integers(0, len(told) - 1))
    both = what_if(launch, [cached(position), cached(other)])
    assert both.saved >= gone.saved


@given(launches(), readies, st.data())
def test_running_beside_another_never_takes_longer(told: list[Phase], ready: int | None, data: st.DataObject) -> None:
    assume(len(told) > 1)
    launch = analysed(told, ready)
    places = st.integers(0, len(told) - 1)
    try:
        found = what_if(launch, [parallel(data.draw(places), data.draw(places))])
    except ImpossibleChange:
        assume(False)
    assert found.saved >= 0


# Without declarations, which may contradict the times.
@given(launches(edges=False), readies, st.data())
def test_off_the_path_nothing_is_saved_and_slack_is_free(
    told: list[Phase], ready: int | None, data: st.DataObject
) -> None:
    launch = analysed(told, ready)
    free = [placed for placed in launch.phases if placed.slack]
    assume(free)
    placed = data.draw(st.sampled_from(free))
    assert what_if(launch, [cached(placed.phase.position)]).saved == 0
    if all(other.parent != placed.phase.position for other in launch.phases):
        longer = taking(placed.phase.position, placed.phase.duration + placed.slack)
        assert what_if(launch, [longer]).saved == 0


@given(launches(), readies, st.data())
def test_the_new_path_is_as_long_as_the_new_launch(told: list[Phase], ready: int | None, data: st.DataObject) -> None:
    assume(told)
    launch = analysed(told, ready)
    found = what_if(launch, [half(data.draw(st.integers(0, len(told) - 1)))])
    assert found.total_after >= max((_length(found, i) for i in found.new_critical_path), default=0)
    for position, place in enumerate(found.schedule):
        parent = launch.phases[position].parent
        around = None if parent is None else found.schedule[parent]
        if place is not None:
            assert launch.start_time <= place.start <= place.end <= launch.start_time + found.total_after
            assert around is None or around.start <= place.start <= place.end <= around.end


@given(plans(), st.data())
def test_in_a_plan_with_every_edge_declared_it_is_the_plan_made_anew(
    plan: list[tuple[int, tuple[int, ...]]], data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(plan) - 1))
    duration = data.draw(st.integers(0, plan[position][0]))
    planned = [*plan[:position], (duration, plan[position][1]), *plan[position + 1 :]]
    found = what_if(analyse(as_soon_as_possible(plan), {}), [taking(position, duration)])
    assert found.total_after == max(phase.end_time for phase in as_soon_as_possible(planned))
