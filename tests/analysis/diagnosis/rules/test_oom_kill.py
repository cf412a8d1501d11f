from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.oom_kill import oom_kill
from diagnostics.records import Category, Kind, Phase
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, ns, phase, series

MEMCG = SAMPLES / "oom" / "rec-oom-memcg-6.18.txt"
GLOBAL = SAMPLES / "oom" / "oomanalyser-archlinux_6_1_1.txt"
POD_NAME = "giant-narwhal-6958c5bdd8-69gtn"
POD = SAMPLES / "k8s" / f"holmes-02_what_is_wrong_with_pod-kubectl_describepod_{POD_NAME}_app-02.txt"
LABELS = {"command": "python3 /srv/model_loader --model glm"}


def at_kill(path: Path, seconds: float, kind: Kind = Kind.KERNEL_LOG) -> Evidence:
    """A recorded kill, so many seconds into the launch."""
    told = Evidence(path, kind, 0)
    kill = next(one for one in told.parsed.events if one.category is Category.OOM_KILL)
    return Evidence(path, kind, seconds, anchor=kill.time)


def failed_in(*phases: Phase, evidence: Evidence, **fields: Any) -> Case:
    return case(*phases, events=evidence.events, files=[evidence.file], **fields)


def test_the_recorded_kill_ended_the_launch() -> None:
    told = failed_in(phase("model-load", 0, 42.3, failed=True), evidence=at_kill(MEMCG, 42), labels=LABELS)

    (finding,) = oom_kill(told)

    assert (finding.severity, finding.layer, finding.phase) == (Severity.CRITICAL, Layer.MEMORY, "model-load")
    assert finding.text == (
        "The kernel killed model_loader (of this launch) 42 s into model-load: its memory limit was reached. "
        "It held 81 MiB."
    )
    assert finding.confidence >= 0.9
    assert finding.cost == ns(42.3)
    proof = finding.evidence_for[0]
    assert (proof.artifact, proof.line) == (MEMCG.name, 79)
    assert "Killed process 8693 (model_loader)" in proof.text
    assert "It is 80 MiB now" in finding.advice
    assert "memory: 128Mi" in finding.patch
    assert not finding.evidence_against


def test_a_kill_elsewhere_on_the_host_is_no_fault_of_a_launch_that_got_ready() -> None:
    told = failed_in(
        phase("model-load", 0, 60), evidence=at_kill(GLOBAL, 20), labels={"command": "/usr/bin/vllm serve glm"}
    )

    (finding,) = oom_kill(told)

    assert finding.severity is Severity.WARNING
    assert finding.cost == 0
    assert finding.confidence < 0.5
    assert [proof.text for proof in finding.evidence_against] == [
        "doxygen is not a name that the launch's command has",
        "The launch became ready all the same",
    ]


@pytest.mark.parametrize("seconds", [-600.0, 600.0])
def test_a_kill_outside_the_launch_is_silent(seconds: float) -> None:
    told = failed_in(phase("model-load", 0, 60, failed=True), evidence=at_kill(MEMCG, seconds), labels=LABELS)

    assert list(oom_kill(told)) == []


def test_two_logs_of_one_kernel_and_its_pod_tell_of_one_kill() -> None:
    text = "Memory cgroup out of memory: Killed process 77 (python3) total-vm:1kB"
    fields: dict[str, Any] = {"victim": "python3", "pid": 77, "scope": "memcg", "anon_rss_kb": 2**20}
    told = case(
        phase("load", 0, 50, failed=True),
        events=[
            event(Category.OOM_KILL, 49, text, artifact="dmesg", **fields),
            event(Category.OOM_KILL, 49.4, text, artifact="journal", precision=10**9, **fields),
            event(
                Category.OOM_KILL,
                50,
                "Container glm of pod prod/glm-1 ended: OOMKilled, exit code 137",
                artifact="pod",
                precision=10**9,
                reason="OOMKilled",
                container="glm",
                victim="glm",
                object="Pod/glm-1",
                limit_bytes=2 * 2**30,
                scope="memcg",
            ),
        ],
        labels={"pod": "glm-1"},
    )

    (finding,) = oom_kill(told)

    assert {proof.artifact for proof in finding.evidence_for} >= {"dmesg", "pod"}
    assert "It is 2 GiB now" in finding.advice


def test_recorded_pod_alone_tells_of_the_kill() -> None:
    told = at_kill(POD, 50, Kind.K8S_POD)

    (finding,) = oom_kill(
        case(phase("load", 0, 50, failed=True), events=told.events, files=[told.file], labels={"pod": POD_NAME})
    )

    assert (finding.severity, finding.layer) == (Severity.CRITICAL, Layer.MEMORY)
    assert finding.text.startswith("The kernel killed main (of this launch) 50 s into load: its memory limit was")
    assert "It is 50 MiB now" in finding.advice


def test_the_container_decides_whose_process_it_was() -> None:
    ours, other = "a" * 64, "b" * 64
    labels = {"container": ours[:12], "command": "python3 serve.py"}

    def kill(container: str) -> Case:
        fields: dict[str, Any] = {"victim": "python3", "pid": 9, "scope": "memcg", "cgroup": f"/docker/{container}"}
        killed_one = event(Category.OOM_KILL, 10, "Killed process 9 (python3)", **fields)
        return case(phase("load", 0, 50), events=[killed_one], labels=labels)

    (mine,), (others,) = oom_kill(kill(ours)), oom_kill(kill(other))

    assert (mine.severity, others.severity) == (Severity.CRITICAL, Severity.NOTICE)
    # What the phase had done until then was lost.
    assert (mine.cost, others.cost) == (ns(10), 0)


def test_a_storm_of_kills_is_told_in_five() -> None:
    kills = [event(Category.OOM_KILL, n / 10, f"Killed process {n} (x{n})", victim=f"x{n}", pid=n) for n in range(300)]

    found = list(oom_kill(case(phase("load", 0, 50), events=kills)))

    assert len(found) == 5
    assert found[0].text.endswith("300 processes were killed in all.")


class TestCounted:
    """In most containers only the control group's own counter tells."""

    HELD = series("process.rss_kb", [n * 2.0**20 / 4 for n in range(1, 61)], instance="launch")

    def test_a_counter_that_rises(self) -> None:
        counter = series("cgroup.oom_kills", [2.0] * 40 + [3.0] * 20, instance="launch")
        told = case(
            phase("setup", 0, 10),
            phase("load", 10, 60, failed=True),
            samples=[counter, self.HELD],
            labels={"memory_bytes_limit": str(16 * 2**30)},
        )

        (finding,) = oom_kill(told)

        assert (finding.reason, finding.severity, finding.phase) == ("oom-kill", Severity.CRITICAL, "load")
        assert finding.text == "The launch's control group reached its memory limit during load: 1 process killed."
        assert "memory: 20Gi" in finding.patch
        assert finding.evidence_against[0].text.startswith("Which process was killed is not told")

    def test_kills_before_the_launch_are_silent(self) -> None:
        counter = series("cgroup.oom_kills", [2.0] * 60, instance="launch")

        assert list(oom_kill(case(phase("load", 0, 60, failed=True), samples=[counter]))) == []

    def test_the_kernels_own_record_says_more(self) -> None:
        counter = series("cgroup.oom_kills", [0.0] * 30 + [1.0] * 30, instance="launch")
        line = event(Category.OOM_KILL, 30, "Killed process 7 (glm)", victim="glm", pid=7, scope="memcg")

        (finding,) = oom_kill(case(phase("load", 0, 60, failed=True), samples=[counter], events=[line]))

        assert finding.evidence_for[0].line == 1


def test_a_stamp_of_whole_minutes_leaves_the_phase_open() -> None:
    line = event(Category.OOM_KILL, 30, "Killed process 7 (glm)", precision=60 * 10**9, victim="glm", pid=7)

    (finding,) = oom_kill(case(phase("a", 0, 20), phase("b", 20, 60, failed=True), events=[line]))

    assert finding.evidence_against[-1].text == "Its time is known to 60 s only: it may have been before or after b"
