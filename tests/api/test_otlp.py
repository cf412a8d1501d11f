"""``POST /v1/traces`` as the OTLP/HTTP specification has it."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from diagnostics import ingest
from diagnostics.models import Artifact, Launch, OtlpTrace, PhaseRecord
from tests.api.conftest import Caller, issue
from tests.data.snapshots import encoded, phase, snapshot
from tests.data.spans import TRACE, Told, json_form, protobuf

pytestmark = pytest.mark.django_db(transaction=True)
PROTOBUF, JSON = "application/x-protobuf", "application/json"
KEPT = {"gpu": 1.5, "ok": True, "n": [1]}
SPANS = (Told(1, "start", 0, 100), Told(2, "Load model", 10, 50, parent=1, attributes=KEPT))
Post = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def _no_worker_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests parse by hand; a real worker that another test has started would be quicker."""
    monkeypatch.setattr("diagnostics.tasks.enqueue_parse", lambda _artifact: None)


@pytest.fixture
def post() -> Post:
    token = issue("ingest")

    def send(body: bytes, media: str = PROTOBUF, **headers: str) -> HttpResponse:
        own = {"content-type": media, "authorization": f"Bearer {token}"}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        response: Any = Client(raise_request_exception=False).post("/v1/traces", body, media, headers=own)
        return response  # type: ignore[no-any-return]

    return send


def parse_all() -> None:
    for artifact in Artifact.objects.filter(state="received"):
        ingest.parse(artifact.pk)


def read(response: HttpResponse) -> Any:
    if response["Content-Type"] == JSON:
        return orjson.loads(response.content)
    return response.content


@pytest.mark.parametrize(("body", "media"), [(protobuf(*SPANS), PROTOBUF), (json_form(*SPANS), JSON)])
def test_both_encodings_make_the_same_launch(post: Post, body: bytes, media: str) -> None:
    answer = post(body, media)
    assert (answer.status_code, answer["Content-Type"], read(answer)) == (200, media, {} if media == JSON else b"")
    parse_all()
    told = PhaseRecord.objects.order_by("position").values_list(
        "series__path", "sender_id", "attributes", "duration_ns"
    )
    assert list(told) == [
        ("start", f"{1:016x}", None, 100_000_000),
        ("start/Load model", f"{2:016x}", KEPT, 50_000_000),
    ]
    assert Launch.objects.get().pk == uuid.UUID(TRACE)


def test_gzip_and_a_plain_header_with_the_token(post: Post) -> None:
    answer = post(
        gzip.compress(protobuf(*SPANS)), content_encoding="gzip", authorization="", x_launchscope_token=issue("ingest")
    )
    assert answer.status_code == 200
    assert Artifact.objects.count() == 1


def test_a_header_that_its_sender_left_encoded(post: Post) -> None:
    assert post(protobuf(*SPANS), authorization=f"Bearer%20{issue('ingest')}").status_code == 200


@pytest.mark.parametrize(("body", "media"), [(b"", PROTOBUF), (b"{}", JSON), (b'{"resourceSpans": []}', JSON)])
def test_an_empty_request_is_fine_and_leaves_nothing(post: Post, body: bytes, media: str) -> None:
    assert post(body, media).status_code == 200
    assert not Artifact.objects.exists()


@pytest.mark.parametrize(
    ("body", "media", "sentence"),
    [
        (b"\xff\xff", PROTOBUF, b"not an OTLP trace request"),
        (b"{", JSON, b"Not valid JSON"),
        (b"[]", JSON, b"an object with"),
        (b'{"resourceSpans": 1}', JSON, b"$.resourceSpans"),
        (b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xy"}]}]}]}', JSON, b"spans[0].traceId"),
        (b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"startTimeUnixNano": "x"}]}]}]}', JSON, b"startTimeUnixNano"),
    ],
)
def test_bad_data_is_told_at_once_with_its_place(post: Post, body: bytes, media: str, sentence: bytes) -> None:
    answer = post(body, media)
    assert (answer.status_code, answer["Content-Type"]) == (400, media)
    assert sentence in answer.content
    assert answer.content.startswith(b'{"code":3' if media == JSON else b"\x08\x03\x12")


def test_a_value_that_is_null_is_not_set(post: Post) -> None:
    told = orjson.loads(json_form(SPANS[0]))
    span = told["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span["attributes"] = [
        {"key": "a", "value": {"intValue": None}},
        {"key": "b", "value": {"intValue": None, "stringValue": "x"}},
    ]
    assert read(post(orjson.dumps(told), JSON)) == {}
    parse_all()
    ingest.settle(uuid.UUID(TRACE))
    assert PhaseRecord.objects.get().attributes == {"a": None, "b": "x"}


def test_spans_that_cannot_be_kept_are_a_partial_success(post: Post) -> None:
    bad = Told(0, "no id"), Told(3, "backwards", 10, -5), Told(4, "unset", trace="0" * 32)
    answer = ExportTraceServiceResponse.FromString(post(protobuf(*SPANS, *bad)).content)
    assert answer.partial_success.rejected_spans == 3
    assert "no id" in answer.partial_success.error_message
    assert read(post(json_form(*bad), JSON))["partialSuccess"]["rejectedSpans"] == "3"
    parse_all()
    assert [artifact.lines for artifact in Artifact.objects.all()] == [{"total": 5, "read": 2, "skipped": 3}]


def test_a_bound_token_sends_for_its_services(post: Post) -> None:
    token = issue("ingest", "other")
    answer = read(post(json_form(*SPANS), JSON, authorization=f"Bearer {token}"))
    assert answer["partialSuccess"]["rejectedSpans"] == "2"
    assert "glm" in answer["partialSuccess"]["errorMessage"]
    assert not Artifact.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [({"authorization": ""}, 401, 16), ({"authorization": "Bearer lsi_unknown"}, 401, 16)],
)
def test_who_may_not(post: Post, headers: dict[str, str], status: int, code: int) -> None:
    answer = post(json_form(*SPANS), JSON, **headers)
    assert (answer.status_code, read(answer)["code"]) == (status, code)
    assert post(json_form(*SPANS), JSON, authorization=f"Bearer {issue('read')}").status_code == 403


def test_another_type_or_method(post: Post) -> None:
    assert post(b"x", "text/plain").status_code == 415
    answer = Client().get("/v1/traces")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_too_much_also_after_decompression(post: Post, settings: Any) -> None:
    settings.OTLP_MAX_BYTES = 1000
    assert post(bytes(1001)).status_code == 413
    packed = gzip.compress(bytes(1_000_000))
    answer = post(packed[:1000] if len(packed) <= 1000 else gzip.compress(bytes(100_000)), content_encoding="gzip")
    assert (answer.status_code, answer.content[:2]) == (413, b"\x08\x08")


def test_a_long_queue_sends_senders_away_for_a_while(post: Post, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(ingest.traces, "backlog", ingest.traces.Backlog())
    monkeypatch.setattr(ingest.traces, "LOOK_AGAIN", -1.0)
    settings.OTLP_MOST_WAITING = 1
    answers = [post(protobuf(Told(n + 1))) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "5"


def test_bytes_of_an_upload_that_was_deleted_may_come_again(post: Post) -> None:
    post(protobuf(*SPANS))
    Artifact.objects.all().delete()
    assert post(protobuf(*SPANS)).status_code == 200
    parse_all()
    assert PhaseRecord.objects.count() == 2


def test_a_mistake_of_ours_is_a_status_too(post: Post, monkeypatch: Any) -> None:
    monkeypatch.delattr(ingest, "accept_traces")
    answer = post(protobuf(*SPANS))
    assert (answer.status_code, answer.content[:2]) == (500, b"\x08\x0d")


def test_a_database_that_does_not_answer(post: Post, monkeypatch: Any) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(ingest, "accept_traces", broken)
    answer = post(protobuf(*SPANS))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_request_is_found_by_what_its_spans_carry(post: Post) -> None:
    about = {"gen_ai.request.id": "req-7"}
    served = Told(1, "POST /v1/chat", 0, 40, kind=2, attributes={"http.route": "/v1/chat"})
    post(protobuf(served, Told(2, "llm_request", 5, 30, parent=1, kind=2, attributes=about)))
    parse_all()
    caller = Caller(issue("read"))
    for request_id in ("req-7", TRACE, str(uuid.UUID(TRACE))):
        status, page = caller.get("/traces", request_id=request_id)
        assert status == 200
        [trace] = page["items"]
        assert (trace["id"], trace["name"], trace["total_ns"]) == (str(uuid.UUID(TRACE)), "POST /v1/chat", 40_000_000)
        assert [(span["phase"], span["parent"]) for span in trace["spans"]] == [
            ("POST /v1/chat", None),
            ("llm_request", f"{1:016x}"),
        ]
    assert caller.get("/traces", request_id="req-8")[1]["items"] == []
    assert Caller(issue("read", "other")).get("/traces", request_id="req-7")[1]["items"] == []
    assert not Launch.objects.exists()
    assert OtlpTrace.objects.get().rule == "HTTP"


def test_what_a_request_told_can_be_looked_at(post: Post) -> None:
    post(protobuf(*SPANS, Told(5, "GET", kind=2, trace="0" * 31 + "1", links=[])))
    parse_all()
    artifact = Artifact.objects.get()
    caller = Caller(issue("read"))
    first = caller.get(f"/artifacts/{artifact.pk}/records", limit=2)[1]
    rest = caller.get(f"/artifacts/{artifact.pk}/records", limit=2, cursor=first["next"])[1]
    told = [(one["phase"], one["parent"]) for one in first["items"] + rest["items"]]
    assert sorted(told, key=str) == sorted([("GET", None), ("start", None), ("Load model", f"{1:016x}")], key=str)
    assert rest["next"] is None
    assert caller.get(f"/artifacts/{artifact.pk}")[1]["counts"]["phases"] == 3


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_of_spans_is_an_artifact_too(pack: Callable[[bytes], bytes]) -> None:
    body = pack(json_form(SPANS[0]) + b"\n" + json_form(SPANS[1]) + b"\n")
    headers = {"Authorization": f"Bearer {issue('ingest')}"}
    answer = Client(headers=headers).post("/api/v1/artifacts?kind=auto", body, content_type="application/octet-stream")
    assert (answer.status_code, answer.json()["kind"]) == (202, "otlp")
    parse_all()
    assert Launch.objects.get().phase_count == 2


def test_a_file_without_spans_says_so() -> None:
    headers = {"Authorization": f"Bearer {issue('ingest')}"}
    body = b'{"resourceLogs": []}'
    Client(headers=headers).post("/api/v1/artifacts?kind=auto", body, content_type="application/octet-stream")
    parse_all()
    error = Artifact.objects.get().error
    assert error
    assert error["message"] == "This file holds no spans"


def test_a_bound_token_sends_files_for_its_services() -> None:
    headers = {"Authorization": f"Bearer {issue('ingest', 'other')}"}
    path = "/api/v1/artifacts?kind=otlp&service=other"
    assert (
        Client(headers=headers).post(path, protobuf(*SPANS), content_type="application/x-protobuf").status_code == 202
    )
    parse_all()
    assert Artifact.objects.get().state == "rejected"
    assert not Launch.objects.exists()


def test_an_exported_launch_comes_back_as_it_was(post: Post) -> None:
    around = phase("boot", 0, 100, id="p1", lane="TP0", parent=None)
    within = phase("load", 10, 50, id="p2", lane="TP1", parent="p1", attributes={"bytes": 5})
    after = phase("warm", 70, 20, id="p3", parent=None, depends_on=["p2"], status="failed")
    about: dict[str, Any] = {
        "labels": {"gpu": "H100"},
        "config": {"A": {"expected": "1", "actual": "2"}},
        "version": "1.2",
    }
    host = {"name": "gpu-07", "boot_id": str(uuid.uuid4())}
    document = snapshot(around, within, after, host=host, **about)
    ingest.parse(ingest.accept(ingest.Upload(encoded(document))).artifact)
    launch = Launch.objects.get()
    export = f"/api/v1/launches/{launch.pk}/export?format=otlp"
    client = Client(headers={"Authorization": f"Bearer {issue('read')}"})
    before = client.get(export).content
    launch.delete()
    assert post(before, JSON).status_code == 200
    parse_all()
    assert orjson.loads(client.get(export).content) == orjson.loads(before)


def test_an_export_sent_to_where_it_came_from_changes_nothing(post: Post) -> None:
    ingest.parse(ingest.accept(ingest.Upload(encoded(snapshot(phase("boot", 0, 100))))).artifact)
    launch = Launch.objects.get()
    client = Client(headers={"Authorization": f"Bearer {issue('read')}"})
    export = client.get(f"/api/v1/launches/{launch.pk}/export?format=otlp").content
    post(export, JSON)
    parse_all()
    assert Launch.objects.get().phase_count == 1
