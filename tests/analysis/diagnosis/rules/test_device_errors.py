from __future__ import annotations

import pytest

from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.device_errors import device_io_errors, disk_name
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, ns, phase, series, usual

RECORDED = SAMPLES / "dmesg" / "rec-dmesg.txt"


def recorded(seconds: float) -> Evidence:
    """A recorded boot whose read error lies so many seconds into the launch."""
    told = Evidence(RECORDED, Kind.KERNEL_LOG, 0)
    error = next(one for one in told.parsed.events if one.category is Category.IO_ERROR)
    return Evidence(RECORDED, Kind.KERNEL_LOG, seconds, anchor=error.time)


def test_recorded_read_error() -> None:
    told = recorded(20)

    (finding,) = device_io_errors(
        case(phase("setup", 0, 10), phase("weights-load", 10, 60), events=told.events, files=[told.file])
    )

    assert (finding.layer, finding.severity, finding.phase) == (Layer.STORAGE, Severity.WARNING, "weights-load")
    assert finding.text.startswith("loop0 reported ")
    assert finding.text.endswith("during weights-load, the first 10 s after it began.")
    assert "I/O error, dev loop0, sector 5120" in finding.evidence_for[0].text
    assert finding.evidence_for[0].line is not None
    # It costs nothing that anybody could tell, and a file as a disk may be nobody's concern.
    assert finding.cost == 0
    assert "loop0 is a file mounted as a disk" in finding.evidence_against[0].text


def test_recorded_boot_is_silent() -> None:
    told = Evidence(RECORDED, Kind.KERNEL_LOG, 1)

    # Disks are found and file systems mounted in these seconds, without trouble.
    assert list(device_io_errors(case(phase("a", 0, 60), events=told.events, files=[told.file]))) == []


def test_parts_of_a_disk_are_one_device_and_a_storm_is_bounded() -> None:
    told = [
        event(Category.IO_ERROR, n / 100, f"I/O error, dev {device}, sector {n}", line=n, device=device, sector=n)
        for n in range(1, 2001)
        for device in ("nvme0n1" if n % 2 else "nvme0n1p2",)
    ]
    told.append(event(Category.NVME, 21, "nvme nvme0: I/O timeout, reset controller", device="nvme0", problem=True))

    (finding,) = device_io_errors(
        case(phase("weights-load", 0, 60, failed=True), events=told, usual={"weights-load": usual(20, 20, 20)})
    )

    assert (finding.severity, finding.actual, finding.cost) == (Severity.CRITICAL, 2001.0, ns(60))
    assert len(finding.evidence_for) == 6
    assert finding.evidence_for[-1].text.startswith("… and 1,996 more")
    assert "nvme smart-log /dev/nvme0" in finding.advice


def test_time_beyond_the_usual_is_laid_at_its_door() -> None:
    told = [event(Category.IO_ERROR, 10, "I/O error, dev sda, sector 7", device="sda")]
    slower = case(phase("weights-load", 0, 60), events=told, usual={"weights-load": usual(20, 20, 20)})
    always = case(
        phase("weights-load", 0, 60),
        events=told,
        usual={"weights-load": usual(59, 60, 61)},
        samples=[series("disk.util_percent", [2.0] * 60, instance="sda1")],
    )

    (lost,), (none,) = device_io_errors(slower), device_io_errors(always)

    assert (lost.cost, lost.confidence) == (ns(40), 0.75)
    assert (none.cost, none.confidence) == (0, 0.3)
    assert "as usual" in none.evidence_against[0].text
    assert none.evidence_against[1].text.startswith("sda1 was busy only 2 % of weights-load")


@pytest.mark.parametrize(
    ("category", "text", "level"),
    [
        (Category.FILESYSTEM, "EXT4-fs (sda1): mounted filesystem with ordered data mode. Quota mode: none.", ""),
        (Category.FILESYSTEM, "EXT4-fs (sda1): re-mounted. Opts: errors=remount-ro", "info"),
        (Category.NVME, "nvme nvme0: 8/0/0 default/read/poll queues", ""),
    ],
)
def test_a_healthy_device_is_silent(category: Category, text: str, level: str) -> None:
    assert list(device_io_errors(case(phase("a", 0, 9), events=[event(category, 3, text, level=level)]))) == []


@pytest.mark.parametrize(
    ("instance", "disk"),
    [("sda3", "sda"), ("sdaa", "sdaa"), ("nvme1n1p2", "nvme1"), ("mmcblk0p1", "mmcblk0"), ("dm-0", "dm-0"), ("", "")],
)
def test_the_disk_of_a_part(instance: str, disk: str) -> None:
    assert disk_name(instance) == disk
