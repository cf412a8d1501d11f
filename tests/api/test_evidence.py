"""What tells of a launch, what diagnosis makes of it, and the lines it stands in."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import detection
from diagnostics.ingest import joined, parse
from diagnostics.models import Artifact, ArtifactContent
from tests.api.conftest import Caller, issue
from tests.api.conftest import send as send_snapshot
from tests.data.cluster import BOOT, SECOND, events, oom_log, pod
from tests.data.snapshots import MS, T0, phase, snapshot

pytestmark = pytest.mark.django_db
ID = "5f0c8a52-6a0e-4a7e-9c1c-0d4f6a1b2c3d"
KILLED = snapshot(
    phase("process-start", 0, 2_000),
    phase("weights-load", 2_000, 40_000, status="failed"),
    launch_id=ID,
    host={"name": "node-7", "boot_time": BOOT},
    milestones={"process_start": T0},
)


def send_file(sender: Caller, content: bytes, query: str) -> str:
    """Send a file, have it parsed and its launches judged; its artifact id."""
    response = sender.client.post(f"/api/v1/artifacts?{query}", content, content_type="application/octet-stream")
    assert response.status_code in (200, 202), response.json()
    artifact = Artifact.objects.get(pk=response.json()["id"])
    launch = parse(artifact.pk)
    for waiting in [launch] if launch else joined(artifact.pk):
        detection.judge(waiting)
    return str(artifact.pk)


@pytest.fixture
def killed(sender: Caller) -> dict[str, str]:
    """A launch that the kernel killed while Kubernetes' clock ran 30 s ahead; ids by what they are."""
    send_snapshot(sender, KILLED)
    return {
        "log": send_file(sender, oom_log(40), "kind=auto&host=node-7"),
        "pod": send_file(sender, pod("glm-0", started=30, ready=None), f"kind=k8s-pod&launch={ID}"),
        "far": send_file(sender, oom_log(-2000), f"kind=kernel-log&host=node-7&boot_time={BOOT}"),
    }


def test_evidence_of_a_launch(killed: dict[str, str], reader: Caller) -> None:
    status, answer = reader.get(f"/launches/{ID}/evidence")
    assert status == 200
    items = {item["id"]: item for item in answer["items"]}
    assert items.keys() == {killed["log"], killed["pod"], str(Artifact.objects.get(kind="snapshot").pk)}
    log, pod_file = items[killed["log"]], items[killed["pod"]]
    assert (log["joined_by"], pod_file["joined_by"]) == ("host", "launch")
    assert (log["clock"]["placing_ns"], log["clock"]["correction_ns"]) == (BOOT, 0)
    assert "boot time" in log["clock"]["reason"]
    assert (pod_file["clock"]["placing_ns"], pod_file["clock"]["correction_ns"]) == (0, -30 * SECOND)
    assert "before Kubernetes says" in pod_file["clock"]["reason"]

    times = [event["time"] for event in answer["events"]]
    assert times == sorted(times)
    (kill,) = [event for event in answer["events"] if event["category"] == "oom_kill"]
    assert abs(kill["time"] - (T0 + 40 * SECOND)) < SECOND
    assert (kill["artifact"], kill["line"], kill["fields"]["victim"]) == (killed["log"], 4, "python3")


def test_events_come_in_pages_and_windows(killed: dict[str, str], reader: Caller) -> None:
    path = f"/launches/{ID}/evidence"
    whole = reader.get(path)[1]["events"]
    assert len(whole) >= 4
    paged: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = reader.get(path, limit=1, **cursor)[1]
        paged += page["events"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert paged == whole
    start, end = T0 + 40 * SECOND, T0 + 40 * SECOND + 2 * MS
    some = reader.get(path, **{"from": start, "to": end})[1]["events"]
    assert some == [event for event in whole if start <= event["time"] <= end] != whole
    assert reader.get(path, **{"from": end, "to": start})[0] == 422
    assert reader.get(path, clock="mended")[0] == 422


def test_a_correction_can_be_had_and_left_out(killed: dict[str, str], sender: Caller, reader: Caller) -> None:
    other = send_file(sender, events(), f"kind=k8s-events&launch={ID}")
    path = f"/launches/{ID}/evidence"
    asked = {"from": T0 - 100 * SECOND, "to": T0 + 100 * SECOND}
    raw = {event["time"] for event in reader.get(path, **asked)[1]["events"] if event["artifact"] == other}
    moved = reader.get(path, clock="corrected", **asked)[1]["events"]
    assert {event["time"] for event in moved if event["artifact"] == other} == {time - 30 * SECOND for time in raw}
    records = f"/artifacts/{other}/records"
    for type_, name in (("events", "time"), ("phases", "start_time")):
        told = reader.get(records, type=type_)[1]["items"]
        corrected = reader.get(records, type=type_, clock="corrected")[1]["items"]
        assert told
        assert [one[name] for one in corrected] == [one[name] - 30 * SECOND for one in told]


def test_findings(killed: dict[str, str], reader: Caller) -> None:
    status, answer = reader.get(f"/launches/{ID}/findings")
    assert (status, answer["next"]) == (200, None)
    first = answer["items"][0]
    assert first.keys() >= {
        *("id", "reason", "layer", "severity", "phase", "expected", "actual", "unit", "confidence", "for", "against"),
        *("advice", "patch"),
    }
    assert (first["layer"], first["severity"], first["phase"]) == ("memory", "critical", "weights-load")
    proof = next(proof for proof in first["for"] if proof["artifact"] == killed["log"])
    assert proof.keys() == {"artifact", "line", "time", "text"}
    assert answer["headline"] == {"layer": "memory", "text": first["text"], "confidence": first["confidence"]}
    assert reader.get(f"/launches/{ID}")[1]["headline"] == first["text"]


def test_a_launch_without_evidence_says_so(sender: Caller, reader: Caller) -> None:
    send_snapshot(sender, KILLED)
    assert [item["kind"] for item in reader.get(f"/launches/{ID}/evidence")[1]["items"]] == ["snapshot"]
    headline = reader.get(f"/launches/{ID}/findings")[1]["headline"]
    assert headline["layer"] == "unknown"
    assert "No evidence" in headline["text"]


def test_the_line_of_an_event_in_its_context(killed: dict[str, str], reader: Caller) -> None:
    path = f"/artifacts/{killed['log']}/raw"
    whole = oom_log(40).decode().splitlines()
    status, answer = reader.get(path, line=4, context=1)
    assert status == 200
    assert answer == {
        "artifact": killed["log"],
        "line": 4,
        "lines": [{"line": n, "text": whole[n - 1]} for n in (3, 4, 5)],
    }
    assert [one["line"] for one in reader.get(path, line=1, context=2)[1]["lines"]] == [1, 2, 3]
    assert len(reader.get(path, line=5)[1]["lines"]) == 5
    assert reader.get(path, line=99)[0] == 404
    assert reader.get(path, line=0)[0] == 422
    assert reader.client.get(f"/api/v1{path}").content == oom_log(40)


def test_phases_that_an_artifact_tells(killed: dict[str, str], reader: Caller) -> None:
    items = reader.pages(f"/artifacts/{killed['pod']}/records", type="phases", limit=1)
    assert items[0]["phase"] == "scheduled"
    assert items[0].keys() == {
        *("id", "phase", "parent", "depends_on", "lane", "start_time", "duration_ns", "status", "attributes")
    }
    assert reader.get(f"/artifacts/{killed['pod']}")[1]["counts"]["phases"] == len(items)


def test_reading_again(killed: dict[str, str], sender: Caller, reader: Caller) -> None:
    path = f"/api/v1/artifacts/{killed['log']}"
    before = reader.get(f"/artifacts/{killed['log']}")[1]
    response = sender.client.post(f"{path}/parse")
    assert (response.status_code, response.json()["state"]) == (202, "received")
    assert sender.client.post(f"{path}/parse").status_code == 200, "it waits already"
    parse(Artifact.objects.get(pk=killed["log"]).pk)
    after = reader.get(f"/artifacts/{killed['log']}")[1]
    assert (after["state"], after["counts"]) == ("parsed", before["counts"])
    previous = after["facts"].pop("previous")
    assert (previous["parser"], previous["counts"]) == (before["parser"], before["counts"])
    assert after == before
    assert reader.client.post(f"{path}/parse").status_code == 403


def test_what_is_no_longer_kept_cannot_be_read_again(killed: dict[str, str], sender: Caller, reader: Caller) -> None:
    ArtifactContent.objects.filter(artifact_id=killed["log"]).delete()
    assert sender.client.post(f"/api/v1/artifacts/{killed['log']}/parse").status_code == 410
    assert reader.get(f"/artifacts/{killed['log']}/raw")[0] == 410
    assert reader.get(f"/artifacts/{killed['log']}/raw", line=1)[0] == 410
    assert reader.get(f"/artifacts/{killed['log']}")[1]["state"] == "parsed"


def test_a_large_file_comes_back_whole(sender: Caller, reader: Caller) -> None:
    content = b"".join(b"[%9d.000000] Linux version 6.1.0-%d and so on\n" % (n, n) for n in range(110_000))
    assert len(content) > 4 * 1024 * 1024
    artifact = send_file(sender, content, f"kind=kernel-log&host=h&boot_time={BOOT - 10**15}")
    response = reader.client.get(f"/api/v1/artifacts/{artifact}/raw")
    assert response["Content-Length"] == str(len(content))
    assert b"".join(response.streaming_content) == content  # type: ignore[attr-defined]
    Artifact.objects.filter(pk=artifact).update(day="2020-01-01")
    assert reader.get(f"/artifacts/{artifact}/raw")[0] == 410


@pytest.mark.parametrize(
    ("query", "where"), [("tz=Mars", "tz"), ("year=1900", "year"), ("boot_time=noon", "boot_time")]
)
def test_wrong_hints_are_refused_at_once(sender: Caller, query: str, where: str) -> None:
    response = sender.client.post(
        f"/api/v1/artifacts?kind=kernel-log&host=h&{query}", oom_log(1), content_type="text/plain"
    )
    assert response.status_code == 422
    assert response.json()["error"]["where"] == where
    assert not Artifact.objects.exists()


def test_a_token_sees_the_evidence_of_its_services_and_of_hosts(killed: dict[str, str], sender: Caller) -> None:
    private = send_file(sender, oom_log(41), "kind=kernel-log&host=node-7&service=secret")
    mine, other = Caller(issue("read", "open-autoglm")), Caller(issue("read", "other"))
    assert private not in [item["id"] for item in mine.get(f"/launches/{ID}/evidence")[1]["items"]]
    for path in (f"/launches/{ID}/evidence", f"/launches/{ID}/findings", f"/artifacts/{killed['pod']}/records"):
        assert mine.get(path)[0] == 200
        assert other.get(path)[0] == 404
    assert other.get(f"/artifacts/{killed['log']}")[0] == 200, "a host's own file is everybody's"
    assert other.get(f"/artifacts/{private}")[0] == mine.get(f"/artifacts/{private}/raw", line=1)[0] == 404
    bound = Caller(issue("ingest", "other"))
    assert bound.client.post(f"/api/v1/artifacts/{killed['pod']}/parse").status_code == 404
