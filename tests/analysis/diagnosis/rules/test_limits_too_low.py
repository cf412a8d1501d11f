from __future__ import annotations

from typing import Any

import pytest

from diagnostics.analysis.diagnosis.case import SeenSeries
from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.limits_too_low import limits_too_low
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import DATA, Evidence, case, event, file, ns, phase, series

GIB = 2**30
PHASES = (phase("setup", 0, 10), phase("weights-load", 10, 60))


def held(*gib: float) -> SeenSeries:
    """What the launch's processes held, a reading every ten seconds."""
    return series("process.rss_kb", [value * 2**20 for value in gib], every=10, instance="launch")


def pod(**limits: Any) -> dict[str, Any]:
    containers = [
        {"name": "fetch", "init": True, "limits": {"memory": GIB}},
        {"name": "open-autoglm", "limits": limits},
        {"name": "proxy", "limits": {"memory": GIB // 4, "cpu": 0.1}},
    ]
    return {"pods": [{"name": "glm-1", "containers": containers}]}


def test_memory_close_to_the_limit_of_its_container() -> None:
    told = case(
        *PHASES, samples=[held(1, 2, 9, 15, 15.5, 15)], files=[file("pod", Kind.K8S_POD, **pod(memory=16 * GIB))]
    )

    (finding,) = limits_too_low(told)

    assert (finding.layer, finding.severity, finding.phase) == (Layer.CONFIG, Severity.WARNING, "weights-load")
    assert finding.text == "The launch held 15.5 GiB of the 16 GiB it may use (97 %), during weights-load."
    assert (finding.actual, finding.unit) == (15.5 * GIB, "bytes")
    assert finding.evidence_for[1].artifact == "pod"
    assert finding.advice == "Raise the memory limit to 19.5 GiB: the peak of this start and a quarter more."
    assert "memory: 19968Mi" in finding.patch


@pytest.mark.parametrize(
    ("labels", "facts"),
    [
        ({"memory_bytes_limit": str(32 * GIB)}, {}),
        ({}, {}),
        # Which of two containers was launched is not known: a sidecar's limit would be a guess.
        ({}, pod(cpu=4)),
        ({"pod": "glm-2"}, pod(memory=16 * GIB)),
    ],
    ids=["room enough", "no limit", "a sidecar's", "another pod's"],
)
def test_memory_is_silent(labels: dict[str, str], facts: dict[str, Any]) -> None:
    told = case(
        *PHASES, samples=[held(1, 2, 9, 15, 15.5, 15)], files=[file("pod", Kind.K8S_POD, **facts)], labels=labels
    )

    assert list(limits_too_low(told)) == []


def test_pages_shared_between_processes_speak_against_it() -> None:
    charged = series("cgroup.memory_kb", [9 * 2.0**20] * 6, every=10, instance="launch")
    told = case(*PHASES, samples=[held(1, 2, 9, 15, 15.5, 15), charged], labels={"memory_bytes_limit": str(16 * GIB)})

    (finding,) = limits_too_low(told)

    assert "only 9 GiB were charged to the group" in finding.evidence_against[1].text


def test_all_of_its_cpus_where_no_throttling_was_measured() -> None:
    used = series("process.cpu_percent", [399.0] * 60, instance="launch")

    (finding,) = limits_too_low(case(*PHASES, samples=[used], labels={"cpus_limit": "4"}))

    assert finding.text == "The launch used all of its 4 CPUs for 100 % of weights-load."
    assert 'cpu: "8"' in finding.patch
    assert finding.cost == ns(25)


def test_recorded_throttling_says_it_better() -> None:
    told = Evidence(DATA / "diagnosis" / "rec-throttled.host-samples.json", Kind.HOST_SAMPLES, 0.25)

    assert (
        list(
            limits_too_low(
                case(phase("a", 0, 7), samples=told.samples, files=[told.file], labels={"cpus_limit": "0.3"})
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("OSError: [Errno 24] Too many open files: 'model-00041.safetensors'", "open files"),
        ("RuntimeError: can't start new thread", "processes and threads"),
        ("ibv_reg_mr failed: Cannot allocate memory", "locked memory"),
    ],
)
def test_a_limit_that_the_log_complains_of(text: str, name: str) -> None:
    told = case(
        phase("load", 0, 30, failed=True),
        events=[event(Category.ENGINE, 29, text, artifact="log", line=4)],
        config={"ulimit.open_files": {"actual": 1024}},
    )

    (finding,) = limits_too_low(told)

    assert finding.text.startswith(f"The limit of {name} was reached during load")
    assert (finding.severity, finding.cost, finding.evidence_for[0].line) == (Severity.CRITICAL, ns(30), 4)
    assert ("1024" in finding.text) == (name == "open files")


def test_words_that_only_look_alike_are_silent() -> None:
    events = [event(Category.ENGINE, 3, text) for text in ("openfile ok", "Opening too many open-source licences")]

    assert list(limits_too_low(case(phase("load", 0, 30), events=events))) == []
