"""POST /api/v1/launches: what is accepted, what is refused, and that a refusal changes nothing."""

from __future__ import annotations

import gzip
import uuid
from typing import Any

import pytest
import zstandard

from diagnostics.models import ApiToken, Artifact, ArtifactContent, Host, Launch, PhaseRecord, Series, Service
from tests.api.conftest import Caller, issue, work
from tests.data.snapshots import Document, encoded, phase, snapshot

pytestmark = pytest.mark.django_db
ID = "5f0c8a52-6a0e-4a7e-9c1c-0d4f6a1b2c3d"
GOOD = encoded(snapshot(phase("a"), launch_id=ID))


def counts() -> dict[str, int]:
    models = (Service, Host, Launch, Series, Artifact, ArtifactContent, PhaseRecord, ApiToken)
    return {model.__name__: model.objects.count() for model in models}


def refused(answer: tuple[int, Any], status: int, code: str, where: str) -> None:
    got, body = answer
    assert body.keys() == {"error"}, body
    error = body["error"]
    assert error.keys() == {"code", "message", "where"}
    assert (got, error["code"], error["where"]) == (status, code, where), error
    assert len(error["message"]) > 10


def gz(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)  # the same in every process, as the names of these tests must be


def zstd(content: bytes) -> bytes:
    return zstandard.compress(content)


def test_accepted(sender: Caller, reader: Caller) -> None:
    response = sender.client.post("/api/v1/launches", GOOD, content_type="application/json")

    body = response.json()
    assert response.status_code == 202
    assert body == {
        "id": ID,
        "artifact": str(Artifact.objects.get().id),
        "state": "received",
        "url": f"/launches/{ID}/",
    }
    assert response["Location"] == f"/api/v1/launches/{ID}"
    assert sender.client.get(f"/api/v1/artifacts/{body['artifact']}").json()["state"] == "received"
    assert reader.get(f"/launches/{ID}")[1]["state"] == "received"


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gz),
        ("GZIP", gz),
        ("x-gzip", gz),
        ("zstd", zstd),
        ("identity", bytes),
        ("", bytes),
        ("gzip", lambda content: gz(content[:9]) + gz(content[9:])),
        ("zstd", lambda content: zstd(content[:9]) + zstd(content[9:])),
        ("zstd", lambda content: zstandard.ZstdCompressor(write_content_size=False).compress(content)),
    ],
)
def test_compressed_bodies(sender: Caller, encoding: str, compress: Any) -> None:
    status, _ = sender.post(compress(GOOD), **{"Content-Encoding": encoding})

    assert status == 202
    assert sender.client.get(f"/api/v1/artifacts/{Artifact.objects.get().id}/raw").content == GOOD


def test_the_same_bytes_again_are_the_same_launch_however_compressed(sender: Caller) -> None:
    status, first = sender.post(GOOD)
    assert status == 202
    assert sender.post(gz(GOOD), **{"Content-Encoding": "gzip"}) == (200, first)
    work(first["artifact"])
    assert sender.post(zstd(GOOD), **{"Content-Encoding": "zstd"}) == (200, first | {"state": "parsed"})
    assert Artifact.objects.count() == 1


def test_a_conflict(sender: Caller) -> None:
    sender.post(GOOD)
    before = counts()
    refused(sender.post(snapshot(phase("b"), launch_id=ID)), 409, "conflict", "launch_id")
    refused(sender.post(snapshot(phase("a"), launch_id=ID, service="b")), 409, "conflict", "launch_id")
    assert counts() == before


def test_a_derived_id_is_stable(sender: Caller) -> None:
    _, first = sender.post([phase("a")], "?service=a&environment=prod")
    assert sender.post([phase("a")], "?service=a&environment=prod") == (200, first)
    assert sender.post([phase("a")], "?service=a")[1]["id"] != first["id"]
    assert uuid.UUID(first["id"]).version == 5


def test_the_query_says_what_the_file_does_not(sender: Caller, reader: Caller) -> None:
    query = f"?service=a%20b&environment=prod&version=1.0&host=gpu-07&launch_id={ID}"
    _, accepted = sender.post([phase("a")], query)
    work(accepted["artifact"])

    launch = reader.get(f"/launches/{ID}")[1]
    told = {key: launch[key] for key in ("service", "environment", "version", "host")}
    assert told == {"service": "a b", "environment": "prod", "version": "1.0", "host": "gpu-07"}


BOMB = b"[" + b" " * 50_000_000 + b"]"


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code", "where"),
    [
        (b"", "", 400, "invalid_json", "body"),
        (b"not json", "", 400, "invalid_json", "body"),
        (b" \n", "", 400, "invalid_json", "body"),
        (b'{"service": " ", "phases": []}', "", 400, "missing_service", "service"),
        (b"[{", "", 400, "invalid_json", "body"),
        (b'{"service": "a", "phases": [NaN]}', "", 400, "invalid_json", "body"),
        (b'{"service": "\xff\xfe", "phases": []}', "", 400, "invalid_json", "body"),
        (b"[" * 200_000, "", 400, "invalid_json", "body"),
        (b'{"a":' * 200_000, "", 400, "invalid_json", "body"),
        (b"null", "", 400, "invalid_snapshot", "$"),
        (b'{"service": 1, "phases": []}', "", 400, "invalid_snapshot", "$.service"),
        (b'{"phases": []}', "", 400, "missing_service", "service"),
        (b"[]", "", 400, "missing_service", "service"),
        (b'{"service": "a\\u0000", "phases": []}', "", 400, "invalid_service", "service"),
        (b'{"service": "a", "environment": "\\u0000", "phases": []}', "", 400, "invalid_environment", "environment"),
        (b'{"service": "a", "launch_id": "7", "phases": []}', "", 400, "invalid_launch_id", "launch_id"),
        (GOOD, "gzip", 400, "invalid_gzip", "body"),
        (gz(GOOD)[:-9], "gzip", 400, "invalid_gzip", "body"),
        (gz(GOOD)[:5], "gzip", 400, "invalid_gzip", "body"),
        (gz(GOOD)[:-8] + bytes(8), "gzip", 400, "invalid_gzip", "body"),
        (gz(GOOD) + b"more", "gzip", 400, "invalid_gzip", "body"),
        (GOOD, "zstd", 400, "invalid_zstd", "body"),
        (b"", "zstd", 400, "invalid_zstd", "body"),
        (zstd(GOOD)[:-3], "zstd", 400, "invalid_zstd", "body"),
        (zstd(GOOD)[:6], "zstd", 400, "invalid_zstd", "body"),
        (zstd(GOOD) + b"more", "zstd", 400, "invalid_zstd", "body"),
        (GOOD, "br", 415, "unsupported_encoding", "Content-Encoding"),
        (gz(GOOD), "gzip, gzip", 415, "unsupported_encoding", "Content-Encoding"),
        (gz(BOMB), "gzip", 413, "body_too_large", "body"),
        (zstd(BOMB), "zstd", 413, "body_too_large", "body"),
        (BOMB[:4_000_000], "", 413, "body_too_large", "body"),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_bodies_that_are_refused(
    sender: Caller, settings: Any, body: bytes, encoding: str, status: int, code: str, where: str
) -> None:
    settings.MAX_BODY_BYTES, settings.MAX_DECOMPRESSED_BYTES = 3_000_000, 10_000_000
    before = counts()
    refused(sender.post(body, **{"Content-Encoding": encoding}), status, code, where)
    assert counts() == before


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The body is empty; send a snapshot as JSON"),
        (b'{"service": "\xff"}', "Not valid JSON: byte 0xff in a text is not UTF-8"),
        (b"[" * 200_000, "Not valid JSON: it is nested too deeply"),
        (b'{"service": 5}', "This must be text or null, but it is an integer"),
    ],
    ids=["empty", "not UTF-8", "deep", "a number"],
)
def test_a_refusal_is_worded_for_people(sender: Caller, body: bytes, sentence: str) -> None:
    assert sender.post(body)[1]["error"]["message"] == sentence


def test_a_body_as_large_as_the_cap(sender: Caller, settings: Any) -> None:
    settings.MAX_BODY_BYTES = settings.MAX_DECOMPRESSED_BYTES = len(GOOD)
    assert sender.post(GOOD)[0] == 202
    settings.MAX_DECOMPRESSED_BYTES = len(GOOD) - 1
    refused(sender.post(gz(GOOD), **{"Content-Encoding": "gzip"}), 413, "body_too_large", "body")


@pytest.mark.parametrize(
    ("document", "code", "where"),
    [
        (b'{"service": "a", "service": "b", "phases": []}', "invalid_json", "line 1, column 28"),
        (b'{"service": "a", "labels": {"x": "\xff"}, "phases": []}', "invalid_json", "line 1, column 35"),
        (
            b'{"service": "a", "x": ' + b"[" * 300 + b"]" * 300 + b', "phases": []}',
            "invalid_json",
            "line 1, column 223",
        ),
        ({"phases": 7}, "invalid_snapshot", "$.phases"),
        ({"phases": [7]}, "invalid_snapshot", "$.phases[0]"),
        ({"phases": [{"phase": "a"}]}, "invalid_snapshot", "$.phases[0]"),
        ({}, "invalid_snapshot", "$"),
        ({"phases": []}, "invalid_artifact", "$.phases"),
        ({"phases": [phase("a") | {"duration_ns": -1}]}, "invalid_snapshot", "$.phases[0].duration_ns"),
        ({"phases": [phase("a") | {"duration_ns": 2**63}]}, "invalid_snapshot", "$.phases[0].duration_ns"),
        (
            {"phases": [phase("a") | {"duration_ns": 2**62, "start_time": 2**63 - 1}]},
            "implausible_time",
            "$.phases[0].start_time",
        ),
        ({"phases": [phase("a") | {"start_time": -1}]}, "implausible_time", "$.phases[0].start_time"),
        ({"phases": [phase("a") | {"start_time": "yesterday"}]}, "invalid_artifact", "$.phases[0].start_time"),
        ({"phases": [phase("a")], "host": {"name": "h", "boot_time": 10**30}}, "implausible_time", "$.host.boot_time"),
        ({"phases": [phase("\0")]}, "invalid_text", "$.phases[0].phase"),
        ({"phases": [phase("a", parent="a")]}, "invalid_artifact", "$.phases[0].parent"),
        (
            {"phases": [phase("a", depends_on=["b"]), phase("b", depends_on=["a"])]},
            "invalid_artifact",
            "$.phases[0].depends_on",
        ),
        ({"phases": [phase("a", depends_on=["c"])]}, "unknown_id", "$.phases[0].depends_on"),
        (b'{"service": "a", "phases": [], "config": {"x": {"actual": 1e999}}}', "invalid_number", "$.config.x.actual"),
    ],
    ids=lambda value: None if isinstance(value, str) else "",
)
def test_snapshots_that_a_worker_rejects(sender: Caller, document: Document | bytes, code: str, where: str) -> None:
    body = document if isinstance(document, bytes) else encoded({"service": "a", **document})
    status, accepted = sender.post(body)
    assert status == 202, accepted
    before = counts()

    work(accepted["artifact"])

    artifact = sender.get(f"/artifacts/{accepted['artifact']}")[1]
    assert artifact["state"] == "rejected"
    assert (artifact["error"]["code"], artifact["error"]["where"]) == (code, where), artifact["error"]
    assert len(artifact["error"]["message"]) > 10
    assert counts() == before
    assert sender.get(f"/artifacts/{accepted['artifact']}/records")[1] == {"items": [], "next": None}


def test_who_may_send(reader: Caller) -> None:
    revoked, clear = ApiToken.objects.issue(name="old", scope="ingest")
    ApiToken.objects.filter(pk=revoked.pk).update(revoked_at="2026-01-01T00:00:00Z")
    bound, admin = Caller(issue("ingest", "mine", "other")), Caller(issue("admin"))
    before = counts()

    refused(Caller().post(GOOD), 401, "unauthorized", "Authorization")
    refused(Caller("").post(GOOD), 401, "unauthorized", "Authorization")
    refused(Caller("lsi_nobody's").post(GOOD), 401, "unknown_token", "Authorization")
    refused(Caller("lsi_\xff\x80").post(GOOD), 401, "unknown_token", "Authorization")
    refused(Caller(clear).post(GOOD), 401, "revoked_token", "Authorization")
    refused(reader.post(GOOD), 403, "wrong_scope", "Authorization")
    refused(bound.post(GOOD), 403, "service_not_allowed", "service")
    assert counts() == before

    assert bound.post(snapshot(phase("a"), service="mine"))[0] == 202
    assert admin.post(GOOD)[0] == 202


def test_a_browser_session_reads_but_does_not_send(admin_client: Any) -> None:
    assert admin_client.get("/api/v1/launches").status_code == 200
    response = admin_client.post("/api/v1/launches", GOOD, content_type="application/json")
    refused((response.status_code, response.json()), 401, "unauthorized", "Authorization")


@pytest.mark.parametrize("name", ["service", "environment", "version", "host", "launch_id"])
@pytest.mark.parametrize("value", ["%00", "a%00b", "x" * 501])
def test_query_parameters_that_cannot_be(sender: Caller, name: str, value: str) -> None:
    before = counts()
    refused(sender.post([phase("a")], f"?{name}={value}"), 422, "invalid_parameter", name)
    assert counts() == before


def test_accepting_asks_the_database_little(sender: Caller, django_assert_max_num_queries: Any) -> None:
    sender.post(snapshot(phase("a")))
    with django_assert_max_num_queries(8):
        assert sender.post(snapshot(phase("b")))[0] == 202
