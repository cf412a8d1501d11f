"""Launches out of spans: many requests, in any order, more than once; and requests, which are kept apart."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import pytest
from pytest_django import Settings

from diagnostics import ingest, tasks
from diagnostics.models import Artifact, EventRecord, Launch, OtlpTrace, PhaseRecord
from tests.data.snapshots import encoded, phase, snapshot
from tests.data.spans import TRACE, Told, protobuf
from tests.ingest.sending import send_file

pytestmark = pytest.mark.django_db
LAUNCH = uuid.UUID(TRACE)


@pytest.fixture(autouse=True)
def quiet_at_once(settings: Settings) -> None:
    settings.OTLP_QUIET = 0.0


def send(*spans: Told, **resource: Any) -> uuid.UUID:
    accepted = ingest.accept_traces(protobuf(*spans, **resource), is_json=False)
    assert accepted.artifact
    assert ingest.parse(accepted.artifact) is None
    assert Artifact.objects.get(pk=accepted.artifact).error is None
    return accepted.artifact


def settle(trace: uuid.UUID = LAUNCH) -> uuid.UUID | None:
    # now() stands still within a test's transaction; the spans came before it.
    OtlpTrace.objects.update(touched_at="2026-01-01T00:00:00Z")
    return ingest.settle(trace)


def rows() -> list[tuple[str, str | None, bool]]:
    phases = list(PhaseRecord.objects.filter(launch=LAUNCH).select_related("series").order_by("position"))
    names = {row.position: row.series.name for row in phases}
    return [(row.series.path, None if row.parent is None else names[row.parent], row.failed) for row in phases]


ROOT = Told(1, "start", 0, 100)
LOAD = Told(2, "Load model", 10, 50, parent=1, attributes={"bytes": 5, "shards": ["a", "b"]})
WARM = Told(3, "warm up", 60, 30, parent=2, links=[2], failed=True)


def test_a_trace_is_a_launch_with_what_its_resource_says() -> None:
    send(
        ROOT,
        LOAD,
        WARM,
        service__version="1.2",
        deployment__environment__name="prod",
        host__name="pod-1",
        k8s__node__name="n7",
    )
    launch = Launch.objects.select_related("service", "host").get()
    assert (launch.pk, launch.service.name, launch.service.environment, launch.version) == (
        LAUNCH,
        "glm",
        "prod",
        "1.2",
    )
    assert launch.host
    assert (launch.host.name, launch.labels["node"], launch.labels["k8s.node.name"]) == ("pod-1", "n7", "n7")
    assert rows() == [
        ("start", None, False),
        ("start/Load model", "start", False),
        ("start/Load model/warm up", "Load model", True),
    ]
    stored = PhaseRecord.objects.get(launch=LAUNCH, position=1)
    assert (stored.sender_id, stored.attributes) == (LOAD.hex, {"bytes": 5, "shards": ["a", "b"]})
    assert PhaseRecord.objects.get(launch=LAUNCH, position=2).depends_on == [1]
    assert settle() == LAUNCH
    assert settle() is None


@pytest.mark.parametrize("order", list(itertools.permutations([0, 1, 2])))
def test_any_order_ends_in_the_same_rows(order: tuple[int, ...]) -> None:
    parts = [[ROOT], [LOAD], [LOAD, WARM]]
    for n in order:
        send(*parts[n])
    assert settle() == LAUNCH
    assert rows() == [
        ("start", None, False),
        ("start/Load model", "start", False),
        ("start/Load model/warm up", "Load model", True),
    ]


def test_the_same_bytes_again_change_nothing() -> None:
    send(ROOT)
    again = ingest.accept_traces(protobuf(ROOT), is_json=False)
    assert again.artifact is None
    assert Artifact.objects.count() == 1


def test_a_span_told_again_counts_as_it_was_told_last() -> None:
    first = send(ROOT, Told(2, "Load model", 10, 20, parent=1, events=["begun"]))
    second = send(Told(2, "Load model", 10, 60, parent=1, events=["begun", "done"]))
    settle()
    assert [row.duration_ns for row in PhaseRecord.objects.filter(launch=LAUNCH).order_by("position")] == [
        100_000_000,
        60_000_000,
    ]
    assert {row.artifact_id for row in PhaseRecord.objects.filter(launch=LAUNCH)} == {first, second}
    assert list(EventRecord.objects.values_list("artifact_id", "text").order_by("position")) == [
        (second, "begun"),
        (second, "done"),
    ]


def test_what_comes_after_it_was_judged_has_it_judged_again() -> None:
    send(ROOT)
    assert settle() == LAUNCH
    tasks.judge_launch(str(LAUNCH))
    send(LOAD)
    assert settle() == LAUNCH
    assert Launch.objects.get().state == "parsed"
    assert len(rows()) == 2


def test_until_its_root_has_come_only_a_rule_says_that_it_is_a_launch() -> None:
    send(Told(7, "fetch", 5, 1, parent=99))
    assert not Launch.objects.exists()
    send(Told(8, "Load model", 5, 1, parent=99))
    assert len(rows()) == 2


def test_a_request_is_kept_apart_and_found_by_its_id() -> None:
    send(Told(7, "work", 5, 1, parent=1, kind=2, attributes={"gen_ai.request.id": "req-1"}))
    settle()
    assert not Launch.objects.exists()
    assert [one.pk for one in OtlpTrace.objects.requests_with("req-1")] == [LAUNCH]
    assert [one.pk for one in OtlpTrace.objects.requests_with(TRACE)] == [LAUNCH]


def test_a_root_that_shows_a_request_takes_the_launch_back() -> None:
    send(Told(7, "query", 5, 1, parent=1))
    assert settle() == LAUNCH
    send(Told(1, "GET /", 0, 9, kind=2, attributes={"http.request.method": "GET"}))
    assert settle() is None
    assert not Launch.objects.exists()
    assert Artifact.objects.count() == 2


def test_spans_and_a_snapshot_of_one_launch() -> None:
    send(Told(7, "Load model", 5, 1, parent=1), service__name="vllm")
    upload = ingest.Upload(encoded(snapshot(phase("boot"), launch_id=str(LAUNCH), service="open-autoglm")))
    ingest.parse(ingest.accept(upload).artifact)
    settle()
    launch = Launch.objects.select_related("service").get()
    assert launch.service.name == "open-autoglm"
    assert {path for path, _, _ in rows()} == {"boot", "Load model"}


def test_processes_have_lanes_and_other_services_too() -> None:
    send(ROOT, vllm__process_name="VLLM::APIServer")
    send(Told(2, "EngineCoreProc init", 10, 50, parent=1), vllm__process_name="VLLM::EngineCore_DP0")
    send(Told(3, "fetch", 20, 10, parent=2), service__name="store")
    settle()
    assert [path for path, _, _ in rows()] == [
        "start@APIServer",
        "start@APIServer/EngineCoreProc init@EngineCore_DP0",
        "start@APIServer/EngineCoreProc init@EngineCore_DP0/fetch@store",
    ]


def test_a_token_sends_for_its_services_only() -> None:
    bound = ingest.accept_traces(protobuf(ROOT), False, ("other",))
    assert (bound.artifact, bound.rejected) == (None, 1)
    assert "glm" in bound.reason


def test_circles_of_parents_and_of_links_are_opened() -> None:
    send(
        Told(1, "Load model", 0, 10, parent=2, links=[2]),
        Told(2, "b", 1, 5, parent=1, links=[1]),
        Told(3, "c", parent=3),
    )
    settle()
    assert len(rows()) == 3


def test_several_traces_in_one_request() -> None:
    other = "0" * 31 + "1"
    artifact = send(ROOT, Told(1, "GET", kind=2, attributes={"http.route": "/"}, trace=other))
    settle()
    settle(uuid.UUID(other))
    assert Launch.objects.get().pk == LAUNCH
    assert Artifact.objects.get(pk=artifact).launch_id is None


def test_read_again_a_request_changes_nothing() -> None:
    artifact = send(ROOT, LOAD, Told(4, "d", 1, 2, parent=1, events=["x"]))
    settle()
    before = rows()
    ingest.reparse(artifact)
    ingest.parse(artifact)
    settle()
    assert rows() == before
    assert EventRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"resourceLogs": [{"scopeLogs": []}]}\n{"resourceLogs": []}\n', "This file holds no spans"),
        (protobuf(Told(3, "backwards", 10, -5)), "ends before it starts"),
    ],
    ids=["logs", "backwards"],
)
def test_a_file_without_spans_is_told_so(content: bytes, sentence: str) -> None:
    artifact = send_file(content, "otlp")
    assert artifact.state == Artifact.State.REJECTED
    assert artifact.error
    assert artifact.error["code"] == "no_spans"
    assert sentence in artifact.error["message"]
