from __future__ import annotations

from diagnostics.analysis.diagnosis.rules.unlogged_time import unlogged_time
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, file, ns, phase


def test_time_without_a_phase_between_two_of_them() -> None:
    lines = [
        event(Category.OTHER, seconds, f"line {seconds}", artifact="log", line=seconds) for seconds in range(20, 40)
    ]
    launched = case(
        phase("model-load", 0, 15), phase("serve", 45, 50), events=lines, files=[file("log", Kind.CONTAINER_LOG)]
    )
    (found,) = unlogged_time(launched)
    assert found.text == (
        "30 s of the launch (60 %) belong to no phase; the longest such stretch takes 30 s, "
        "between model-load and serve."
    )
    assert found.cost == ns(30)
    assert [proof.line for proof in found.evidence_for] == [None, 20, 21, 38, 39]


def test_a_real_launch_whose_compiling_is_logged_but_not_where_it_waits() -> None:
    # The phases of shape-vllm-v1-tp-worker.log without those that no line delimits.
    told = Evidence(SAMPLES / "container-logs" / "shape-vllm-v1-tp-worker.log", Kind.CONTAINER_LOG, 0, year=2026)
    launched = case(
        phase("server-setup", 7, 19),
        phase("model-load", 22, 51),
        phase("http-start", 113, 113.5),
        events=told.events,
        files=[told.file],
        milestones={"process_start": 0, "ready_line": 114},
    )
    (found,) = unlogged_time(launched)
    assert "between model-load and http-start" in found.text
    assert any("Dynamo bytecode transform time" in proof.text for proof in found.evidence_for)


def test_short_and_small_gaps_say_nothing() -> None:
    assert not list(unlogged_time(case(phase("a", 0, 1), phase("b", 4, 5))))
    assert not list(unlogged_time(case(phase("a", 0, 50), phase("b", 58, 100))))
