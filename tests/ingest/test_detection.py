"""Judging against the launches before, and the regressions that open."""

from __future__ import annotations

import random
import threading
import uuid
from typing import Any

import pytest
from django.db import connection

from diagnostics import detection
from diagnostics.ingest import Upload, accept, parse
from diagnostics.models import Launch, LaunchFlag, Regression
from tests.data.snapshots import MS, Document, encoded, phase, sequence, snapshot

pytestmark = pytest.mark.django_db
USUAL = (400, 1000, 250)
SLOW = (400, 1600, 250)


def parsed(document: Document) -> uuid.UUID:
    launch_id = parse(accept(Upload(encoded(document))).artifact)
    assert launch_id is not None
    return launch_id


def judged(document: Document) -> Launch:
    launch_id = parsed(document)
    detection.judge(launch_id)
    return Launch.objects.get(pk=launch_id)


def steps(number: int, durations: tuple[int, ...] = USUAL, **more: Any) -> Document:
    """Launch ``number``: the durations with 1 % of chance, the same in every run."""
    chance = random.Random(number)
    return sequence(*(round(d * chance.uniform(0.99, 1.01)) for d in durations), number=number, **more)


def history(count: int, **more: Any) -> list[Launch]:
    return [judged(steps(number, **more)) for number in range(count)]


def flags(launch: Launch) -> dict[str | None, str]:
    return {flag.phase: flag.verdict for flag in launch.flags.select_related("series")}


def test_the_first_launches_have_nothing_to_be_judged_by() -> None:
    launches = history(6)
    assert [launch.verdict for launch in launches] == ["not enough data"] * 5 + ["unchanged"]
    assert {launch.state for launch in launches} == {"judged"}
    assert launches[1].headline == "Not enough data: 1 earlier launch, 5 needed"
    assert launches[2].headline == "Not enough data: 2 earlier launches, 5 needed"
    assert not LaunchFlag.objects.exists()


def test_launches_of_one_version_are_not_flagged() -> None:
    launches = history(40)
    assert [launch.verdict for launch in launches[5:]] == ["unchanged"] * 35
    assert not LaunchFlag.objects.exists()
    assert not Regression.objects.exists()


def test_a_slower_phase_is_flagged_on_its_launch() -> None:
    history(10)
    slow = judged(steps(10, SLOW))

    assert slow.verdict == "regressed"
    assert flags(slow) == {None: "regressed", "step-1": "regressed"}
    flag = slow.flags.get(series__path="step-1")
    assert flag.actual_ns == pytest.approx(1600 * MS, rel=0.02)
    assert flag.expected_ns == pytest.approx(1000 * MS, rel=0.02)
    assert flag.low_ns < flag.expected_ns < flag.high_ns < flag.actual_ns
    assert flag.runs == 10
    assert "step-1 took 1.6" in slow.headline
    assert not Regression.objects.exists()


def test_a_faster_phase_is_flagged_as_improved() -> None:
    history(10)
    fast = judged(steps(10, (400, 600, 250)))
    assert fast.verdict == "improved"
    assert flags(fast) == {None: "improved", "step-1": "improved"}


@pytest.mark.parametrize(("ratio", "ns"), [(0.9, 0), (0.02, 10_000 * MS)])
def test_a_change_below_either_floor_is_not_flagged(settings: Any, ratio: float, ns: int) -> None:
    settings.FLOOR_RATIO, settings.FLOOR_NS = ratio, ns
    history(10)
    assert flags(judged(steps(10, SLOW))) == {}


def test_other_services_and_environments_are_no_baseline() -> None:
    history(10)
    assert judged(steps(11, SLOW, environment="prod")).verdict == "not enough data"
    assert judged(steps(12, SLOW, service="other")).verdict == "not enough data"


def test_only_launches_before_it_are_its_baseline() -> None:
    for number in range(10, 20):
        judged(steps(number))
    early = judged(steps(0, SLOW))
    assert early.verdict == "not enough data"


def test_failed_launches_are_no_baseline() -> None:
    for number in range(6):
        judged(snapshot(phase("step-0", number * 60_000, 10, status="failed"), service="open-autoglm"))
    assert judged(steps(10)).verdict == "not enough data"


def failing(number: int, *durations: int) -> Document:
    document = steps(number, durations)
    document["phases"][-1]["status"] = "failed"
    return document


def test_a_failed_launch_is_not_praised_for_being_short() -> None:
    history(10)
    short = judged(failing(10, 400, 100))
    assert (short.status, flags(short)) == ("failed", {})
    assert short.headline.startswith("Failed after")


def test_a_failed_launch_still_tells_of_a_slow_phase() -> None:
    history(10)
    assert flags(judged(failing(10, 800, 100))) == {"step-0": "regressed"}


def test_a_regression_opens_when_three_of_the_newest_five_are_slow() -> None:
    history(15)
    opened = []
    for number, durations in enumerate([SLOW, USUAL, SLOW, USUAL, SLOW], start=15):
        judged(steps(number, durations))
        opened.append(Regression.objects.count())

    assert opened == [0, 0, 0, 0, 2]
    regression = Regression.objects.get(series__path="step-1")
    assert Regression.objects.filter(series=None).count() == 1
    assert regression.state == "open"
    assert regression.baseline_ns == pytest.approx(1000 * MS, rel=0.02)
    assert regression.ratio == pytest.approx(1.6, rel=0.02)
    assert regression.low < regression.ratio < regression.high
    assert regression.first_launch.pk == uuid.UUID(steps(15, SLOW)["launch_id"])
    assert "3 of the newest 5" in regression.rule


def test_three_slow_launches_far_apart_open_nothing() -> None:
    history(15)
    for number in range(15, 30):
        judged(steps(number, SLOW if number % 5 == 0 else USUAL))
    assert not Regression.objects.exists()


def test_a_regression_opens_once() -> None:
    history(15)
    for number in range(15, 21):
        judged(steps(number, SLOW))
    assert sorted(r.phase or "" for r in Regression.objects.all()) == ["", "step-1"]


def test_an_old_launch_that_arrives_late_opens_nothing() -> None:
    history(15)
    for number in range(20, 23):
        judged(steps(number, SLOW))
    Regression.objects.update(state="dismissed")
    for number in range(23, 26):
        judged(steps(number))
    judged(steps(19, SLOW))
    assert set(Regression.objects.values_list("state", flat=True)) == {"dismissed"}


def stored() -> list[Any]:
    fields = ("launch", "series", "verdict", "actual_ns", "expected_ns", "low_ns", "high_ns", "runs")
    return [
        *LaunchFlag.objects.order_by("launch", "series").values_list(*fields),
        *Launch.objects.order_by("pk").values_list("pk", "state", "verdict", "headline"),
        *Regression.objects.order_by("pk").values_list(),
    ]


def test_judging_again_changes_nothing() -> None:
    history(15)
    slow = [judged(steps(number, SLOW)) for number in range(15, 18)]
    before = stored()

    for launch in slow:
        detection.judge(launch.pk)

    assert stored() == before
    assert Regression.objects.count() == 2


def test_a_launch_that_is_gone_or_waits_is_left_alone() -> None:
    detection.judge(uuid.uuid4())
    waiting = accept(Upload(encoded(steps(0)))).launch
    assert waiting is not None
    detection.judge(waiting)
    assert Launch.objects.get(pk=waiting).state == "received"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_launches_judged_at_once_open_a_regression_exactly_once(attempt: int) -> None:
    history(10)
    slow = [parsed(steps(number, SLOW)) for number in range(10, 13)]
    together = threading.Barrier(len(slow))
    errors: list[Exception] = []

    def work(launch_id: uuid.UUID) -> None:
        together.wait()
        try:
            detection.judge(launch_id)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[launch_id]) for launch_id in slow]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert sorted(r.phase or "" for r in Regression.objects.all()) == ["", "step-1"]
