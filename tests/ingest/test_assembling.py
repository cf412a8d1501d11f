"""One launch out of many files: whatever comes first, the same launch comes out."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from diagnostics import ingest
from diagnostics.models import Artifact, Host, Launch, LaunchFlag, PhaseRecord
from diagnostics.records import Kind
from tests.data.cluster import SECOND, events, pod
from tests.data.snapshots import MS, T0, phase, snapshot
from tests.ingest.sending import ID, judged, send_file, send_snapshot

pytestmark = pytest.mark.django_db
GIVEN = {"launch": ID, "service": "open-autoglm"}
SNAPSHOT = snapshot(
    phase("boot", 1_000, 9_000, id="b", parent=None),
    phase("weights", 2_000, 7_000, parent="b", attributes={"bytes": 5}),
    phase("warm-up", 20_000, 10_000, depends_on=["b"]),
    launch_id=ID,
    version="2.0",
    host={"name": "glm-0", "boot_id": "b00t", "boot_time": T0 - 10**12},
    labels={"gpu": "H100"},
    milestones={"process_start": T0, "health_ok": T0 + 40_000 * MS},
)
SENDERS: dict[str, Callable[[], Any]] = {
    "snapshot": lambda: send_snapshot(SNAPSHOT),
    "pod": lambda: send_file(pod(), "k8s-pod", **GIVEN),
    "events": lambda: send_file(events(), "k8s-events", **GIVEN),
    "config": lambda: send_file(b"MODEL_LOAD_TIMEOUT=60\n", "config", **GIVEN),
}


def stored() -> dict[str, Any]:
    """Everything of the launch that assembling makes."""
    launch = Launch.objects.select_related("host").get()
    fields = [field.name for field in Launch._meta.concrete_fields if field.name not in ("received_at", "state")]
    rows = PhaseRecord.objects.filter(launch=launch).in_order()
    told = ("position", "sender_id", "parent", "depends_on", "depth", "lane", "start_time", "duration_ns", "self_ns")
    more = ("slack_ns", "critical_ns", "critical", "failed", "attributes", "artifact_id", "series__path")
    # A snapshot's artifact has another id each time it is sent.
    snapshots = set(Artifact.objects.filter(kind=Kind.SNAPSHOT).values_list("pk", flat=True))
    phases = [
        row | {"artifact_id": "snapshot" if row["artifact_id"] in snapshots else row["artifact_id"]}
        for row in rows.values(*told, *more)
    ]
    about = {name: getattr(launch, name) for name in fields if name not in ("host", "service")}
    return {"phases": phases, "host": launch.host and launch.host.name, **about}


@pytest.mark.parametrize("order", list(itertools.permutations(SENDERS)), ids="-".join)
def test_any_order_makes_the_same_launch(order: tuple[str, ...]) -> None:
    for name in order:
        SENDERS[name]()
    launch = Launch.objects.get()
    assert (launch.state, launch.status, launch.ready_by) == ("parsed", "success", "pod_ready")
    assert (launch.start_time, launch.ready_time) == (T0 - 40 * SECOND, T0 + 60 * SECOND)
    assert launch.begins_with == "pod_created"
    assert launch.milestones == {
        "process_start": T0,
        "health_ok": T0 + 40 * SECOND,
        "pod_created": T0 - 40 * SECOND,
        "pod_scheduled": T0 - 30 * SECOND,
        "pod_initialized": T0 - 30 * SECOND,
        "containers_ready": T0 + 60 * SECOND,
        "pod_ready": T0 + 60 * SECOND,
    }
    assert (launch.version, launch.boot_id, launch.labels) == ("2.0", "b00t", {"gpu": "H100", "node": "node-7"})
    assert launch.config["MODEL_LOAD_TIMEOUT"]["actual"] == "60"
    paths = list(PhaseRecord.objects.in_order().values_list("series__path", "position"))
    assert [path for path, _ in paths[:3]] == ["boot", "boot/weights", "warm-up"]
    assert "container-start glm@kubernetes/image-pull glm" in dict(paths)
    ready = PhaseRecord.objects.get(series__path="ready@kubernetes")
    assert ready.start_time == T0 + 30_000 * MS, "before that, the process did its own work"
    assert not any("glm-0" in path for path, _ in paths), "the next pod has another name, but the same phases"
    owned = PhaseRecord.objects.filter(launch=launch).values_list("critical_ns", flat=True)
    assert sum(owned) + (launch.waiting_ns or 0) == launch.total_ns


def test_every_order_to_the_last_byte() -> None:
    made = []
    for order in (("snapshot", "pod", "events", "config"), ("events", "config", "snapshot", "pod")):
        for name in order:
            SENDERS[name]()
        made.append(stored())
        Launch.objects.all().delete()
    assert made[0] == made[1]


def test_assembling_again_changes_nothing() -> None:
    for name in SENDERS:
        SENDERS[name]()
    before = stored()
    with transaction.atomic():
        ingest.assemble(Launch.objects.get().pk)
    assert stored() == before


@pytest.mark.parametrize("name", ["snapshot", "pod", "events"])
def test_reading_again_changes_nothing(name: str) -> None:
    for sender in SENDERS.values():
        sender()
    before = stored()
    kind = {"snapshot": Kind.SNAPSHOT, "pod": Kind.K8S_POD, "events": Kind.K8S_EVENTS}[name]
    again = ingest.reparse(Artifact.objects.get(kind=kind).pk)
    ingest.parse(again.pk)
    assert stored() == before
    after = Artifact.objects.get(kind=kind)
    assert (after.state, (after.previous or {})["counts"]) == ("parsed", after.counts)


def test_a_launch_of_kubernetes_alone() -> None:
    send_file(events(), "k8s-events", **GIVEN)
    send_file(pod(), "k8s-pod", **GIVEN)
    launch = judged(ID)
    assert (launch.state, launch.begins_with, launch.ready_by) == ("judged", "pod_created", "pod_ready")
    assert launch.total_ns == 100 * SECOND
    assert launch.host == Host.objects.get(name="glm-0")


def test_other_pods_are_left_out() -> None:
    send_snapshot(SNAPSHOT)
    send_file(events("other-1", "glm-0", "third-2"), "k8s-events", **GIVEN)
    lanes = PhaseRecord.objects.exclude(lane="").values_list("series__path", flat=True)
    assert len(set(lanes)) == len(lanes) > 2
    assert Launch.objects.get().start_time < T0


def test_of_several_unknown_pods_none_is_taken() -> None:
    send_snapshot({**SNAPSHOT, "host": {"name": "gpu-07"}})
    send_file(events("other-1", "third-2"), "k8s-events", **GIVEN)
    launch = Launch.objects.get()
    assert (launch.start_time, launch.begins_with, launch.phase_count) == (T0, "", 3)


def test_a_restarted_container_did_not_begin_with_its_pod() -> None:
    last = {"terminated": {"startedAt": "2025-11-24T15:00:00Z", "finishedAt": "2025-11-24T15:59:00Z", "exitCode": 137}}
    send_snapshot(SNAPSHOT)
    send_file(pod(created=-7200, restartCount=1, lastState=last), "k8s-pod", **GIVEN)
    launch = Launch.objects.get()
    assert launch.start_time >= T0 - 3 * SECOND
    assert "pod_created" not in launch.milestones
    assert launch.milestones["pod_ready"] == T0 + 60 * SECOND


def test_the_first_run_of_a_container_that_was_restarted_later_did_begin_with_its_pod() -> None:
    last = {"terminated": {"startedAt": "2025-11-24T15:59:58Z", "finishedAt": "2025-11-24T16:05:00Z", "exitCode": 137}}
    send_snapshot(SNAPSHOT)
    send_file(pod(restartCount=1, lastState=last, started=301, ready=400), "k8s-pod", **GIVEN)
    assert Launch.objects.get().milestones["pod_created"] == T0 - 40 * SECOND


def test_times_that_cannot_be_of_one_launch_leave_the_snapshot_as_it_is() -> None:
    launch = send_snapshot(SNAPSHOT)
    far = pod(created=-90_000, started=-80_000, ready=-79_000)
    send_file(far.replace(b'"creationTimestamp"', b'"wasCreated"'), "k8s-pod", **GIVEN)
    after = Launch.objects.get()
    assert (after.start_time, after.total_ns, after.phase_count) == (launch.start_time, launch.total_ns, 3)
    assert after.state == "parsed"


def test_imports_hang_at_the_start_of_the_process() -> None:
    send_snapshot(SNAPSHOT)
    table = b"import time: self [us] | cumulative | imported package\n" + b"".join(
        b"import time: %9d | %10d | %s\n" % row for row in ((200, 200, b"  numpy.core"), (300, 500, b"numpy"))
    )
    artifact = send_file(table, "python-importtime", **GIVEN)
    if artifact.state != "parsed":
        pytest.fail(str(artifact.error))
    rows = PhaseRecord.objects.filter(artifact_id=artifact.pk)
    assert {row.lane for row in rows} == {"imports"}
    assert min(row.start_time for row in rows) == T0


def test_baselines_never_mix_beginnings() -> None:
    for number in range(6):
        document = snapshot(phase("boot", number * 3_600_000, 10_000), version=str(number))
        judged(send_snapshot(document).pk)
    send_snapshot({**SNAPSHOT, "phases": [phase("boot", 90_000_000, 20_000)], "milestones": {}})
    assert judged(ID).verdict == "regressed"
    send_file(pod(created=89_960, started=89_998, ready=90_030), "k8s-pod", **GIVEN)
    again = judged(ID)
    assert (again.begins_with, again.verdict) == ("pod_created", "not enough data")
    assert not LaunchFlag.objects.filter(launch=again).exists()


LOG = b"".join(
    b"INFO 11-24 16:00:%02d [gpu_model_runner.py:1] %s\n" % line
    for line in (
        (1, b"Starting to load model glm..."),
        (9, b"Loading weights took 7.50 seconds"),
        (10, b"Model loading took 9.5 GiB and 8.500000 seconds"),
        (40, b"init engine (profile, create kv cache, warmup model) took 30.00 seconds"),
    )
)


@pytest.mark.parametrize("order", ["log first", "snapshot first"])
def test_a_log_stands_in_for_a_snapshot_until_there_is_one(order: str) -> None:
    senders = [lambda: send_file(LOG, "container-log", year="2025", **GIVEN), SENDERS["snapshot"]]
    if order == "log first":
        senders[0]()
        alone = judged(ID)
        assert (alone.state, alone.begins_with) == ("judged", "")
        assert {"model-load/weights-load", "engine-init"} <= set(
            PhaseRecord.objects.values_list("series__path", flat=True)
        )
        assert T0 < alone.start_time < T0 + 2 * SECOND
        senders[1]()
    else:
        senders[1]()
        senders[0]()
    launch = Launch.objects.get()
    assert list(PhaseRecord.objects.in_order().values_list("series__path", flat=True)) == [
        "boot",
        "boot/weights",
        "warm-up",
    ]
    assert (launch.start_time, launch.milestones) == (T0, SNAPSHOT["milestones"])
