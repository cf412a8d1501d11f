"""The same contract through a real web server, a real queue and a real worker."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import uuid
from pathlib import Path
from typing import Any

import psutil
import pytest
import zstandard

from diagnostics.models import Artifact, ArtifactContent, Launch, PhaseRecord
from tests.api.conftest import issue
from tests.api.test_bundles import tar
from tests.conftest import wait_until
from tests.data.cluster import BOOT, oom_log
from tests.data.snapshots import encoded, large, phase, sequence, snapshot
from tests.durability.instance import Instance

MIB = 1024**2
GIB = 1024**3
CAP = 32 * MIB  # MAX_BODY_BYTES as delivered


def settled(served: Instance, launch_id: str) -> Any:
    """The launch once it is judged."""
    wait_until(lambda: served.request("GET", f"/launches/{launch_id}")[1]["state"] == "judged", "the judgement")
    return served.request("GET", f"/launches/{launch_id}")[1]


def test_a_launch_from_upload_to_judgement(served: Instance) -> None:
    document = snapshot(phase("启动", 0, 100), phase("load", 150, 50), launch_id=str(uuid.uuid4()))

    status, accepted, headers = served.request("POST", "/launches", document)

    assert (status, accepted["state"]) == (202, "received")
    assert headers["location"] == f"/api/v1/launches/{document['launch_id']}"
    launch = settled(served, accepted["id"])
    assert (launch["total_ns"], launch["phases"], launch["status"]) == (200_000_000, 2, "success")
    artifact = served.request("GET", f"/artifacts/{accepted['artifact']}")[1]
    assert (artifact["state"], artifact["counts"]["phases"]) == ("parsed", 2)
    assert served.request("GET", headers["location"].removeprefix("/api/v1"))[1] == launch


def test_a_bundle_from_upload_to_findings(served: Instance) -> None:
    """A launch that was killed for its memory, with the kernel log that says so, in one archive."""
    launch_id = str(uuid.uuid4())
    phases = [phase("boot", 0, 2_000), phase("weights-load", 2_000, 40_000, status="failed")]
    host = {"name": "node-7", "boot_time": BOOT}
    files = {
        "dmesg.txt": oom_log(40),
        "broken.json": b"{",
        "launch.json": encoded(snapshot(*phases, launch_id=launch_id, host=host)),
    }

    status, answer, _ = served.request("POST", "/bundles", tar(files))

    assert (status, answer["launch"]) == (202, launch_id)
    assert [item["state"] for item in answer["items"]] == ["received", "refused", "received"]

    def found() -> bool:
        headline = served.request("GET", f"/launches/{launch_id}/findings")[1]["headline"]
        return bool(headline["layer"] == "memory")

    wait_until(found, "the finding")
    (first, *_) = served.request("GET", f"/launches/{launch_id}/findings")[1]["items"]
    proof = next(proof for proof in first["for"] if proof["line"])
    lines = served.request("GET", f"/artifacts/{proof['artifact']}/raw?line={proof['line']}&context=0")[1]["lines"]
    assert "Killed process 4242 (python3)" in lines[0]["text"]
    assert (first["phase"], first["severity"]) == ("weights-load", "critical")


def test_a_launch_of_many_phases(served: Instance) -> None:
    status, accepted = served.send(gzip.compress(encoded(large(2000))), **{"Content-Encoding": "gzip"})
    assert status == 202
    assert settled(served, accepted["id"])["phases"] == 2000
    assert PhaseRecord.objects.filter(launch=accepted["id"]).count() == 2000


def test_a_worker_rejects_with_a_sentence(served: Instance) -> None:
    status, accepted = served.send(snapshot(phase("a", parent="b"), phase("b", parent="a")))
    assert status == 202
    path = f"/artifacts/{accepted['artifact']}"
    wait_until(lambda: served.request("GET", path)[1]["state"] != "received", "the rejection")

    artifact = served.request("GET", path)[1]

    assert artifact["state"] == "rejected"
    assert artifact["error"]["where"] == "$.phases[0].parent"
    assert "circle" in artifact["error"]["message"]
    assert served.request("GET", f"/launches/{accepted['id']}")[1]["state"] == "received"


def test_the_same_again_and_something_else(served: Instance) -> None:
    document = sequence(10)
    status, first = served.send(document)
    settled(served, first["id"])

    zstd = zstandard.compress(encoded(document))
    assert status == 202
    assert served.send(zstd, **{"Content-Encoding": "zstd"}) == (200, first | {"state": "parsed"})
    assert served.send(sequence(20) | {"launch_id": first["id"]})[0] == 409
    assert Artifact.objects.count() == 1


def nothing_stored() -> bool:
    stored = not (Launch.objects.exists() or Artifact.objects.exists())
    return stored and not ArtifactContent.objects.filter(artifact_id__in=Artifact.objects.values("id")).exists()


def most_memory(served: Instance) -> int:
    """Bytes the web server's processes have held at most, together."""
    web = psutil.Process(served.running[0].pid)
    return sum(_peak(process.pid) for process in [web, *web.children(recursive=True)])


def _peak(pid: int) -> int:
    with Path(f"/proc/{pid}/status").open() as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def answer_to(connection: http.client.HTTPConnection) -> tuple[int, str]:
    response = connection.getresponse()
    return response.status, json.loads(response.read())["error"]["code"]


def begin(
    served: Instance, token: str, path: str = "/launches?service=a", **headers: str
) -> http.client.HTTPConnection:
    connection = served.connection()
    connection.putrequest("POST", f"/api/v1{path}")
    for name, value in {"Authorization": f"Bearer {token}", **headers}.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    return connection


def test_a_gigabyte_is_refused_by_its_declared_length(served: Instance) -> None:
    connection = begin(served, served.token, Content_Length=str(GIB))
    connection.send(b"[" + b" " * 1000)
    assert answer_to(connection) == (413, "body_too_large")
    assert nothing_stored()


def test_a_stranger_with_a_gigabyte_hears_of_the_token_first(served: Instance) -> None:
    assert answer_to(begin(served, "lsi_unknown", Content_Length=str(GIB))) == (401, "unknown_token")


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_gigabyte_is_not_read_to_its_end(served: Instance, declared: bool) -> None:
    before = most_memory(served)
    framing = {"Content_Length": str(GIB)} if declared else {"Transfer_Encoding": "chunked"}
    connection = begin(served, served.token, **framing)
    piece = b" " * MIB if declared else b"%x\r\n%s\r\n" % (MIB, b" " * MIB)
    sent = 0
    try:
        while sent < 1024:
            connection.send(piece)
            sent += 1
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        pass  # the server has seen enough

    assert sent < 200, "the server went on reading"
    assert most_memory(served) - before < 5 * CAP
    assert nothing_stored()
    assert served.request("GET", "/launches")[0] == 200


def test_a_chunked_upload_is_accepted(served: Instance) -> None:
    body = encoded([phase("a")])
    connection = begin(served, served.token, Transfer_Encoding="chunked")
    for place in range(0, len(body), 10):
        connection.send(b"%x\r\n%s\r\n" % (len(body[place : place + 10]), body[place : place + 10]))
    connection.send(b"0\r\n\r\n")
    assert connection.getresponse().status == 202
    artifact = Artifact.objects.get()
    assert artifact.size == len(body)
    settled(served, str(artifact.launch_id))


def test_a_chunked_upload_over_the_cap_is_refused(served: Instance) -> None:
    connection = begin(served, served.token, Transfer_Encoding="chunked")
    try:
        for _ in range(33):
            connection.send(b"%x\r\n%s\r\n" % (MIB, b" " * MIB))
        connection.send(b"0\r\n\r\n")
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert answer_to(connection) == (413, "body_too_large")
    assert nothing_stored()


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_an_upload_that_breaks_off_leaves_nothing(served: Instance, declared: bool) -> None:
    body = encoded([phase("a")])
    framing = {"Content_Length": str(len(body))} if declared else {"Transfer_Encoding": "chunked"}
    connection = begin(served, served.token, **framing)
    connection.send(body[:-5] if declared else b"%x\r\n%s" % (len(body), body[:-5]))
    connection.close()
    assert served.request("GET", "/launches")[0] == 200
    assert nothing_stored()


def test_a_file_without_an_end_of_its_own_needs_a_length(served: Instance) -> None:
    connection = begin(served, served.token, "/artifacts?kind=auto", Transfer_Encoding="chunked")
    connection.send(b"4\r\ntext\r\n0\r\n\r\n")
    assert answer_to(connection) == (411, "length_required")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_is_refused(served: Instance, encoding: str) -> None:
    piece = b" " * (16 * MIB)
    if encoding == "gzip":
        bomb = b"".join(gzip.compress(piece, 9) for _ in range(17))
    else:
        bomb = zstandard.compress(piece) * 64
    assert len(bomb) < MIB

    status, body = served.send(bomb, **{"Content-Encoding": encoding})

    assert (status, body["error"]["code"]) == (413, "body_too_large")
    assert most_memory(served) < 900 * MIB
    assert nothing_stored()


@pytest.mark.parametrize(
    "line",
    [
        b"GET /api/v1/launches?since=%00 HTTP/1.1",
        b"GET /api/v1/launches?service=%ff%fe HTTP/1.1",
        b"GET /api/v1/services/%ff/series HTTP/1.1",
        b"GET /api/v1/services/..%2f..%2fetc/series HTTP/1.1",
        b"GET /api/v1/launches/%00 HTTP/1.1",
        b"GET /api/v1/compare?baseline=&candidate= HTTP/1.1",
        b"DELETE /api/v1/launches HTTP/1.1",
    ],
    ids=lambda line: line.decode()[:50],
)
def test_odd_requests_never_break_it(served: Instance, line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as raw:
        token = issue("read").encode()
        raw.sendall(line + b"\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " + token + b"\r\n\r\n")
        response = http.client.HTTPResponse(raw)
        response.begin()
        body = response.read()
    assert response.status < 500
    assert response.status == 200 or b'"error"' in body
