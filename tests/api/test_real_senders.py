"""Spans of the real OpenTelemetry SDK, of several processes, to a real server whose worker is killed meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from diagnostics import ingest
from diagnostics.agent.request_trace import find
from diagnostics.agent.server import Server
from diagnostics.models import Artifact, EventRecord, Launch, OtlpTrace, PhaseRecord
from tests.api import instrumented
from tests.conftest import wait_until
from tests.data.spans import Told, protobuf
from tests.durability.instance import Instance, instance, kill

PROGRAM = [sys.executable, str(Path(instrumented.__file__)), "APIServer"]
AGENT = "from diagnostics.agent.cli.autoglm_debug import main; raise SystemExit(main())"
PATHS = {
    "start@APIServer",
    "start@APIServer/wait for workers",
    *(
        f"start@APIServer/{name} init@{name}{step}"
        for name in instrumented.WORKERS
        for step in ("", "/Init device", "/Load model")
    ),
}


def paths(launch: Launch) -> set[str]:
    return set(PhaseRecord.objects.filter(launch=launch).values_list("series__path", flat=True))


def settled(settings: Any) -> Launch:
    wait_until(lambda: not Artifact.objects.filter(state="received").exists(), "all requests to be read")
    settings.OTLP_QUIET = 0.0
    trace = OtlpTrace.objects.get()
    ingest.settle(trace.pk)
    return Launch.objects.select_related("service").get(pk=trace.pk)


def test_processes_send_by_themselves(served: Instance, settings: Any) -> None:
    # Nothing but these three is set: what the documentation promises.
    own = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{served.port}",
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{served.token}",
        "OTEL_SERVICE_NAME": "vllm",
    }
    done = subprocess.run(PROGRAM, env={**os.environ, **own}, capture_output=True, text=True, check=True)
    assert "Failed to export" not in done.stderr
    launch = settled(settings)
    assert (launch.service.name, launch.labels["vllm.process_name"]) == ("vllm", "VLLM::APIServer")
    assert paths(launch) == PATHS
    assert Artifact.objects.count() > len(instrumented.WORKERS)
    loading = PhaseRecord.objects.filter(launch=launch, series__name="Load model")
    assert [(row.attributes, len(row.depends_on or ())) for row in loading] == [({"bytes": 14_000_000_000}, 1)] * 3
    assert EventRecord.objects.filter(text="shard loaded", fields__shard=1).count() == 3


@pytest.mark.usefixtures("queue_is_empty")
def test_the_worker_is_killed_meanwhile(process_environment: dict[str, str], settings: Any) -> None:
    from tests.api.conftest import issue

    with instance(process_environment) as running:
        running.token = issue("admin")
        running.start_web()
        worker = running.start_worker()
        own = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{running.port}",
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-launchscope-token={running.token}",
        }
        program = subprocess.Popen(PROGRAM, env={**os.environ, **own}, stdout=subprocess.DEVNULL)
        wait_until(Artifact.objects.exists, "the first spans")
        kill(worker)
        assert program.wait() == 0
        running.start_worker()
        # What the sweep does for messages that died with the worker.
        for artifact in Artifact.objects.filter(state="received"):
            ingest.parse(artifact.pk)
        launch = settled(settings)
    assert paths(launch) == PATHS
    assert launch.phase_count == len(PATHS)


def test_the_agent_chooses_the_trace(served: Instance, settings: Any, tmp_path: Path, repository: Path) -> None:
    own = {
        "LAUNCHSCOPE_URL": f"http://127.0.0.1:{served.port}",
        "LAUNCHSCOPE_TOKEN": served.token,
        "LAUNCHSCOPE_SPOOL": str(tmp_path / "spool"),
        "PYTHONPATH": str(repository),
    }
    options = ["--service", "glm", "--environment", "prod", "--version", "1.4", "--ready-line", "application ready"]
    command = [sys.executable, "-c", AGENT, "dump-launch-sequence", *options, "--upload", "--", *PROGRAM]
    known = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "TRACEPARENT"))}
    subprocess.run(command, cwd=tmp_path, env={**known, **own}, capture_output=True, check=True)
    told = json.loads((tmp_path / "launch_snapshot.json").read_text())
    wait_until(Artifact.objects.filter(kind="snapshot", state="parsed").exists, "the snapshot to be read")
    launch = settled(settings)
    assert str(launch.pk) == told["launch_id"]
    assert (launch.service.name, launch.service.environment, launch.version) == ("glm", "prod", "1.4")
    assert paths(launch) >= PATHS
    assert {"process_start", "ready_line"} <= launch.milestones.keys()


def test_diagnose_finds_a_request(served: Instance) -> None:
    route = Told(1, "POST /v1/chat", 0, 40, kind=2, attributes={"http.route": "/v1/chat"})
    model = Told(2, "llm_request", 5, 30, parent=1, kind=2, attributes={"gen_ai.request.id": "req-9"})
    headers = {"Authorization": f"Bearer {served.token}", "Content-Type": "application/x-protobuf"}
    connection = served.connection()
    connection.request("POST", "/v1/traces", protobuf(route, model), headers)
    assert connection.getresponse().status == 200
    connection.close()
    wait_until(OtlpTrace.objects.filter(verdict="request").exists, "the request to be read")
    trace = find(Server(f"http://127.0.0.1:{served.port}", served.token, 30.0), "req-9")
    assert (trace.kind, uuid.UUID(trace.id)) == ("request", OtlpTrace.objects.get().pk)
    assert [span["phase"] for span in trace.spans] == ["POST /v1/chat", "llm_request"]
    program = "from diagnostics.agent.cli.diagnose import main; raise SystemExit(main())"
    server = ["--server", f"http://127.0.0.1:{served.port}", "--token", served.token]
    command = [sys.executable, "-c", program, "trace", "--request-id", "req-9", *server]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "llm_request" in shown
