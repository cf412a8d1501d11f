from __future__ import annotations

import os
from pathlib import Path

import pytest

from diagnostics.agent.checks import GOOD, UNKNOWN, WARNING, reading

MB = 1024 * 1024


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    for name, size in {"small.bin": 1, "large.bin": 9, "middle.bin": 3}.items():
        (tmp_path / name).write_bytes(os.urandom(size * MB))
    (tmp_path / "link.bin").symlink_to("/etc/passwd")
    return tmp_path


def test_real_bytes_are_read_largest_file_first(weights: Path) -> None:
    check = reading.throughput(str(weights), 100 * MB, 30)
    assert check.state in (GOOD, WARNING)
    assert float(str(check.actual)) > 0
    assert "13.6 MB in" in check.evidence[0]
    assert [file.name for file in reading.largest(weights)][:3] == ["large.bin", "middle.bin", "small.bin"]


def test_no_more_than_asked_for(weights: Path) -> None:
    measured = reading.measure(weights / "large.bin", 4 * MB, 30)
    assert measured.bytes == 4 * MB


def test_a_file_is_read_to_its_end(weights: Path) -> None:
    assert reading.measure(weights / "middle.bin", 100 * MB, 30).bytes == 3 * MB


def test_time_ends_it_too(weights: Path) -> None:
    assert reading.measure(weights / "large.bin", 100 * MB, 0).bytes == 0


def test_slow_reading_is_a_warning() -> None:
    slow = reading.Measured(48_000_000, 10**9, True)
    check = reading._judge("/models", [], slow)
    assert (check.state, check.actual, check.unit) == (WARNING, 48.0, "MB/s")


@pytest.mark.parametrize("name", ["", "nothing"])
def test_nothing_large_to_read(tmp_path: Path, name: str) -> None:
    assert reading.throughput(str(tmp_path / name), MB, 1).state == UNKNOWN


def test_a_file_that_vanished(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        reading.measure(tmp_path / "gone", MB, 1)
