"""The recorder: what it records is what the server's own parser reads."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from diagnostics.agent.record import Recorder, assemble, host_facts, process_start_time, read_spool
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.snapshot import parse
from diagnostics.records import Parsed, PhaseStatus


def parsed(snapshot: dict[str, Any]) -> Parsed:
    return parse(json.dumps(snapshot).encode(), Hints(received_at=time.time_ns()))


def by_name(snapshot: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {phase["phase"]: phase for phase in snapshot["phases"]}


def test_a_recorded_launch_is_one_the_server_reads() -> None:
    recorder = Recorder("open-autoglm", "prod", "1.4.2", labels={"gpu": "H100"})
    with recorder.phase("imports"), recorder.phase("import numpy"):
        pass
    with recorder.phase("weights", depends_on=["imports"], lane="TP0", attributes={"shards": 4}) as phase:
        phase.set("bytes", 14_000_000_000)
    recorder.milestone("health_ok")
    snapshot = recorder.snapshot()
    launch = parsed(snapshot)
    assert [phase.name for phase in launch.phases] == ["imports", "import numpy", "weights"]
    assert [phase.parent for phase in launch.phases] == [None, 0, None]
    assert launch.phases[2].depends_on == (0,)
    assert launch.phases[2].lane == "TP0"
    assert launch.phases[2].attributes == {"shards": 4, "bytes": 14_000_000_000}
    assert launch.version == "1.4.2"
    assert (snapshot["service"], snapshot["environment"], snapshot["schema"]) == ("open-autoglm", "prod", 1)
    assert launch.milestones["health_ok"] >= launch.phases[2].end_time


def test_an_exception_marks_its_phases_failed_and_goes_on() -> None:
    recorder = Recorder("s")
    with pytest.raises(ValueError, match="no such file"), recorder.phase("outer"), recorder.phase("inner"):
        raise ValueError("no such file")
    phases = by_name(recorder.snapshot())
    assert {name: phase["status"] for name, phase in phases.items()} == {"outer": "failed", "inner": "failed"}
    assert phases["inner"]["attributes"]["error"] == "ValueError: no such file"


def test_a_phase_that_is_still_open_is_failed_and_says_so() -> None:
    recorder = Recorder("s")
    recorder.phase("hanging")
    phase = recorder.snapshot()["phases"][0]
    assert (phase["status"], phase["attributes"]) == ("failed", {"open": True})
    assert phase["duration_ns"] > 0


def test_a_dependency_may_be_given_as_name_or_phase_and_a_mistyped_one_costs_nothing() -> None:
    recorder = Recorder("s")
    with recorder.phase("first") as first:
        pass
    with recorder.phase("second", depends_on=[first, "frist"]):
        pass
    second = by_name(recorder.snapshot())["second"]
    assert second["depends_on"] == [first.id]
    assert second["attributes"]["unknown_dependencies"] == ["frist"]
    assert len(parsed(recorder.snapshot()).phases) == 2


def test_a_recorder_inside_another_ones_phase_does_not_point_into_that_launch() -> None:
    outer, inner = Recorder("outer"), Recorder("inner")
    with outer.phase("a"), inner.phase("b"):
        pass
    assert inner.snapshot()["phases"][0]["parent"] is None


def test_threads_record_at_once_without_losing_or_mixing() -> None:
    recorder = Recorder("s")

    def work(lane: str) -> None:
        for _ in range(50):
            with recorder.phase("outer", lane=lane), recorder.phase("inner", lane=lane):
                pass

    threads = [threading.Thread(target=work, args=[f"lane {n}"]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    launch = parsed(recorder.snapshot())
    assert len(launch.phases) == 800
    for phase in launch.phases:
        if phase.name == "inner":
            assert phase.parent is not None
            assert launch.phases[phase.parent].lane == phase.lane
        assert phase.status is PhaseStatus.SUCCESS


def test_a_clock_that_is_set_back_changes_no_duration(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder("s")
    phase = recorder.phase("p")
    monkeypatch.setattr(time, "time_ns", lambda: 1)
    phase.end()
    recorded = recorder.snapshot()["phases"][0]
    assert recorded["start_time"] > 10**18
    assert 0 <= recorded["duration_ns"] < 60 * 10**9


CRASHES = """
import os, sys
from diagnostics.agent.record import Recorder
recorder = Recorder("s", launch_id="11111111-2222-4333-8444-555555555555", spool=sys.argv[1])
with recorder.phase("done"):
    pass
recorder.phase("at the crash")
recorder.milestone("process_start", 1_764_000_000_000_000_000)
os._exit(9)
"""


def run(program: str, *arguments: str) -> int:
    return subprocess.run([sys.executable, "-c", program, *arguments], check=False).returncode


def test_a_crashed_launch_is_read_from_its_spool(tmp_path: Path) -> None:
    assert run(CRASHES, str(tmp_path)) == 9
    file = tmp_path / "11111111-2222-4333-8444-555555555555.jsonl"
    # What a killed process was in the middle of writing.
    file.write_text(file.read_text() + '{"end": "x", "dur')
    snapshot = read_spool(file)
    assert snapshot["launch_id"] == "11111111-2222-4333-8444-555555555555"
    assert {p["phase"]: p["status"] for p in snapshot["phases"]} == {"done": "success", "at the crash": "failed"}
    assert parsed(snapshot).milestones == {"process_start": 1_764_000_000_000_000_000}


def test_the_spool_is_for_its_owner_only(tmp_path: Path) -> None:
    recorder = Recorder("s", spool=tmp_path / "spool")
    file = next((tmp_path / "spool").iterdir())
    assert file.name == f"{recorder.launch_id}.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600


CHILD = """
import sys
from diagnostics.agent.record import Recorder
recorder = Recorder(launch_id=sys.argv[1], spool=sys.argv[2], parent=sys.argv[3])
with recorder.phase("migrate", depends_on=["database start"]):
    pass
"""


def test_processes_record_into_one_launch(tmp_path: Path) -> None:
    recorder = Recorder("s", spool=tmp_path)
    with recorder.phase("database start"):
        pass
    with recorder.phase("prepare") as prepare:
        assert run(CHILD, recorder.launch_id, str(tmp_path), prepare.id) == 0
    snapshot = read_spool(tmp_path / f"{recorder.launch_id}.jsonl")
    phases = by_name(snapshot)
    assert snapshot["service"] == "s"
    assert phases["migrate"]["parent"] == phases["prepare"]["id"]
    assert phases["migrate"]["depends_on"] == [phases["database start"]["id"]]
    assert len(parsed(snapshot).phases) == 3


def test_a_spool_that_cannot_be_written_does_not_stop_the_launch(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    recorder = Recorder("s", spool=tmp_path / "file")
    with recorder.phase("p"):
        pass
    assert [phase["phase"] for phase in recorder.snapshot()["phases"]] == ["p"]


def test_an_empty_spool_is_no_launch(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("")
    with pytest.raises(ValueError, match="holds no recorded launch"):
        read_spool(tmp_path / "x.jsonl")


def test_the_end_of_a_phase_nobody_began_is_left_out() -> None:
    assert assemble([{"end": "1-1", "duration_ns": 1, "status": "success", "attributes": {}}], until=0)["phases"] == []


def test_the_first_of_two_milestones_counts() -> None:
    recorder = Recorder("s")
    recorder.milestone("ready_line", 5)
    recorder.milestone("ready_line", 9)
    assert recorder.snapshot()["milestones"] == {"ready_line": 5}


def test_host_facts_are_this_hosts() -> None:
    facts = host_facts()
    assert facts["name"]
    if sys.platform == "linux":
        assert facts["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        assert 0 < facts["boot_time"] < time.time_ns()


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_the_process_started_before_now_and_after_its_host() -> None:
    started = process_start_time()
    assert started is not None
    assert host_facts()["boot_time"] <= started + 10**9
    assert started < time.time_ns()
