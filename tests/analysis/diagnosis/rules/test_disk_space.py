from __future__ import annotations

import pytest

from diagnostics.analysis.diagnosis.case import SeenSeries
from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.disk_space import disk_full, disk_nearly_full
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, file, ns, phase, series

REFUSED = "OSError: [Errno 28] No space left on device: '/models/glm/model-00002.safetensors'"


def fill(percent: float, place: str = "/models", *, of: str = "used_percent", seconds: float = 30) -> SeenSeries:
    """One row of a listing."""
    return series(f"filesystem.{of}", [percent], first=seconds, instance=place, artifact="df")


def test_a_refused_write_ends_the_launch() -> None:
    told = case(
        phase("weights-download", 0, 40, failed=True),
        events=[event(Category.ENGINE, 39.5, REFUSED, artifact="log", line=812)],
        samples=[fill(100.0, seconds=60)],
    )

    (finding,) = disk_full(told)

    assert (finding.layer, finding.severity, finding.cost) == (Layer.STORAGE, Severity.CRITICAL, ns(40))
    assert finding.text == (
        "No space was left for /models/glm/model-00002.safetensors 40 s into weights-download: 1 write refused."
    )
    assert [(proof.artifact, proof.line) for proof in finding.evidence_for] == [("log", 812), ("df", None)]
    assert finding.confidence >= 0.9


def test_shared_memory_is_not_a_disk() -> None:
    text = "RuntimeError: unable to write to file </torch_77>: No space left on device (28), shared memory (shm) full"
    told = case(phase("rendezvous", 0, 9, failed=True), events=[event(Category.ENGINE, 8, text)])

    (finding,) = disk_full(told)

    assert finding.layer is Layer.MEMORY
    assert "--shm-size" in finding.advice


def test_a_listing_that_shows_room_speaks_against_it() -> None:
    told = case(
        phase("a", 0, 40),
        events=[event(Category.ENGINE, 20, "write error: No space left on device")],
        samples=[fill(41.0, "/")],
    )

    (finding,) = disk_full(told)

    assert finding.severity is Severity.WARNING
    assert "The fullest file system listed, /, is 41 % full" in [proof.text for proof in finding.evidence_against]


def test_full_without_a_refusal() -> None:
    told = case(
        phase("a", 0, 40),
        samples=[fill(100.0, of="inodes_used_percent")],
    )

    (finding,) = disk_full(told)

    assert (finding.text, finding.cost) == ("/models is full of inodes.", 0)
    assert "many small files" in finding.advice


def test_recorded_listing_has_room() -> None:
    told = Evidence(SAMPLES / "df" / "rec-df-h.debian12.txt", Kind.DF, 20)
    launch = case(phase("a", 0, 40), samples=told.samples, files=[told.file])

    assert any(seen.series.metric == "filesystem.used_percent" for seen in told.samples)
    assert list(disk_full(launch)) == []
    assert list(disk_nearly_full(launch)) == []


@pytest.mark.parametrize(("percent", "expected"), [(90.0, 0), (93.0, 1), (100.0, 0)])
def test_nearly_full_is_worth_knowing(percent: float, expected: int) -> None:
    told = case(
        phase("a", 0, 40),
        samples=[fill(percent)],
    )

    found = list(disk_nearly_full(told))

    assert [finding.severity for finding in found] == [Severity.NOTICE] * expected


@pytest.mark.parametrize(
    ("place", "seconds"), [("/snap/core/12", 30), ("/dev/loop3", 30), ("/image", 30), ("/models", 9000)]
)
def test_images_and_listings_of_another_time_are_passed_over(place: str, seconds: float) -> None:
    told = case(
        phase("a", 0, 40),
        samples=[fill(100.0, place, seconds=seconds)],
        files=[file("df", Kind.DF, filesystems=[{"mount": "/image", "type": "squashfs"}])],
    )

    assert list(disk_full(told)) == []


def test_a_refusal_of_another_launch_is_passed_over() -> None:
    assert list(disk_full(case(phase("a", 0, 40), events=[event(Category.ENGINE, 99, REFUSED)]))) == []
