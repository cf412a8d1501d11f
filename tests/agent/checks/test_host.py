"""Disk, memory and pressure of the host this runs on, and of hosts that are worse off."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from diagnostics.agent.checks import FAILED, GOOD, UNKNOWN, WARNING, disk, memory, pressure


def test_this_disk(tmp_path: Path) -> None:
    check = disk.space(str(tmp_path))[0]
    told = os.statvfs(tmp_path)
    assert check.name == "disk-space"
    assert check.state in (GOOD, WARNING, FAILED)
    assert 0 <= float(str(check.actual)) <= 100
    assert told.f_bavail > 0


@pytest.mark.parametrize(("free", "state"), [(50, GOOD), (9, WARNING), (2, FAILED), (0, FAILED)])
def test_a_full_disk(monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    told = SimpleNamespace(f_blocks=110, f_bfree=free + 10, f_bavail=free, f_frsize=4096, f_files=0, f_favail=0)
    monkeypatch.setattr(os, "statvfs", lambda path: told)
    (check,) = disk.space("/")
    assert (check.state, bool(check.advice), check.actual) == (state, state != GOOD, 100 - free)


def test_inodes_are_told_only_when_they_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    told = SimpleNamespace(f_blocks=100, f_bfree=90, f_bavail=90, f_frsize=4096, f_files=1000, f_favail=1)
    monkeypatch.setattr(os, "statvfs", lambda path: told)
    assert [(check.name, check.state) for check in disk.space("/")] == [("disk-space", GOOD), ("disk-inodes", FAILED)]


def test_a_path_that_is_not_there() -> None:
    (check,) = disk.space("/no/such/path")
    assert (check.state, "/no/such/path" in check.message) == (FAILED, True)


MOUNTS = r"""22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/root rw
90 22 0:44 / /models rw - nfs4 filer:/models rw,vers=4.2
91 22 0:45 / /mnt/my\040disk rw - xfs /dev/sdb rw
92 90 0:46 / /models rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/etc", ("/", "ext4")),
        ("/models/llama", ("/models", "tmpfs")),  # mounted over the other
        ("/modelsque", ("/", "ext4")),
        ("/mnt/my disk/x", ("/mnt/my disk", "xfs")),
    ],
)
def test_the_file_system_of_a_path(tmp_path: Path, path: str, found: tuple[str, str]) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert disk.mount_of(path, tmp_path / "mountinfo") == found


def test_without_proc_the_mount_is_unknown(tmp_path: Path) -> None:
    assert disk.mount_of("/etc", tmp_path / "none") == ("", "")


def meminfo(tmp_path: Path, available: int) -> Path:
    (tmp_path / "meminfo").write_text(f"MemTotal: 1000000 kB\nMemFree: 1000 kB\nMemAvailable: {available} kB\n")
    (tmp_path / "1").mkdir()
    (tmp_path / "self").symlink_to("1")
    return tmp_path


@pytest.mark.parametrize(("available", "state"), [(500_000, GOOD), (50_000, WARNING), (20_000, FAILED)])
def test_memory_that_is_left(tmp_path: Path, available: int, state: str) -> None:
    (check,) = memory.memory(meminfo(tmp_path, available))
    assert (check.state, check.actual) == (state, available / 10_000)


def test_memory_of_this_host() -> None:
    assert memory.memory()[0].state in (GOOD, WARNING, FAILED)


def test_a_host_that_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "self").symlink_to("1")
    assert [check.state for check in memory.memory(tmp_path)] == [UNKNOWN]
    assert {check.state for check in pressure.pressure(tmp_path)} == {UNKNOWN}


def test_a_container_with_a_limit(tmp_path: Path) -> None:
    proc = meminfo(tmp_path, 900_000)
    group = tmp_path / "cgroup"
    group.mkdir()
    for name, content in {"cgroup.procs": "1", "memory.max": "1000000", "memory.current": "980000"}.items():
        (group / name).write_text(content)
    (proc / "1" / "cgroup").write_text("0::/\n")
    (proc / "1" / "mounts").write_text(f"cgroup2 {group} cgroup2 rw 0 0\n")
    assert [(check.name, check.state) for check in memory.memory(proc)] == [("memory", GOOD), ("memory-limit", FAILED)]


@pytest.mark.parametrize(("average", "state"), [("4.90", GOOD), ("31.05", WARNING)])
def test_pressure(tmp_path: Path, average: str, state: str) -> None:
    (tmp_path / "pressure").mkdir()
    for name in ("cpu", "io", "memory"):
        (tmp_path / "pressure" / name).write_text(
            f"some avg10={average} avg60=0.00 avg300=0.00 total=1\nfull avg10=0 total=0\n"
        )
    by_name = {check.name: check for check in pressure.pressure(tmp_path)}
    assert by_name["pressure-memory"].state == state
    assert by_name["pressure-cpu"].state == GOOD
    assert by_name["pressure-io"].actual == float(average)
