"""Change points looked for at every judged launch, on the real database."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection

from diagnostics import detection
from diagnostics.analysis.change_points.watched import Watched
from diagnostics.baselines import begin_anew
from diagnostics.ingest import Upload, accept, parse
from diagnostics.models import ChangePoint, Launch, Regression, WatchState
from diagnostics.triage import LAUNCHSCOPE
from tests.data.snapshots import Document, encoded, sequence

pytestmark = pytest.mark.django_db
USUAL = (400, 1000, 250)
SLOW = (400, 1300, 250)
HOUR = 3600 * 10**9


def document(number: int, durations: tuple[int, ...] = USUAL, **more: Any) -> Document:
    chance = random.Random(number)
    return sequence(*(round(d * chance.gauss(1, 0.02)) for d in durations), number=number, **more)


def parsed(one: Document) -> uuid.UUID:
    launch = parse(accept(Upload(encoded(one))).artifact)
    assert launch is not None
    return launch


def judged(numbers: Iterable[int], durations: tuple[int, ...] = USUAL, **more: Any) -> list[Launch]:
    ids = [parsed(document(number, durations, **more)) for number in numbers]
    for one in ids:
        detection.judge(one)
    return [Launch.objects.get(pk=one) for one in ids]


def told() -> list[tuple[str | None, bool]]:
    return sorted(((one.phase, one.confirmed) for one in ChangePoint.objects.filter(worth=True)), key=str)


def test_a_step_is_confirmed_and_opens_one_regression() -> None:
    judged(range(40))
    assert not ChangePoint.objects.exists()
    slow = judged(range(40, 48), SLOW)

    assert told() == [("step-1", True), (None, True)]
    regression = Regression.objects.get(series__path="step-1")
    assert regression.first_launch_id == slow[0].pk
    assert regression.ratio == pytest.approx(1.3, rel=0.03)
    assert regression.low < regression.ratio < regression.high
    assert "its level changed with this launch" in regression.rule
    assert regression.numbers[0][0].startswith("p of a change")
    assert sorted(one.phase or "" for one in Regression.objects.all()) == ["", "step-1"]


def test_two_slow_launches_are_a_suspicion_that_is_not_told() -> None:
    judged(range(40))
    judged(range(40, 42), SLOW)
    assert (None, False) in told()
    assert not ChangePoint.objects.filter(confirmed=True).exists()
    assert not Regression.objects.exists()
    judged(range(42, 50))
    assert told() == []


def test_one_slow_launch_is_no_step() -> None:
    judged(range(40))
    judged([40], (400, 5000, 250))
    judged(range(41, 50))
    assert told() == []
    assert not Regression.objects.exists()


def test_three_of_five_open_nothing_where_the_history_is_long() -> None:
    judged(range(30))
    for number in range(30, 35):
        judged([number], SLOW if number % 2 == 0 else USUAL)
    assert not Regression.objects.exists()


def test_an_improvement_is_recorded_and_no_regression() -> None:
    judged(range(40))
    judged(range(40, 48), (400, 700, 250))
    assert told() == [("step-1", True), (None, True)]
    assert ChangePoint.objects.get(series=None).ratio < 0.9
    assert not Regression.objects.exists()


def test_a_change_resets_the_centre() -> None:
    judged(range(40))
    judged(range(40, 60), SLOW)
    judged(range(60, 70), (400, 1700, 250))
    total = ChangePoint.objects.filter(series=None, confirmed=True).order_by("start_time")
    assert [one.ratio for one in total] == pytest.approx([1.18, 1.2], rel=0.03)


def remembered() -> list[Any]:
    found = []
    for state in WatchState.objects.order_by("like"):
        watched = Watched.restored(state.facts or {}, bytes(state.raw), bytes(state.settled))
        rows = dict(zip(watched.series, watched.raw.tolist(), strict=True))
        found.append((state.like, [[one.launch, one.run] for one in watched.launches], sorted(rows.items())))
    return found


def points() -> list[Any]:
    fields = ("series__path", "first_launch", "before_ns", "after_ns", "confirmed")
    return sorted(ChangePoint.objects.values_list(*fields), key=str)


def test_judging_again_changes_nothing() -> None:
    judged(range(40))
    launches = judged(range(40, 48), SLOW)
    before = remembered(), points(), list(Regression.objects.order_by("pk").values_list())
    for launch in [*launches, Launch.objects.order_by("start_time")[3]]:
        detection.judge(launch.pk)
    assert (remembered(), points(), list(Regression.objects.order_by("pk").values_list())) == before


def test_a_late_launch_finds_its_place() -> None:
    judged(number for number in range(40) if number not in (7, 30))
    judged([30, 7])
    late = remembered()
    WatchState.objects.all().delete()
    detection.judge(Launch.objects.order_by("-start_time")[0].pk)
    assert remembered() == late


def test_a_launch_that_is_read_anew_replaces_what_it_was() -> None:
    judged(range(30))
    last = Launch.objects.order_by("-start_time")[0]
    Launch.objects.filter(pk=last.pk).update(total_ns=5 * 10**9)
    detection.judge(last.pk)
    launches = remembered()[0][1]
    assert len(launches) == 30
    assert len({one[0] for one in launches}) == 30


def test_a_deleted_launch_harms_nothing() -> None:
    judged(range(40))
    slow = judged(range(40, 42), SLOW)
    slow[0].delete()
    judged(range(42, 48), SLOW)
    first = Regression.objects.get(series=None).first_launch
    assert first.start_time >= slow[1].start_time


def test_the_new_normal_begins_anew() -> None:
    judged(range(40))
    slow = judged(range(40, 48), SLOW)
    begin_anew(slow[0], LAUNCHSCOPE)
    judged(range(48, 60), SLOW)
    assert not Regression.objects.live().exists()
    assert len(remembered()[0][1]) == 20


def test_perfherders_rule_can_be_chosen(settings: Any) -> None:
    settings.CHANGE_POINTS = "perfherder"
    judged(range(30))
    slow = judged(range(30, 44), SLOW)
    assert (None, True) in told()
    assert Regression.objects.get(series=None).first_launch_id == slow[0].pk
    assert Regression.objects.filter(series=None).count() == 1


def test_launches_that_failed_are_left_out() -> None:
    judged(range(30))
    one = document(30)
    one["phases"][-1]["status"] = "failed"
    detection.judge(parsed(one))
    assert len(remembered()[0][1]) == 30


def at(number: int, start: int, durations: tuple[int, ...] = USUAL) -> Document:
    """Launch ``number`` moved to ``start`` (ns)."""
    one = document(number, durations)
    shift = start - one["phases"][0]["start_time"]
    for phase in one["phases"]:
        phase["start_time"] += shift
    one.pop("milestones", None)
    return one


def test_the_run_is_the_unit_when_there_are_twenty() -> None:
    mood = random.Random(5)
    number = 0
    for day in range(45):
        if day == 30:
            Regression.objects.all().delete()  # what a history too short to know its moods has told
        factor = mood.gauss(1, 0.05) * (1.2 if day >= 40 else 1)
        for hour in range(3):
            start = 1_760_000_000 * 10**9 + day * 24 * HOUR + hour * 60 * 10**9
            detection.judge(parsed(at(number, start, tuple(round(d * factor) for d in USUAL))))
            number += 1
    facts = WatchState.objects.get().facts or {}
    assert facts["by_run"]
    assert len(facts["runs"]) + len({one[2] for one in facts["launches"]}) == 45
    total = ChangePoint.objects.get(series=None, confirmed=True)
    assert total.start_time == 1_760_000_000 * 10**9 + 40 * 24 * HOUR
    assert "runs" in Regression.objects.get(series=None).rule


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_open_one_regression_for_one_change() -> None:
    judged(range(40))
    slow = [parsed(document(number, SLOW)) for number in range(40, 48)]
    together = threading.Barrier(4)
    errors: list[Exception] = []

    def work(ids: list[uuid.UUID]) -> None:
        together.wait()
        try:
            for one in ids:
                detection.judge(one)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[slow[first::4]]) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(one.phase or "" for one in Regression.objects.all()) == ["", "step-1"]
    assert len(remembered()[0][1]) == 48
