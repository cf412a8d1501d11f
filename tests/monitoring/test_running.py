"""Checks lie on a fixed grid, are made once whoever runs them, and are not made up for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection

from diagnostics.models import Check, Monitor
from diagnostics.monitoring import Seen, check_now, record, run_due, switch
from diagnostics.monitoring.running import GRACE
from diagnostics.querysets.monitors import Due
from tests.monitoring.conftest import BY, MakeMonitor, at, bad, good


def well(monitor: Monitor) -> Seen:
    return good()


def run(seconds: float, looking: Callable[[Monitor], Seen] = well) -> list[datetime]:
    """The instants that were checked by a beat at that second."""
    return [check.due for check in run_due(at(seconds), looking)]


def test_due_times_lie_on_the_grid_however_late_the_beat_comes(monitor: MakeMonitor) -> None:
    monitor(interval=30)
    beats = [0, 4, 9, 30.7, 34, 62.9, 64, 91]
    assert [run(seconds) for seconds in beats] == [[at(0)], [], [], [at(30)], [], [at(60)], [], [at(90)]]
    assert Monitor.objects.get().next_due == at(120)
    assert [check.at for check in Check.objects.order_by("at")] == [at(0), at(30.7), at(62.9), at(91)]


def test_a_stopped_worker_leaves_no_backlog(monitor: MakeMonitor) -> None:
    monitor(interval=30)
    run(0)
    assert run(3607) == [at(3600)]
    assert run(3612) == []
    assert run(3631) == [at(3630)]
    assert Check.objects.count() == 3


def test_a_check_never_overlaps_itself(monitor: MakeMonitor) -> None:
    one = monitor(interval=5, max_time=20)
    overlapping: list[object] = []

    def slow(asked: Monitor) -> Seen:
        overlapping.append(Monitor.objects.claim(at(12), 10, GRACE))
        overlapping.append(check_now(one, at(13), well))
        return good(14_000)

    assert run(0, slow) == [at(0)]
    assert overlapping == [[], None]
    # when it is done, the newest instant is next, not those that were missed
    assert run(14) == [at(10)]
    assert Monitor.objects.get().next_due == at(15)


def test_a_lost_worker_is_not_waited_for_for_ever(monitor: MakeMonitor) -> None:
    monitor(interval=30, max_time=5)
    [lost] = Monitor.objects.claim(at(0), 10, GRACE)
    assert run(30) == []
    assert run(35) == [at(30)]
    # it comes back after all: what it says is kept as history and changes nothing now
    assert record(lost, at(0), bad()) is not None
    assert Monitor.objects.get().state == "up"
    assert Check.objects.count() == 2


def test_one_instant_has_one_check(monitor: MakeMonitor) -> None:
    one = monitor()
    due = Due(one.pk, at(0), at(35))
    assert record(due, at(0), good()) is not None
    assert record(due, at(1), bad()) is None
    assert Check.objects.get().ok
    assert Monitor.objects.get().failures == 0


def test_no_more_at_once_than_the_batch(monitor: MakeMonitor, settings: object) -> None:
    settings.MONITOR_BATCH = 2  # type: ignore[attr-defined]
    for name in "abc":
        monitor(name)
    assert len(run(0)) == 2
    assert len(run(1)) == 1
    assert len(run(2)) == 0


def test_a_paused_monitor_is_not_checked_nor_made_up_for(monitor: MakeMonitor) -> None:
    one = monitor(interval=30)
    switch(one, False, BY, at(1))
    assert run(40) == []
    switch(one, True, BY, at(100))
    assert run(101) == [at(100)]


def test_out_of_turn_leaves_the_grid_alone(monitor: MakeMonitor) -> None:
    one = monitor(interval=30)
    run(0)
    check = check_now(one, at(17), well)
    assert check is not None
    assert check.due == at(17)
    assert run(30) == [at(30)]


def test_a_deleted_monitor_is_forgotten(monitor: MakeMonitor) -> None:
    one = monitor()
    [due] = Monitor.objects.claim(at(0), 10, GRACE)
    one.delete()
    assert record(due, at(0), good()) is None


def test_a_mistake_of_ours_is_recorded_and_spares_the_others(monitor: MakeMonitor) -> None:
    monitor("broken"), monitor("fine")

    def looking(asked: Monitor) -> Seen:
        if asked.name == "broken":
            raise ZeroDivisionError("x")
        return good()

    run(0, looking)
    assert dict(Check.objects.values_list("monitor__name", "reason")) == {"broken": "internal", "fine": ""}


@pytest.mark.django_db(transaction=True)
def test_two_beats_make_one_check(monitor: MakeMonitor) -> None:
    for n in range(12):
        monitor(f"m{n}", interval=30)
    barrier, made = threading.Barrier(4), list[Check]()

    def beat() -> None:
        try:
            barrier.wait()
            for seconds in (0, 1, 30, 31):
                made.extend(run_due(at(seconds), well))
        finally:
            connection.close()

    workers = [threading.Thread(target=beat) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    instants = list(Check.objects.values_list("monitor_id", "due"))
    assert len(instants) == len(set(instants)) == len(made)
    # Who came while another held a row left it to the next beat: what is left is made now, and once.
    made.extend(run_due(at(32), well))
    assert {due for _, due in Check.objects.values_list("monitor_id", "due")} <= {at(0), at(30)}
    assert Check.objects.filter(due=at(30)).count() == 12
