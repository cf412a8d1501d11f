"""Launches go on to another endpoint: a real one on this machine, that takes, puts off or refuses."""

from __future__ import annotations

import gzip
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest
from django.utils import timezone

from diagnostics import forwarding, ingest
from diagnostics.models import Artifact, Forward, ForwardCount, Launch
from tests.data.snapshots import encoded, phase, snapshot

pytestmark = pytest.mark.django_db


class Endpoint(ThreadingHTTPServer):
    status = 200
    headers: dict[str, str]
    answer = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, Any, Any]] = []
        self.headers = {}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Endpoint)
        body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, self.headers, orjson.loads(body)))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        with suppress(ConnectionError):  # a sender that has read enough
            self.wfile.write(self.server.answer)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def endpoint(settings: Any) -> Iterator[Endpoint]:
    server = Endpoint()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.FORWARD_OTLP_ENDPOINT = f"http://127.0.0.1:{server.server_address[1]}"
    settings.FORWARD_OTLP_HEADERS = ["authorization=Bearer%20abc"]
    settings.OTLP_QUIET = 0.0
    yield server
    server.shutdown()
    server.server_close()


def launched(number: int = 0) -> Launch:
    accepted = ingest.accept(ingest.Upload(encoded(snapshot(phase(f"boot {number}")))))
    ingest.parse(accepted.artifact)
    assert accepted.launch
    return Launch.objects.get(pk=accepted.launch)


def due_now() -> None:
    Forward.objects.update(due_at="2026-01-01T00:00:00Z")
    ForwardCount.objects.update(next_at="2026-01-01T00:00:00Z")


def test_a_launch_goes_on_once(endpoint: Endpoint) -> None:
    launch = launched()
    forwarding.offer(launch.pk)
    forwarding.offer(launch.pk)
    assert forwarding.send_due() == 1
    assert forwarding.send_due() == 0
    [(path, headers, body)] = endpoint.requests
    assert (path, headers["Authorization"]) == ("/v1/traces", "Bearer abc")
    [span] = body["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert (span["traceId"], span["name"]) == (launch.pk.hex, "boot 0")
    state = forwarding.state()
    assert (state.waiting, state.sent, state.dropped, state.last_error) == (0, 1, 0, "")


def test_what_is_put_off_is_tried_again_later(endpoint: Endpoint) -> None:
    endpoint.status, endpoint.headers = 503, {"Retry-After": "100"}
    forwarding.offer(launched().pk)
    assert forwarding.send_due() == 0
    assert forwarding.send_due() == 0
    assert len(endpoint.requests) == 1
    assert "503" in forwarding.state().last_error
    endpoint.status = 200
    due_now()
    assert forwarding.send_due() == 1


def test_what_is_refused_is_dropped_and_counted(endpoint: Endpoint) -> None:
    endpoint.status = 400
    forwarding.offer(launched().pk)
    forwarding.send_due()
    state = forwarding.state()
    assert (state.waiting, state.dropped) == (0, 1)
    assert "400" in state.last_error


def test_it_is_given_up_after_many_attempts(endpoint: Endpoint) -> None:
    endpoint.status = 500
    forwarding.offer(launched().pk)
    for _ in range(forwarding.MOST_ATTEMPTS + 1):
        due_now()
        forwarding.send_due()
    assert len(endpoint.requests) == forwarding.MOST_ATTEMPTS
    assert forwarding.state().dropped == 1


def test_the_oldest_go_when_too_many_wait(endpoint: Endpoint, settings: Any) -> None:
    settings.FORWARD_MOST = 2
    launches = [launched(number) for number in range(3)]
    for n, launch in enumerate(launches):
        forwarding.offer(launch.pk)
        # A test's transaction has one time for all of them.
        Forward.objects.filter(pk=launch.pk).update(created_at=f"2026-01-0{n + 1}T00:00:00Z")
    forwarding.offer(launches[2].pk)
    assert set(Forward.objects.values_list("pk", flat=True)) == {launch.pk for launch in launches[1:]}
    assert forwarding.state().dropped == 1


def test_nobody_listens(endpoint: Endpoint, settings: Any) -> None:
    settings.FORWARD_OTLP_ENDPOINT = "http://127.0.0.1:9"
    forwarding.offer(launched().pk)
    assert forwarding.send_due() == 0
    assert forwarding.state().waiting == 1
    assert "ConnectError" in forwarding.state().last_error


def test_without_an_endpoint_nothing_waits() -> None:
    forwarding.offer(launched().pk)
    assert not Forward.objects.exists()


def test_an_endpoint_that_fails_rests_longer_each_time(endpoint: Endpoint) -> None:
    endpoint.status = 503
    for number in range(3):
        forwarding.offer(launched(number).pk)
    pauses = []
    for _ in range(3):
        due_now()
        forwarding.send_due()
        rests_until = forwarding.state().rests_until
        assert rests_until
        pauses.append(round((rests_until - timezone.now()).total_seconds()))
    assert (pauses, len(endpoint.requests)) == ([5, 10, 20], 3), "one launch asks whether it is back, not all of them"
    endpoint.status = 200
    due_now()
    assert forwarding.send_due() == 3
    assert forwarding.state().rests_until is None


def test_one_worker_sends_at_a_time(endpoint: Endpoint) -> None:
    forwarding.offer(launched().pk)
    due_now()
    ForwardCount.objects.update_or_create(pk=1, defaults={"next_at": timezone.now() + timedelta(seconds=30)})
    assert forwarding.send_due() == 0
    assert not endpoint.requests


def test_an_answer_without_end_is_not_waited_for(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "LONGEST_ANSWER", 1000)
    endpoint.answer = b"x" * 10_000_000
    forwarding.offer(launched().pk)
    assert forwarding.send_due() == 1


def test_what_was_forwarded_from_here_is_not_taken_back(endpoint: Endpoint) -> None:
    launch = launched()
    forwarding.offer(launch.pk)
    assert forwarding.send_due() == 1
    [(_, _, body)] = endpoint.requests
    accepted = ingest.accept_traces(orjson.dumps(body), is_json=True)
    assert accepted.artifact
    ingest.parse(accepted.artifact)
    artifact = Artifact.objects.get(pk=accepted.artifact)
    assert artifact.state == "rejected"
    assert artifact.error
    assert "came back" in artifact.error["message"]


def test_every_server_on_the_way_is_named(endpoint: Endpoint) -> None:
    forwarding.offer(launched().pk)
    forwarding.send_due()
    [(_, _, body)] = endpoint.requests
    Launch.objects.all().delete()
    ForwardCount.objects.update(instance=uuid.uuid4())  # the same spans, as another server takes them
    accepted = ingest.accept_traces(orjson.dumps(body), is_json=True)
    assert accepted.artifact
    ingest.parse(accepted.artifact)
    forwarding.offer(Launch.objects.get().pk)
    assert forwarding.send_due() == 1
    attributes = [each["resourceSpans"][0]["resource"]["attributes"] for _, _, each in endpoint.requests]
    told = [next(one["value"] for one in each if one["key"] == "launchscope.forwarded_by") for each in attributes]
    names = [[value["stringValue"] for value in one["arrayValue"]["values"]] for one in told]
    assert names[1] == [*names[0], str(ForwardCount.objects.get().instance)]
