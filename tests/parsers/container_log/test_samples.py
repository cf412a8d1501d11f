"""Every collected log: its lines, stamps and levels as they were counted by others, and what is known of its launch."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from diagnostics.parsers import PARSERS, Hints, Source, collect
from diagnostics.records import Kind, Parsed
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

RECEIVED = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()) * 10**9
FILES = names("container-logs")
# Where this reader knows better than the count of patterns: one is named beside each.
STAMPS = {
    "kubectl-previous-crashpod.txt": 35,  # the date in an exception's text is not when it was raised
    "kubectl-robusta-holmes-ansi.txt": 384,  # dates in prompts that the program prints
    "kubectl-simple-server.txt": 10,  # nginx writes 2025/07/07
    "lnav-logfile_docker_compose.0.log": 11,  # redis writes 25 Apr 2024
    "lnav-logfile_procstate.0.log": 3,
    "lnav-logfile_uwsgi.0.log": 19,
    "rec-redis-coldstart.txt": 10,
    "shape-nccl-watchdog.log": 3,  # E219 is a stamp too
}
LINES = {"shape-vllm-docker-compose-prefix.log": 6}  # what a carriage return redraws is one line
WORDS = {
    "WARN": "warning",
    "FATAL": "critical",
    "DEBUG": "debug",
    "INFO": "info",
    "WARNING": "warning",
    "ERROR": "error",
}
OUTER = ("ocp-kubelet-node.log",)  # counted by the program's stamp; the journal's stands before it
# Counted by word wherever it stands: these files have such words within their messages.
IN_MESSAGES = ("kubectl-robusta-holmes-ansi.txt", "loghub-Hadoop_2k.log")


def parsed(name: str) -> Parsed:
    content = (SAMPLES / "container-logs" / name).read_bytes()
    return collect(PARSERS[Kind.CONTAINER_LOG](Source.of(content), Hints(RECEIVED)))


@here_only
@pytest.mark.parametrize("name", FILES)
def test_lines_stamps_and_levels(name: str) -> None:
    known, found = expected(f"container-logs/{name}"), parsed(name)
    assert found.lines.total == LINES.get(name, known["lines"])
    assert found.lines.skipped == 0
    assert found.facts["lines_with_stamp"] == STAMPS.get(name, known["lines_with_stamp"])
    assert found.facts["lines_with_stamp"] + found.facts["lines_without_stamp"] == found.lines.total
    if name not in IN_MESSAGES:
        counted = {WORDS[word]: count for word, count in known["levels"].items()}
        assert {word: found.facts["levels"].get(word, 0) for word in counted} == counted
    numbers = [event.line or 0 for event in found.events]
    assert numbers == sorted(set(numbers))
    assert all(event.text.strip() for event in found.events)


@here_only
@pytest.mark.parametrize("name", [name for name in FILES if name not in (*STAMPS, *OUTER)])
def test_first_and_last_stamp(name: str) -> None:
    known, found = expected(f"container-logs/{name}"), parsed(name)
    for which in ("first_stamp", "last_stamp"):
        assert _digits(known[which]) in _written(found.facts[which], known[which])


def _written(time: int, form: str) -> str:
    """The time in the form's own zone and digits: the samples' stamps are UTC, but for one."""
    if form.startswith('"time":'):
        return str(time // 10**6)
    zone_hours = -7 if form.startswith("2025-08-13 01:") else 0  # PDT
    moment = datetime.fromtimestamp(time // 10**9 + zone_hours * 3600, UTC)
    return f"{moment:%Y%m%d%H%M%S}{time % 10**9:09}"


def _digits(form: str) -> str:
    return "".join(character for character in form if character.isdigit())


@here_only
def test_hadoop_counts_a_level_once_a_line() -> None:
    levels = parsed("loghub-Hadoop_2k.log").facts["levels"]
    assert levels == {"info": 1040, "warning": 808, "error": 150, "critical": 2}


@here_only
@pytest.mark.parametrize(
    ("name", "phases"),
    [
        ("shape-vllm-v1-tp-worker.log", {"weights-load": 23.74, "model-load": 29.118204, "engine-init": 60.05}),
        ("shape-vllm-v1-tp-worker.log", {"cuda-graph-capture": 14}),
        ("shape-vllm-v0-plain.log", {"cuda-graph-capture": 21, "engine-init": 43.9, "model-load": 69}),
        ("shape-vllm-docker-compose-prefix.log", {"weights-load": 2.31, "cuda-graph-capture": 6}),
        ("shape-sglang-tp8.log", {"weights-load": 53, "cuda-graph-capture": 22.87}),
        ("shape-tgi-waiting-shards.log", {"shard-start": 25.620177312}),
        ("shape-triton-glog.log", {"model-load detector_onnx": 3.80439}),
        ("shape-vllm-tcpstore-timeout.log", {"rendezvous": 600}),
        ("rec-postgres-coldstart.txt", {"recovery": 0.007}),
    ],
)  # fmt: skip
def test_phases_take_what_the_program_says(name: str, phases: dict[str, float]) -> None:
    found = {phase.name: phase.duration / 10**9 for phase in parsed(name).phases}
    assert {phase: found[phase] for phase in phases} == phases


@here_only
@pytest.mark.parametrize("name", FILES)
def test_launches_that_got_ready_and_those_that_failed(name: str) -> None:
    known, found = expected(f"container-logs/{name}"), parsed(name)
    if known.get("ready"):
        assert found.milestones["ready_line"] == found.facts["ready"][0]
        assert "failure" not in found.facts
    if known.get("failed"):
        assert "ready_line" not in found.milestones
        assert found.facts["failure"]["text"]
        assert [phase.attributes["reason"] for phase in found.phases if "reason" in phase.attributes]
        assert any(event.level == "error" for event in found.events)
    for key in ("elapsed_first_to_last_stamp_s", "elapsed_s", "elapsed_first_to_last_s"):
        if key in known:
            assert (found.facts["last_stamp"] - found.facts["first_stamp"]) / 10**9 == known[key]


@here_only
def test_what_the_collective_that_failed_was() -> None:
    known, found = expected("container-logs/shape-nccl-watchdog.log"), parsed("shape-nccl-watchdog.log")
    (collective,) = [phase for phase in found.phases if phase.name == f"collective {known['op']}"]
    assert collective.status == "failed"
    (told,) = [event for event in found.events if event.line == 2]
    assert told.fields["rank"] == f"rank{known['rank']}"
    assert "peer" in _attributes(parsed("shape-vllm-tcpstore-timeout.log"))


def _attributes(found: Parsed) -> dict[str, Any]:
    return {name: value for phase in found.phases for name, value in phase.attributes.items()}


@here_only
def test_the_new_year_comes_without_a_year() -> None:
    found = parsed("shape-vllm-v0-plain.log")
    assert [datetime.fromtimestamp(found.facts[k] / 10**9, UTC).year for k in ("first_stamp", "last_stamp")] == [
        2025,
        2026,
    ]
    assert found.facts["without_year"] == 8


@here_only
def test_facts_are_plain_json() -> None:
    for name in FILES:
        json.dumps(parsed(name).facts)
