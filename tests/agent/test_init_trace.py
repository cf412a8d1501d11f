from __future__ import annotations

import pytest

from diagnostics.agent.failure import NOTHING_FOUND, Failure
from diagnostics.agent.init_trace import Run, from_server, from_snapshot, table
from diagnostics.agent.server import Server
from diagnostics.agent.trend import NOT_ENOUGH, RISING
from tests.agent.launches import judged, series, url_of
from tests.data.snapshots import MS, T0, phase, sequence, snapshot
from tests.durability.instance import Instance


def runs(*totals: int) -> list[Run]:
    return [from_snapshot(sequence(100, total - 100, number=n)) for n, total in enumerate(totals)]


def test_mean_spread_share_and_trend() -> None:
    total, first, second, rest = table(runs(1000, 1100, 1200, 1300, 1400))
    assert (total.phase, total.runs, total.mean, total.share, total.trend) == (None, 5, 1200 * MS, 1.0, RISING)
    assert total.spread == pytest.approx(158.113883 * MS)
    assert (first.phase, first.mean, first.spread) == ("step-0", 100 * MS, 0)
    assert first.share == pytest.approx(100 / 1200)
    assert second.share == pytest.approx(1100 / 1200)
    assert (rest.phase, rest.mean) == ("", 0)


def test_failed_launches_do_not_make_the_mean_better() -> None:
    failed = from_snapshot(snapshot(phase("step-0", 0, 1, status="failed")))
    rows = table([*runs(1000, 1000), failed])
    assert (rows[0].runs, rows[0].mean) == (2, 1000 * MS)


def test_one_launch_has_no_spread_and_no_trend() -> None:
    (total, *_) = table(runs(500))
    assert (total.spread, total.trend) == (None, NOT_ENOUGH)


def test_a_phase_of_some_launches_is_shared_among_those() -> None:
    odd = from_snapshot(snapshot(phase("step-0", 0, 100), phase("download", 100, 300)))
    row = next(row for row in table([*runs(1000), odd]) if row.phase == "download")
    assert (row.runs, row.mean, row.share) == (1, 300 * MS, 0.75)


def test_a_vanished_part_stands_with_its_parent() -> None:
    old = snapshot(phase("boot", 0, 100, id="b"), phase("disk", 10, 20, parent="b"), phase("warm", 100, 10))
    new = snapshot(phase("boot", 0, 100, id="b"), phase("warm", 100, 10), milestones={"process_start": T0})
    assert [row.phase for row in table([from_snapshot(old), from_snapshot(new)])] == [
        None,
        "boot",
        "boot/disk",
        "warm",
        "",
    ]


def test_nothing_but_failures() -> None:
    with pytest.raises(Failure) as failure:
        table([from_snapshot(snapshot(phase("x", status="failed")))])
    assert failure.value.code == NOTHING_FOUND


def test_from_a_real_server_as_from_files(served: Instance) -> None:
    series(served, 1000, 1100, 1200)
    judged(served, sequence(50, number=9, service="other"))
    found = from_server(Server(url_of(served), served.token), "open-autoglm", "", last=2)
    assert [(run.version, run.total) for run in found] == [("1.1", 1100 * MS), ("1.2", 1200 * MS)]
    assert [row.document() for row in table(found)] == [row.document() for row in table(runs(1000, 1100, 1200)[1:])]


def test_a_service_nobody_knows(served: Instance) -> None:
    with pytest.raises(Failure) as failure:
        from_server(Server(url_of(served), served.token), "nobody", "", last=5)
    assert failure.value.code == NOTHING_FOUND
