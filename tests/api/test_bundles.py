"""POST /api/v1/bundles: a launch's files in one archive; one bad file does not cost the others."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from diagnostics import detection
from diagnostics.agent.cli.autoglm_debug import main as autoglm_debug
from diagnostics.ingest import joined, parse
from diagnostics.models import Artifact, Launch
from tests.api.conftest import Caller, issue
from tests.data.cluster import BOOT, events, oom_log, pod
from tests.data.snapshots import T0, encoded, phase, snapshot

pytestmark = pytest.mark.django_db
ID = "5f0c8a52-6a0e-4a7e-9c1c-0d4f6a1b2c3d"
SNAPSHOT = encoded(
    snapshot(
        phase("a", 0, 50_000),
        launch_id=ID,
        host={"name": "node-7", "boot_time": BOOT},
        milestones={"process_start": T0},
    )
)


def tar(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as whole:
        for name, content in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            whole.addfile(about, io.BytesIO(content))
    return packed.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as whole:
        for name, content in files.items():
            whole.writestr(name, content)
    return packed.getvalue()


def send(sender: Caller, content: bytes, query: str = "", **headers: str) -> tuple[int, Any]:
    response = sender.client.post(f"/api/v1/bundles{query}", content, content_type="application/gzip", headers=headers)
    return response.status_code, response.json()


def by_name(answer: Any) -> dict[str, Any]:
    return {item["name"]: item for item in answer["items"]}


def work() -> None:
    for artifact in Artifact.objects.filter(state="received").values_list("pk", flat=True):
        launch = parse(artifact)
        for waiting in [launch] if launch else joined(artifact):
            detection.judge(waiting)


FILES = {
    "logs/dmesg.txt": oom_log(40),
    "pod.json": pod(),
    "k8s-events/events.json": events(),
    "launch_snapshot.json": SNAPSHOT,
}


@pytest.mark.parametrize("packed", [tar, zipped])
def test_a_launch_and_what_tells_of_it(sender: Caller, reader: Caller, packed: Any) -> None:
    status, answer = send(sender, packed(FILES))
    assert status == 202, answer
    assert answer["launch"] == ID
    told = by_name(answer)
    assert list(told) == list(FILES)
    assert {name: item["kind"] for name, item in told.items()} == {
        "logs/dmesg.txt": "kernel-log",
        "pod.json": "k8s-pod",
        "k8s-events/events.json": "k8s-events",
        "launch_snapshot.json": "snapshot",
    }
    assert {(item["state"], item["error"]) for item in told.values()} == {("received", None)}
    work()
    assert set(Artifact.objects.values_list("state", "launch__id")) == {("parsed", Launch.objects.get().pk)}
    assert reader.get(f"/launches/{ID}")[1]["milestones"].keys() >= {"pod_created", "process_start"}

    again = send(sender, packed(FILES))
    assert again[0] == 200
    assert {item["state"] for item in again[1]["items"]} == {"parsed"}
    assert Artifact.objects.count() == 4


def test_one_bad_file_is_named_and_the_others_are_kept(sender: Caller) -> None:
    files = {**FILES, "notes.bin": b"\x00\x01\x02", "../up": b"x", "empty.txt": b"", "snapshot/broken.json": b"{"}
    status, answer = send(sender, tar(files))
    assert status == 202
    told = by_name(answer)
    refused = {name for name, item in told.items() if item["state"] == "refused"}
    assert refused == {"notes.bin", "../up", "empty.txt", "snapshot/broken.json"}
    for name in refused:
        assert told[name]["artifact"] is None
        assert told[name]["error"].keys() == {"code", "message", "where"}
        assert len(told[name]["error"]["message"]) > 10
    assert Artifact.objects.count() == 4


def test_the_manifest_says_what_files_are_and_how_to_read_them(sender: Caller) -> None:
    listed = [{"kind": "kernel-log", "file": "x/k", "bytes": 1, "query": {"boot_time": str(BOOT), "evil": "1"}}]
    manifest = {"schema": 1, "host": {"name": "node-7", "cpus": 96}, "service": "glm", "artifacts": listed}
    files = {"top/manifest.json": json.dumps(manifest).encode(), "top/x/k": oom_log(1)}
    status, answer = send(sender, tar(files), "?service=other&host=other")
    assert (status, answer["launch"]) == (202, None)
    artifact = Artifact.objects.select_related("host").get()
    assert artifact.given == {"boot_time": str(BOOT), "host": "node-7", "service": "glm", "name": "top/x/k"}
    work()
    artifact.refresh_from_db()
    assert (artifact.state, artifact.first_ns and artifact.first_ns // 10**9) == ("parsed", T0 // 10**9 + 1)


@pytest.mark.parametrize(
    ("content", "query", "status", "code"),
    [
        (b"", "", 400, "invalid_bundle"),
        (b"hello", "", 400, "invalid_bundle"),
        (tar({}), "", 400, "empty_bundle"),
        (tar({"a.txt": b"hello"}), "", 400, "unknown_kind"),
        (tar({"manifest.json": b"[", "dmesg": oom_log(1)}), "", 400, "invalid_manifest"),
        (tar({"manifest.json": b'{"artifacts": 5}', "dmesg": oom_log(1)}), "", 400, "invalid_manifest"),
        (tar({"dmesg": oom_log(1)}), "?tz=Mars", 422, "invalid_parameter"),
        (tar({"dmesg": oom_log(1)}), f"?launch={ID}", 400, "unknown_launch"),
        (tar({"zeros": bytes(40_000_000)}), "", 413, "body_too_large"),
    ],
    ids=range(9),
)
def test_refused(sender: Caller, content: bytes, query: str, status: int, code: str) -> None:
    got, answer = send(sender, content, query)
    assert (got, answer["error"]["code"]) == (status, code), answer
    assert not Artifact.objects.exists()


def test_a_token_sends_for_its_own_services_only(db: None) -> None:
    bound = Caller(issue("ingest", "mine"))
    status, answer = send(bound, tar(FILES))
    told = by_name(answer)
    # What names no service and no launch tells of a host, for which any sender may speak.
    assert told["launch_snapshot.json"]["error"]["code"] == "service_not_allowed"
    assert status == 202
    assert not Launch.objects.exists()
    assert send(Caller(issue("read")), tar(FILES))[0] == 403


def test_the_transfer_may_be_compressed_as_well(sender: Caller) -> None:
    assert send(sender, gzip.compress(zipped(FILES)), **{"Content-Encoding": "gzip"})[0] == 202


def test_what_the_agent_collects_is_read(sender: Caller, tmp_path: Path) -> None:
    log, pods = tmp_path / "glm.log", tmp_path / "pod.json"
    log.write_text("INFO 11-24 16:00:01 [model.py:1] Loading weights took 0.69 seconds\n" * 3)
    pods.write_bytes(pod())
    bundle = tmp_path / "bundle.tar.gz"
    files = ["--container-log", str(log), "--k8s-pod", str(pods)]
    asked = ["collect", "--since", "1h", "--service", "glm", "--launch-id", ID, "--host", "gpu-07"]
    assert autoglm_debug([*asked, *files, "--output", str(bundle)]) == 0
    status, answer = send(sender, bundle.read_bytes())
    assert (status, answer["launch"]) == (202, ID), answer
    assert {item["kind"] for item in answer["items"]} >= {"container-log", "k8s-pod"}
    assert {artifact.given["host"] for artifact in Artifact.objects.all()} == {"gpu-07"}
    work()
    assert set(Artifact.objects.values_list("state", flat=True)) == {"parsed"}
