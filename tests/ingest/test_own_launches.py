"""Files that each tell of one launch: sent for a service, one is a launch; sent for a launch, it stands beside it."""

from __future__ import annotations

import json
import uuid

import pytest

from diagnostics.models import Launch, PhaseRecord
from tests.data.snapshots import MS, T0, phase, snapshot
from tests.ingest.sending import ID, judged, send_file, send_snapshot

pytestmark = pytest.mark.django_db
TRACE = json.dumps(
    [
        {"ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "args": {"name": "main"}},
        {"ph": "X", "name": "load", "pid": 1, "tid": 1, "ts": 1000, "dur": 5000},
        {"ph": "X", "name": "read", "pid": 1, "tid": 1, "ts": 2000, "dur": 1000},
    ]
).encode()
DATED = TRACE.replace(b"1000, ", b"%d, " % (T0 // 1000)).replace(b"2000", b"%d" % (T0 // 1000 + 1000))


def paths() -> list[str]:
    return list(PhaseRecord.objects.in_order().values_list("series__path", flat=True))


def test_a_trace_sent_for_a_service_is_a_launch() -> None:
    artifact = send_file(DATED, service="glm", environment="ci", version="1.2", host="gpu-1")
    launch = Launch.objects.select_related("host", "service").get()
    assert (artifact.launch_id, artifact.kind) == (launch.pk, "chrome-trace")
    assert (str(launch.service), launch.version, launch.host and launch.host.name) == ("glm · ci", "1.2", "gpu-1")
    assert (launch.start_time, launch.total_ns, launch.phase_count) == (T0, 5_000_000, 2)
    assert paths() == ["load@main", "load@main/read"]
    assert judged(launch.pk).state == "judged"
    assert send_file(DATED, service="glm", environment="ci", host="gpu-1").pk == artifact.pk, (
        "the same file is the same launch"
    )
    assert Launch.objects.count() == 1
    send_file(DATED, service="glm", environment="prod")
    assert Launch.objects.count() == 2


def test_a_trace_that_does_not_say_when_it_was_ends_when_it_came() -> None:
    artifact = send_file(TRACE, "chrome-trace", service="glm")
    launch = Launch.objects.get()
    assert launch.start_time + 5_000_000 + 1000 >= int(artifact.received_at.timestamp() * 1e6) * 1000
    assert launch.labels == {"dated_by": "upload"}
    assert (launch.total_ns, artifact.facts["clock"]) == (5_000_000, "received")


@pytest.mark.parametrize("snapshot_first", [True, False])
def test_beside_a_snapshot_it_begins_with_the_launch(snapshot_first: bool) -> None:
    document = snapshot(phase("boot", 0, 9_000), launch_id=ID, milestones={"process_start": T0})
    if snapshot_first:
        send_snapshot(document)
    send_file(TRACE, "chrome-trace", launch=ID, service="open-autoglm")
    if not snapshot_first:
        send_snapshot(document)
    launch = Launch.objects.get()
    assert (launch.pk, launch.start_time, launch.total_ns) == (uuid.UUID(ID), T0, 9_000 * MS)
    assert sorted(paths()) == ["boot", "load@main", "load@main/read"]
    assert PhaseRecord.objects.get(series__path="load@main").start_time == T0
    assert launch.labels == {}


def test_without_service_or_launch_it_belongs_to_its_host() -> None:
    artifact = send_file(DATED, host="gpu-1")
    assert (artifact.launch_id, artifact.state, artifact.counts["phases"]) == (None, "parsed", 2)
    assert not Launch.objects.exists()
