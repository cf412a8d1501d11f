"""The demo's program, launched for real."""

from __future__ import annotations

import json
import lzma
import time
from pathlib import Path
from typing import Any

import pytest

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.snapshot import parse
from webapp.demo.__main__ import NEW, OLD, run_once
from webapp.demo.program import LIBRARIES


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("weights")
    content = bytes(range(256)) * 4096
    (directory / "weights.bin").write_bytes(content)
    (directory / "weights.bin.xz").write_bytes(lzma.compress(content))
    (directory / "config.json").write_text("{}")
    return directory


def phases(snapshot: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {phase["phase"]: phase for phase in snapshot["phases"]}


@pytest.mark.parametrize(
    ("version", "file", "decompresses"), [(OLD, "weights.bin", False), (NEW, "weights.bin.xz", True)]
)
def test_a_launch_of_each_version(directory: Path, version: str, file: str, decompresses: bool) -> None:
    snapshot = run_once(version, directory / file)
    recorded = phases(snapshot)
    assert all(phase["status"] == "success" for phase in recorded.values())
    assert {f"import {name}" for name in LIBRARIES} <= set(recorded)
    assert ("decompress" in recorded) is decompresses
    assert recorded["warm-up"]["depends_on"] == [recorded["load weights"]["id"]]
    milestones = snapshot["milestones"]
    assert milestones["process_start"] < recorded["read config"]["start_time"]
    assert milestones["health_ok"] > recorded["health check"]["start_time"]


def test_the_server_reads_it(directory: Path) -> None:
    snapshot = run_once(OLD, directory / "weights.bin")
    launch = parse(json.dumps(snapshot).encode(), Hints(received_at=time.time_ns()))
    assert launch.version == OLD
    # Each process is a launch of its own.
    assert snapshot["launch_id"] != run_once(OLD, directory / "weights.bin")["launch_id"]
