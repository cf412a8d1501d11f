from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import connection

from diagnostics.ingest import Upload, accept, parse, parsing
from diagnostics.models import Artifact, EventRecord, Host, Launch, PhaseRecord, Series
from diagnostics.records import ParseError
from tests.data.snapshots import MS, T0, Document, encoded, large, phase, snapshot

pytestmark = pytest.mark.django_db


def received(document: Any, **given: str) -> uuid.UUID:
    return accept(Upload(encoded(document), **{"service": "open-autoglm", **given})).artifact


def parsed(document: Any, **given: str) -> Launch:
    launch_id = parse(received(document, **given))
    assert launch_id is not None
    return Launch.objects.get(pk=launch_id)


def rejection(document: Any) -> dict[str, str]:
    artifact_id = received(document)
    assert parse(artifact_id) is None
    artifact = Artifact.objects.get(pk=artifact_id)
    assert artifact.state == "rejected"
    assert not PhaseRecord.objects.exists()
    assert not Series.objects.exists()
    assert Launch.objects.filter(artifacts=artifact).get().state == "received"
    return dict(artifact.error or {})


FULL = snapshot(
    phase("boot", 0, 100, id="p1", parent=None, attributes={"bytes": 14_000_000_000, "名": [None, 1.5]}),
    phase("load", 10, 80, id="p2", parent="p1", lane="TP0", status="failed"),
    phase("warm-up", 150, 50, depends_on=["p1", "p2"]),
    version="2.0",
    environment="prod",
    host={"name": "gpu-07", "boot_id": "b00t", "boot_time": T0 - 1},
    labels={"gpu": "H100"},
    config={"TIMEOUT": {"expected": "300", "actual": 60}},
    milestones={"process_start": T0 - 10 * MS, "health_ok": T0 + 250 * MS},
    events=[{"time": T0, "text": "<b>", "source": "stdout"}],
)


def test_everything_a_snapshot_says_is_stored() -> None:
    launch = parsed(FULL, version="1.0", host="other")

    assert (launch.state, launch.status, launch.version, launch.ready_by) == ("parsed", "success", "2.0", "health_ok")
    assert (launch.start_time, launch.total_ns) == (T0 - 10 * MS, 260 * MS)
    assert launch.unaccounted_ns == launch.waiting_ns == 110 * MS
    assert launch.gaps == [[T0 + a * MS, T0 + b * MS] for a, b in ((-10, 0), (100, 150), (200, 250))]
    assert (launch.host and launch.host.name, launch.boot_id, launch.boot_time) == ("gpu-07", "b00t", T0 - 1)
    assert (launch.labels, launch.phase_count) == ({"gpu": "H100"}, 3)
    assert launch.config == {"TIMEOUT": {"expected": "300", "actual": 60}}
    assert launch.milestones == {"process_start": T0 - 10 * MS, "health_ok": T0 + 250 * MS}


def test_every_phase_is_a_row() -> None:
    launch = parsed(FULL)

    rows = [
        (r.series.path, r.series.name, r.sender_id, r.parent, r.depends_on, r.depth, r.lane, r.failed, r.attributes)
        for r in PhaseRecord.objects.filter(launch=launch).in_order()
    ]
    assert rows == [
        ("boot", "boot", "p1", None, None, 0, "", False, {"bytes": 14_000_000_000, "名": [None, 1.5]}),
        ("boot/load@TP0", "load", "p2", 0, None, 1, "TP0", True, None),
        ("warm-up", "warm-up", None, None, [0, 1], 0, "", False, None),
    ]
    times = PhaseRecord.objects.filter(launch=launch).in_order().values_list("start_time", "duration_ns", "self_ns")
    assert list(times) == [(T0, 100 * MS, 20 * MS), (T0 + 10 * MS, 80 * MS, 80 * MS), (T0 + 150 * MS, 50 * MS, 50 * MS)]
    owned = PhaseRecord.objects.filter(launch=launch).values_list("critical_ns", flat=True)
    assert sum(owned) + (launch.waiting_ns or 0) == launch.total_ns


def test_the_artifact_tells_what_was_read() -> None:
    launch = parsed(FULL)

    artifact = Artifact.objects.get(launch=launch)
    assert (artifact.state, artifact.parser, artifact.error) == ("parsed", "snapshot/1", None)
    assert artifact.lines == {"total": 4, "read": 4, "skipped": 0}
    assert artifact.counts == {"phases": 3, "events": 1, "samples": 0}
    assert (artifact.first_ns, artifact.last_ns) == (T0 - 10 * MS, T0 + 250 * MS)
    assert artifact.host == Host.objects.get(name="gpu-07")
    event = EventRecord.objects.get(artifact=artifact)
    assert (event.time, event.line, event.source, event.text) == (T0, 1, "stdout", "<b>")


@pytest.mark.parametrize(
    ("document", "total", "unaccounted", "status"),
    [
        ([phase("a", 0, 10), phase("b", 20, 10)], 30, 10, "success"),
        ([phase("b", 20, 10), phase("a", 0, 10)], 30, 10, "success"),
        ([phase("a", 0, 10), phase("a", 0, 10)], 10, 0, "success"),
        ([phase("a", 0, 10), phase("b", 5, 10)], 15, 0, "success"),
        ([phase("a", 0, 0)], 0, 0, "success"),
        ([phase("a", 0, 10), phase("b", 10, 0)], 10, 0, "success"),
        ([phase("a", 0, 10, status="failed")], 10, 0, "failed"),
        ({"phases": [], "milestones": {"process_start": T0, "health_ok": T0 + 7 * MS}}, 7, 7, "success"),
        ({"phases": [phase("a", 0, 10)], "milestones": {"health_ok": T0 + 7 * MS}}, 7, 0, "success"),
        (
            {"phases": [phase("a", 0, 10, status="failed")], "milestones": {"health_ok": T0 + 30 * MS}},
            30,
            20,
            "success",
        ),
    ],
)
def test_totals(document: Any, total: int, unaccounted: int, status: str) -> None:
    launch = parsed(document)
    assert (launch.total_ns, launch.unaccounted_ns, launch.status) == (total * MS, unaccounted * MS, status)


def test_phases_of_one_name_are_kept_apart() -> None:
    launch = parsed([phase("a", 10), phase("a", 0, 5), phase("b"), phase("a", 500)])
    paths = PhaseRecord.objects.filter(launch=launch).in_order().values_list("series__path", flat=True)
    assert list(paths) == ["a", "b/a", "b", "a#2"]


def test_launches_of_one_service_share_their_series() -> None:
    for number in range(3):
        parsed([phase("a", number), phase("b", number)])
    parsed([phase("a")], service="other")
    assert Series.objects.count() == 3
    assert PhaseRecord.objects.count() == 7


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "加载模型 🚀", "%s {0}", "x" * 500, "'; DROP TABLE--"])
def test_any_name_is_stored(name: str) -> None:
    launch = parsed(snapshot(phase(name, lane=name[:200], id=name[:200]), labels={name: name}, version=name))
    row = PhaseRecord.objects.select_related("series").get(launch=launch)
    assert (row.series.name, row.lane, row.sender_id) == (name, name[:200], name[:200])
    assert (launch.labels, launch.version) == ({name: name}, name)


def test_two_thousand_phases() -> None:
    launch = parsed(large(2000))
    assert launch.phase_count == PhaseRecord.objects.count() == 2000
    assert launch.total_ns == 10_000 * MS


@pytest.mark.parametrize(
    ("phases", "where"),
    [
        ([phase("a", id="1", parent="2"), phase("b", id="2", parent="1")], "[0].parent"),
        ([phase("a", parent="a")], "[0].parent"),
        ([phase("x"), phase("a", id="1", depends_on=["2"]), phase("b", id="2", depends_on=["1"])], "[1].depends_on"),
        ([phase("a", depends_on=["a"])], "[0].depends_on"),
        ([phase("0"), *(phase(str(n), parent=str(n - 1)) for n in range(1, 202))], "[201].parent"),
    ],
    ids=["parents", "own parent", "dependencies", "own dependency", "depth"],
)
def test_circles_and_depths_are_rejected(phases: list[Document], where: str) -> None:
    assert rejection(snapshot(*phases))["where"] == f"$.phases{where}"


def test_the_place_is_that_of_the_form_that_was_sent() -> None:
    assert rejection([phase("a", parent="a")])["where"] == "$[0].parent"


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ([], "$"),
        ({"phases": []}, "$.phases"),
        ({"phases": [phase("a")], "milestones": {"health_ok": T0 - 1}}, "$.milestones.health_ok"),
        ([phase("a", -(T0 // MS) - 1)], "$[0].start_time"),
        ([phase("a", 400 * 86_400_000 * 3)], "$[0].start_time"),
    ],
)
def test_launches_that_cannot_be(document: Any, where: str) -> None:
    error = rejection(document)
    assert error["where"] == where
    assert len(error["message"]) > 20


def test_parsing_again_changes_nothing() -> None:
    artifact_id = received(FULL)
    first = parse(artifact_id)
    before = list(PhaseRecord.objects.values_list())

    assert first is not None
    assert parse(artifact_id) is None
    assert list(PhaseRecord.objects.values_list()) == before
    assert Artifact.objects.get().attempts == 1


def test_an_artifact_that_is_gone_is_no_error() -> None:
    assert parse(uuid.uuid4()) is None


def test_a_retry_after_half_a_parse_replaces_its_records(monkeypatch: pytest.MonkeyPatch) -> None:
    artifact_id = received(FULL)

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("diagnostics.ingest.storing._copy_evidence", fail)
    with pytest.raises(OSError, match="disk"):
        parse(artifact_id)
    assert (Artifact.objects.get().state, PhaseRecord.objects.count()) == ("received", 0)
    monkeypatch.undo()

    assert parse(artifact_id) == Launch.objects.get().pk
    assert (Artifact.objects.get().attempts, PhaseRecord.objects.count()) == (2, 3)


def test_attempts_run_out(settings: Any) -> None:
    settings.PARSE_ATTEMPTS = 2
    artifact_id = received(FULL)
    Artifact.objects.update(attempts=2)

    assert parse(artifact_id) is None

    artifact = Artifact.objects.get()
    error = artifact.error or {}
    assert (artifact.state, error["code"]) == ("rejected", "gave_up")
    assert "2 attempts" in error["message"]


def test_a_rejection_that_comes_late_does_not_undo_a_parse(settings: Any) -> None:
    settings.PARSE_ATTEMPTS = 1
    artifact_id = received(FULL)
    slow = parsing._claim(artifact_id)
    assert slow is not None
    # A second worker counts one attempt too many while the first is still at it, and says so when the first is done.
    late = parsing._claim(artifact_id)
    Artifact.objects.update(attempts=0)
    assert parse(artifact_id) is not None
    assert late is not None

    parsing._reject(late, ParseError("Parsing did not finish", "", "gave_up"))

    assert Artifact.objects.get().state == "parsed"


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_artifact_store_it_once() -> None:
    document = large(2000)
    artifact_id = received(document)
    together = threading.Barrier(2)
    outcomes: list[object] = []

    def work() -> None:
        together.wait()
        try:
            outcomes.append(parse(artifact_id))
        except Exception as error:  # the worker tries again later
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    parse(artifact_id)
    assert any(isinstance(outcome, uuid.UUID) for outcome in outcomes), outcomes
    assert Artifact.objects.get().state == "parsed"
    assert PhaseRecord.objects.count() == 2000


@pytest.mark.django_db(transaction=True)
def test_workers_that_meet_the_same_new_series_do_not_wait_for_each_other_for_ever() -> None:
    names = [f"step-{n}" for n in range(300)]
    orders = [names, names[::-1], names[150:] + names[:150]]
    ids = [received([phase(name, n, 1) for name in order], version=str(n)) for n, order in enumerate(orders)]
    together = threading.Barrier(len(ids))
    outcomes: list[object] = []

    def work(artifact_id: uuid.UUID) -> None:
        together.wait()
        try:
            outcomes.append(parse(artifact_id))
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[artifact_id]) for artifact_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [outcome for outcome in outcomes if not isinstance(outcome, uuid.UUID)] == []
    assert (Series.objects.count(), PhaseRecord.objects.count()) == (300, 900)
