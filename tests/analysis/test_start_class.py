from __future__ import annotations

from typing import Any

import pytest

from diagnostics.analysis.diagnosis.case import SeenEvent
from diagnostics.analysis.start_class import Start, start_class
from diagnostics.records import NS_PER_SECOND, Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, file, phase, series

GB = 10**9
LOAD = phase("weights-load", 10, 30, bytes=20 * GB)
LOG = [file("log", Kind.CONTAINER_LOG)]


def image(seconds: float, text: str, **fields: Any) -> SeenEvent:
    told = {"reason": "Pulled", "object": "Pod/autoglm-0", **fields}
    return event(Category.IMAGE_PULL, seconds, text, artifact="k8s", precision=NS_PER_SECOND, **told)


def line(seconds: float, text: str) -> SeenEvent:
    return event(Category.ENGINE, seconds, text, artifact="log")


PULLED = image(-5, 'Pulled: Successfully pulled image "glm:1" in 40s', image="glm:1", pull_ns=40 * NS_PER_SECOND)
PRESENT = image(-5, 'Pulled: Container image "glm:1" already present on machine', image="glm:1", warm=True)
HIT = line(40, "Directly load the compiled graph(s) for shape None from the cache, took 6.203 s")
MISS = line(40, "Compiling a graph for dynamic shape takes 31.40 s")


READ = {"read_bytes": "1504209244"}


@pytest.mark.parametrize(
    ("events", "labels", "start", "because"),
    [
        pytest.param([], {}, Start.UNKNOWN, "no fact tells", id="nothing known"),
        pytest.param([PULLED], {}, Start.COLD, "Successfully pulled", id="pulled"),
        pytest.param([PRESENT], {}, Start.WARM, "already present", id="present"),
        pytest.param([HIT], {}, Start.WARM, "Directly load", id="compile cache"),
        pytest.param([MISS], {}, Start.COLD, "Compiling a graph", id="no compile cache"),
        pytest.param([PRESENT, MISS], {}, Start.COLD, "Compiling a graph", id="the coldest fact decides"),
        pytest.param([], {"weights_present": "no"}, Start.COLD, "downloaded", id="weights downloaded"),
        pytest.param([], {"weights_present": "yes"}, Start.WARM, "present", id="weights present"),
        pytest.param([], {"files_cached_share": "0.98"}, Start.HOT, "98 %", id="in memory"),
        pytest.param([], {"files_cached_share": "0.5"}, Start.WARM, "50 %", id="in part"),
        pytest.param([], {"files_cached_share": "0.02"}, Start.COLD, "2 %", id="from a disk, and nothing else known"),
        pytest.param([PRESENT], {"files_cached_share": "0.02"}, Start.WARM, "present", id="from a disk"),
        pytest.param([PRESENT, HIT], {"files_cached_share": "1.0"}, Start.HOT, "100 %", id="all there"),
        pytest.param([PULLED], {"files_cached_share": "1.0"}, Start.COLD, "pulled", id="pulled, weights in memory"),
        pytest.param([], {"compile_cache": "hit"}, Start.WARM, "from the cache", id="by its label"),
        pytest.param([], {**READ, "storage_read_bytes": "4096"}, Start.HOT, "4.1 kB of them", id="read nothing"),
        pytest.param(
            [],
            {**READ, "storage_read_bytes": "1500000256", "files_cached_share": "1.0", "files_bytes": "18521"},
            Start.COLD,
            "1.5 GB of them",
            id="only the small files were in memory",
        ),
        pytest.param(
            [],
            {**READ, "files_cached_share": "1.0", "files_bytes": "18521"},
            Start.UNKNOWN,
            "no fact",
            id="the files that were looked at are not those it read",
        ),
        pytest.param([], {"files_cached_share": "much"}, Start.UNKNOWN, "no fact", id="not a share"),
    ],
)
def test_by_facts(events: list[SeenEvent], labels: dict[str, str], start: Start, because: str) -> None:
    found = start_class(case(phase("model-load", 0, 60), events=events, labels=labels, files=LOG))
    assert found.start is start
    assert because in found.text
    assert not found.contradictions


def test_a_pull_that_nobody_felt_does_not_make_a_start_cold() -> None:
    short = image(-5, 'Pulled: Successfully pulled image "pause" in 90ms', pull_ns=90_000_000)
    assert start_class(case(phase("a", 0, 60), events=[short, PRESENT])).start is Start.WARM


def test_facts_that_contradict_are_told() -> None:
    found = start_class(case(phase("a", 0, 60), events=[HIT], labels={"compile_cache": "miss"}, files=LOG))
    assert found.start is Start.COLD
    assert "compile cache contradict" in found.text
    assert [told.text for told in found.others] == [HIT.event.text]


@pytest.mark.parametrize(
    ("disks", "storage", "start"),
    [
        pytest.param({"nvme0n1": 900_000.0}, "ext4", Start.COLD, id="the disk gave it"),
        pytest.param({"nvme0n1": 2_000.0}, "ext4", Start.HOT, id="faster than the disk"),
        pytest.param({"sda": 45_000.0, "dm-0": 45_000.0}, "xfs", Start.HOT, id="a volume and its disk"),
        pytest.param({"sda": 500_000.0}, "xfs", Start.WARM, id="half of it"),
        pytest.param({"sda": 0.0}, "nfs4", Start.UNKNOWN, id="a remote storage's reads show on no disk"),
    ],
)
def test_the_page_cache_shows_in_what_the_disks_did_not_read(
    disks: dict[str, float], storage: str, start: Start
) -> None:
    samples = [series("disk.read_kb", [rate] * 40, instance=name) for name, rate in disks.items()]
    found = start_class(case(LOAD, samples=samples, labels={"storage": storage}))
    assert found.start is start


def test_what_the_launch_itself_read_beats_the_whole_host() -> None:
    samples = [
        series("disk.read_kb", [900_000.0] * 40, instance="sda"),
        series("process.read_kb", [0.0] * 40, instance="launch"),
    ]
    found = start_class(case(LOAD, samples=samples))
    assert found.start is Start.HOT
    assert "took in 20.0 GB at 1.0 GB/s" in found.text


def test_samples_too_coarse_say_nothing() -> None:
    coarse = series("disk.read_kb", [0.0, 0.0], every=600, instance="sda")
    assert start_class(case(LOAD, samples=[coarse])).start is Start.UNKNOWN


def test_a_real_pod_that_pulled_its_image_started_cold() -> None:
    told = Evidence(SAMPLES / "k8s" / "holmes-20_long_log_file_search-kubectl_describe.txt", Kind.K8S_POD, 0)
    found = start_class(case(phase("app", 0, 60), events=told.events, files=[told.file]))
    assert found.start is Start.COLD
    assert 'pulled image "python:3.9-slim" in 878ms' in found.text


def test_a_real_pod_whose_image_was_there_started_warm() -> None:
    name = "holmes-02_what_is_wrong_with_pod-kubectl_describepod_giant-narwhal-6958c5bdd8-69gtn_app-02.txt"
    told = Evidence(SAMPLES / "k8s" / name, Kind.K8S_POD, -3600)
    found = start_class(case(phase("app", 0, 600), events=told.events, files=[told.file]))
    assert found.start is Start.WARM
    assert "busybox:1.35" in found.text
