"""Every profile on real logs and on the line forms of public issues; the numbers were read from the logs by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from diagnostics.agent.lines import Line
from diagnostics.agent.profiled import Profiled
from diagnostics.agent.profiles import PROFILES
from diagnostics.agent.profiling import Profiling, profile_lines
from diagnostics.agent.rule_matching import lane_of
from diagnostics.agent.saved_log import LogOptions, read_file

LOGS = Path(__file__).parent / "data" / "logs"
NS = 10**9
# profile, seconds from the first line to readiness (None: not reached), phases with their seconds (* failed)
EXPECTED: dict[str, tuple[str, float | None, dict[str, float]]] = {
    "shape-vllm-v1-tp-worker.log": (
        "vllm/1",
        113.0,
        {
            "server-setup": 12.0,
            "model-load": 29.118204,
            "weights-load": 23.74,
            "engine-init": 60.05,
            "dynamo-transform": 7.02,
            "graph-compile": 31.4,
            "cuda-graph-capture": 14.0,
            "http-start": 0.0,
        },
    ),
    "shape-vllm-v0-plain.log": (
        "vllm/1",
        133.0,
        {"model-load": 69.0, "memory-profiling": 6.81, "cuda-graph-capture": 21.0, "engine-init": 43.9},
    ),
    "shape-vllm-docker-compose-prefix.log": (
        "vllm/1",
        None,
        {"weights-load": 2.31, "dynamo-transform": 8.07, "cuda-graph-capture": 6.0},
    ),
    "shape-vllm-tcpstore-timeout.log": ("vllm/1", None, {"rendezvous*": 600.0}),
    "shape-nccl-watchdog.log": (
        "sglang/1",
        None,
        {"distributed-init*": 601.119770802, "collective ALLREDUCE*": 600.021},
    ),
    "shape-sglang-tp8.log": (
        "sglang/1",
        96.0,
        {
            "distributed-init": 5.0,
            "weights-load": 53.0,
            "kv-cache-allocation": 1.0,
            "cuda-graph-capture": 22.87,
            "http-start": 0.0,
            "warm-up": 4.0,
        },
    ),
    "shape-tgi-waiting-shards.log": (
        "tgi/1",
        97.740333,
        {"weights-download": 69.631765, "shard-start": 25.620177312, "webserver-start": 2.391357},
    ),
    "shape-tgi-json-output.log": ("tgi/1", None, {"weights-download": 4.606381, "shard-start*": 6.805343}),
    "shape-triton-glog.log": (
        "triton/1",
        3.899609,
        {"model-load detector_onnx": 3.80439, "endpoints-start": 0.000192},
    ),
    "rec-ray-serve.txt": (
        "ray-serve/1",
        30.313,
        {"ray-start": 17.801, "serve-start": 7.344, "application-start": 5.084},
    ),
    "rec-uvicorn.txt": ("generic/1", 5.825, {"application-startup": 5.825}),
    "rec-postgres-coldstart.txt": ("generic/1", 0.016, {"sockets": 0.002, "recovery": 0.007}),
    "rec-redis-coldstart.txt": ("generic/1", 0.004, {"cache-start": 0.004}),
    "rec-gunicorn.txt": ("generic/1", 0.0, {"server-setup": 0.0, "worker-boot": 0.0}),
}


def read(name: str) -> tuple[list[Line], Profiling]:
    # The year of a stamp without one must not depend on when the repository was checked out.
    year = 2025 if name == "shape-vllm-v0-plain.log" else 2026
    lines = list(read_file(LOGS / name, LogOptions(year=year)))
    return lines, profile_lines(lines)


def finished(lines: list[Line], profiling: Profiling, verbose: bool = False) -> Profiled:
    return profiling.finish(lines[-1].time, profiling.ready is not None, verbose)


def by_name(profiled: Profiled) -> dict[str, dict[str, Any]]:
    return {phase["phase"]: phase for phase in profiled.phases}


def test_every_log_is_expected_to_say_something() -> None:
    assert {path.name for path in LOGS.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_log(name: str) -> None:
    profile, ready, phases = EXPECTED[name]
    lines, profiling = read(name)
    profiled = finished(lines, profiling)

    assert profiled.report.profiles == [profile]
    assert (profiling.ready and (profiling.ready.time - lines[0].time) / NS) == ready
    found = {p["phase"] + "*" * (p["status"] == "failed"): p["duration_ns"] / NS for p in profiled.phases}
    assert found == phases
    assert profiled.report.missing == []


@pytest.mark.parametrize("name", [n for n, (_, ready, _) in EXPECTED.items() if ready is None])
def test_a_launch_that_failed_says_with_which_line(name: str) -> None:
    _, profiling = read(name)
    assert (profiling.failure is not None) == any("*" in phase for phase in EXPECTED[name][2])


def test_a_line_that_contains_others_is_their_parent_and_adds_nothing() -> None:
    phases = by_name(finished(*read("shape-vllm-v1-tp-worker.log")))
    inside = {name for name, phase in phases.items() if phase["parent"] == phases["engine-init"]["id"]}
    assert inside == {"dynamo-transform", "graph-compile", "cuda-graph-capture"}
    assert phases["weights-load"]["parent"] == phases["model-load"]["id"]
    assert phases["engine-init"]["depends_on"] == [phases["model-load"]["id"]]


def test_gigabytes_are_not_seconds() -> None:
    phases = by_name(finished(*read("shape-vllm-v0-plain.log")))
    assert phases["model-load"]["attributes"] == {"weights_gb": 17.5606}
    assert phases["model-load"]["duration_ns"] == 69 * NS


def test_new_year_without_a_year() -> None:
    lines, _ = read("shape-vllm-v0-plain.log")
    assert datetime.fromtimestamp(lines[0].time / NS, UTC).isoformat() == "2025-12-31T23:58:12+00:00"
    assert datetime.fromtimestamp(lines[-2].time / NS, UTC).isoformat() == "2026-01-01T00:00:25+00:00"


def sglang(seconds: float, rank: str, text: str) -> Line:
    return Line(round(seconds * NS), f"[2026-01-01 00:00:{int(seconds):02} {rank}] {text}")


def test_the_slowest_rank_is_the_phase_whatever_the_order() -> None:
    begun = [sglang(1, f"TP{n}", "Load weight begin. avail mem=77.20 GB") for n in range(4)]
    ended = [
        sglang(20, "TP1", "Load weight end. elapsed=3.72 s, type=X"),
        sglang(21, "TP0", "Load weight end. elapsed=6.19 s, type=X"),
        sglang(22, "TP3", "Load weight end. elapsed=5.81 s, type=X"),
        sglang(22, "TP2", "Load weight end. elapsed=4.06 s, type=X"),
    ]
    profiling = profile_lines([*begun, *ended])
    phase = by_name(profiling.finish(22 * NS, True))["weights-load"]
    assert phase["duration_ns"] == 6_190_000_000
    assert phase["start_time"] == 21 * NS - 6_190_000_000
    assert phase["attributes"]["slowest"] == "TP0"
    assert phase["attributes"]["ranks"] == {
        "TP0": 6_190_000_000,
        "TP1": 3_720_000_000,
        "TP2": 4_060_000_000,
        "TP3": 5_810_000_000,
    }


def test_verbose_shows_every_rank_inside() -> None:
    lines, profiling = read("shape-vllm-v1-tp-worker.log")
    profiled = finished(lines, profiling, verbose=True)
    whole = next(p for p in profiled.phases if p["phase"] == "weights-load" and "lane" not in p)
    ranks = [(p["lane"], p["duration_ns"]) for p in profiled.phases if p["parent"] == whole["id"]]
    assert sorted(ranks) == [("TP0", 23_570_000_000), ("TP1", 23_740_000_000)]


def test_a_rank_that_never_ends_fails_the_launch_but_not_one_that_got_ready() -> None:
    lines = [
        sglang(1, "TP0", "Load weight begin. avail mem=1 GB"),
        sglang(1, "TP1", "Load weight begin. avail mem=1 GB"),
        sglang(9, "TP0", "Load weight end. elapsed=8.01 s, type=X"),
    ]
    hung = profile_lines(lines).finish(60 * NS, ready=False)
    assert [(p["phase"], p["status"], p["duration_ns"]) for p in hung.phases][:1] == [
        ("weights-load", "failed", 59 * NS)
    ]
    assert hung.phases[0]["attributes"]["slowest"] == "TP1"
    ready = profile_lines(lines).finish(60 * NS, ready=True)
    assert by_name(ready)["weights-load"]["status"] == "success"
    assert ready.report.unended == ["kv-cache-allocation (TP0)", "weights-load (TP1)"]


def test_a_rule_that_stops_matching_is_reported() -> None:
    renamed = [
        Line(1 * NS, "(APIServer pid=1) INFO [api_server.py:1] vLLM API server version 9.0"),
        Line(2 * NS, "(EngineCore pid=2) INFO [x.py:1] Weights came in after 20 seconds"),
        Line(30 * NS, "INFO:     Application startup complete."),
    ]
    profiling = profile_lines(renamed)
    report = profiling.finish(30 * NS, True).report
    assert report.missing == ["model-load", "engine-init"]
    assert report.profiles == ["vllm/1"]


def test_repeated_compilations_are_phases_of_their_own() -> None:
    lines = [
        Line(10 * NS, "INFO [backends.py:1] (EngineCore pid=5) vLLM API server version 0.11"),
        Line(20 * NS, "Compiling a graph for shape 1 takes 5.2 s"),
        Line(25 * NS, "Compiling a graph for compile range (1, 8000) takes 5.2 s"),
    ]
    profiled = profile_lines(lines, PROFILES["vllm"]).finish(25 * NS, True)
    shapes = [p["attributes"]["shape"] for p in profiled.phases if p["phase"] == "graph-compile"]
    assert shapes == ["shape 1", "compile range (1, 8000)"]
    assert profiled.labels["compile_cache"] == "miss"


def test_triton_models_load_side_by_side() -> None:
    lines = [
        Line(1 * NS, 'I0803 18:43:44.7 1 model_lifecycle.cc:472] "loading: a:1"'),
        Line(2 * NS, 'I0803 18:43:45.7 1 model_lifecycle.cc:472] "loading: b:3"'),
        Line(7 * NS, "I0803 18:43:50.7 1 model_lifecycle.cc:839] \"successfully loaded 'b'\""),
    ]
    phases = by_name(profile_lines(lines).finish(9 * NS, ready=False))
    assert (phases["model-load b"]["status"], phases["model-load b"]["duration_ns"]) == ("success", 5 * NS)
    assert (phases["model-load a"]["status"], phases["model-load a"]["duration_ns"]) == ("failed", 8 * NS)


RAY = """\
2026-09-19 11:50:45,496 INFO worker.py:1942 -- Started a local Ray instance. View the dashboard at 127.0.0.1:8265
(ProxyActor pid=98735) INFO 2026-09-19 11:50:48,686 proxy 127.0.0.1 -- Proxy starting on node 05f5 (HTTP port: 8000).
(ServeController pid=1) INFO 2026-09-19 11:50:49,000 controller 1 -- Deploying new version of Deployment(name='L', app='a') (initial target replicas: 1).
(ServeController pid=1) INFO 2026-09-19 11:50:49,100 controller 1 -- Adding 1 replica to Deployment(name='L', app='a').
(ServeReplica:a:L pid=9) INFO 09-19 11:50:59 [default_loader.py:314] Loading weights took 6.50 seconds
(ServeController pid=1) INFO 2026-09-19 11:51:09,100 controller 1 -- Replica(id='i', deployment='L', app='a') started successfully on node 'x' after 20.0s (PID: 9). Replica constructor, reconfigure method, and initial health check took 17.5s.
INFO 2026-09-19 11:51:10,000 serve 7 -- Application 'a' is ready at http://127.0.0.1:8000/.
"""  # noqa: E501


def test_ray_serve_hosts_an_engine_and_tells_waiting_from_working(tmp_path: Path) -> None:
    (tmp_path / "ray.log").write_text(RAY)
    lines = list(read_file(tmp_path / "ray.log", LogOptions(year=2026)))
    profiling = profile_lines(lines)
    profiled = finished(lines, profiling)
    phases = by_name(profiled)
    assert profiled.report.profiles == ["ray-serve/1", "vllm/1"]
    assert profiling.ready == lines[-1]
    assert phases["replica-start L"]["duration_ns"] == 20 * NS
    assert phases["replica-constructor L"]["duration_ns"] == 17_500_000_000
    assert phases["replica-constructor L"]["parent"] == phases["replica-start L"]["id"]
    assert phases["weights-load"]["duration_ns"] == 6_500_000_000
    assert phases["application-start"]["duration_ns"] == 21 * NS


def test_uvicorn_is_not_ready_while_the_application_starts() -> None:
    lines = [
        Line(1 * NS, "INFO:     Waiting for application startup."),
        Line(2 * NS, "Loading model…"),
        Line(5 * NS, "Model loaded successfully"),
        Line(6 * NS, "INFO:     Application startup complete."),
    ]
    profiling = profile_lines(lines)
    assert profiling.ready is not None
    assert profiling.ready.time == 6 * NS
    assert profile_lines(lines[1:3]).ready == lines[2]


@pytest.mark.parametrize(
    ("text", "lane"),
    [
        ("(EngineCore_DP0 pid=301) INFO x", "DP0"),
        ("(Worker_TP1 pid=4611) INFO x", "TP1"),
        ("(Worker_DP1_TP3 pid=5) INFO x", "DP1 TP3"),
        ("(VllmWorkerProcess pid=77120) INFO x", "pid77120"),
        ("(APIServer pid=1) INFO x", ""),
        ("[2026-05-13 02:14:33 DP3 TP3] Load weight begin.", "DP3 TP3"),
        ("[rank3]:[E219 07:41:45.1 x.cpp:629] x", "rank3"),
        ("INFO shard-manager: Shard ready in 2s rank=0", "rank0"),
        ("Loading model on TP1", ""),
    ],
)
def test_who_speaks(text: str, lane: str) -> None:
    assert lane_of(text) == lane


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_profiles_name_only_their_own_phases(profile: Any) -> None:
    known = {rule.phase for rule in profile.rules}
    for rule in profile.rules:
        assert set(rule.within) <= known
        assert set(rule.after) <= known
        assert {ready.unless for ready in profile.ready} - {""} <= known
