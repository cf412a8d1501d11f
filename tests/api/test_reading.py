"""One launch and its artifact, as the contract shapes them."""

from __future__ import annotations

import uuid

import pytest

from tests.api.conftest import Caller, send
from tests.api.shapes import ARTIFACT, LAUNCH, PHASE
from tests.data.snapshots import MS, T0, encoded, phase, snapshot

pytestmark = pytest.mark.django_db
FULL = snapshot(
    phase("boot", 0, 100, id="p1", parent=None, attributes={"bytes": 14_000_000_000}),
    phase("load <b>", 10, 80, id="p2", parent="p1", lane="TP0", status="failed"),
    phase("warm-up", 150, 50, depends_on=["p1", "p2"]),
    environment="prod",
    version="2.0",
    host={"name": "gpu-07"},
    labels={"gpu": "H100", "名": "值"},
    milestones={"process_start": T0 - 10 * MS, "health_ok": T0 + 250 * MS},
    events=[{"time": T0 + n, "text": f"line {n}"} for n in range(5)],
)


def test_a_launch(sender: Caller, reader: Caller) -> None:
    launch_id = send(sender, FULL)

    status, launch = reader.get(f"/launches/{launch_id}")

    (artifact,) = launch["artifacts"]
    assert status == 200
    assert launch == {
        "id": launch_id,
        "service": "open-autoglm",
        "environment": "prod",
        "version": "2.0",
        "host": "gpu-07",
        "status": "success",
        "state": "judged",
        "start_time": T0 - 10 * MS,
        "total_ns": 260 * MS,
        "unaccounted_ns": 110 * MS,
        "coverage": pytest.approx(150 / 260),
        "start_class": None,
        "milestones": {"process_start": T0 - 10 * MS, "health_ok": T0 + 250 * MS},
        "labels": {"gpu": "H100", "名": "值"},
        "phases": 3,
        "artifacts": [artifact],
        "verdict": "not enough data",
        "headline": launch["headline"],
    }
    assert launch["headline"]
    assert uuid.UUID(artifact)


def test_a_launch_that_waits_for_its_parser(sender: Caller, reader: Caller) -> None:
    launch_id = sender.post(FULL)[1]["id"]
    status, launch = reader.get(f"/launches/{launch_id}")
    assert (status, launch.keys()) == (200, LAUNCH)
    assert (launch["state"], launch["status"], launch["total_ns"], launch["phases"]) == ("received", "running", None, 0)
    assert reader.get(f"/launches/{launch_id}/phases")[1] == {"items": [], "next": None}
    assert reader.get(f"/launches/{launch_id}/critical-path")[1]["items"] == []
    assert reader.get(f"/launches/{launch_id}/waterfall")[0] == 200


def test_phases(sender: Caller, reader: Caller) -> None:
    phases = reader.get(f"/launches/{send(sender, FULL)}/phases")[1]["items"]

    assert [phase.keys() for phase in phases] == [PHASE] * 3
    assert [(p["id"], p["path"], p["phase"], p["parent"], p["depends_on"], p["lane"], p["depth"]) for p in phases] == [
        ("p1", "boot", "boot", None, [], "", 0),
        ("p2", "boot/load <b>@TP0", "load <b>", "p1", [], "TP0", 1),
        ("#2", "warm-up", "warm-up", None, ["p1", "p2"], "", 0),
    ]
    assert [(p["start_time"], p["duration_ns"], p["self_ns"], p["status"]) for p in phases] == [
        (T0, 100 * MS, 20 * MS, "success"),
        (T0 + 10 * MS, 80 * MS, 80 * MS, "failed"),
        (T0 + 150 * MS, 50 * MS, 50 * MS, "success"),
    ]
    assert phases[0]["attributes"] == {"bytes": 14_000_000_000}


def test_the_critical_path(sender: Caller, reader: Caller) -> None:
    parallel = [
        phase(name, start, took, parent=None)
        for name, start, took in (("long", 0, 100), ("short", 0, 30), ("last", 120, 30))
    ]
    path = reader.get(f"/launches/{send(sender, parallel, '?service=a')}/critical-path")[1]

    assert path.keys() == {"items", "total_ns", "waiting_ns"}
    assert [item["phase"] for item in path["items"]] == ["long", "last"]
    assert all(item["critical"] and item.keys() == PHASE for item in path["items"])
    assert (path["total_ns"], path["waiting_ns"]) == (150 * MS, 20 * MS)


def test_an_artifact_and_its_records(sender: Caller, reader: Caller) -> None:
    launch_id = send(sender, FULL)
    artifact_id = reader.get(f"/launches/{launch_id}")[1]["artifacts"][0]

    artifact = reader.get(f"/artifacts/{artifact_id}")[1]
    assert artifact.keys() == ARTIFACT
    told = {key: artifact[key] for key in ("id", "kind", "state", "error", "launch", "host", "size", "parser")}
    assert told == {
        "id": artifact_id,
        "kind": "snapshot",
        "state": "parsed",
        "error": None,
        "launch": launch_id,
        "host": "gpu-07",
        "size": len(encoded(FULL)),
        "parser": "snapshot/1",
    }
    assert artifact["lines"] == {"total": 8, "read": 8, "skipped": 0}
    assert artifact["counts"] == {"phases": 3, "events": 5, "samples": 0}
    assert artifact["time_span"] == [T0 - 10 * MS, T0 + 250 * MS]

    records = f"/artifacts/{artifact_id}/records"
    assert reader.pages(records, limit=2) == reader.get(f"/launches/{launch_id}/phases")[1]["items"]
    events = reader.pages(records, type="events", limit=2)
    assert [(e["time"], e["line"], e["text"]) for e in events] == [(T0 + n, n + 1, f"line {n}") for n in range(5)]
    assert events[0].keys() == {
        "time", "precision_ns", "clock", "line", "source", "level", "category", "text", "fields",
    }  # fmt: skip
    assert (events[0]["clock"], events[0]["category"]) == ("wall", "other")
    assert reader.get(records, type="samples")[1] == {"items": [], "next": None}


def test_the_raw_file_is_offered_for_download_only(sender: Caller, reader: Caller) -> None:
    document = snapshot(phase("<script>alert(1)</script>"))
    artifact_id = reader.get(f"/launches/{send(sender, document)}")[1]["artifacts"][0]
    response = reader.client.get(f"/api/v1/artifacts/{artifact_id}/raw")
    assert response.content == encoded(document)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
