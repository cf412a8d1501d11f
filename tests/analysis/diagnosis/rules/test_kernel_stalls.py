from __future__ import annotations

import pytest

from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.kernel_stalls import hung_task, soft_lockup
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, ns, phase

LOCKUP = SAMPLES / "dmesg" / "satyr-rhbz-1235021.txt"
HUNG = "INFO: task python3:8693 blocked for more than 120 seconds."


def test_recorded_lockup_fills_the_phase_before_its_line() -> None:
    told = Evidence(LOCKUP, Kind.KERNEL_LOG, 30)

    (finding,) = soft_lockup(
        case(phase("import", 0, 5), phase("warm-up", 5, 40), events=told.events, files=[told.file])
    )

    assert (finding.layer, finding.severity, finding.phase) == (Layer.CPU, Severity.WARNING, "warm-up")
    assert finding.text == "pulseaudio: CPU time lost to the kernel for 22 s or longer, 22 s of it during warm-up."
    assert finding.cost == ns(22)
    assert finding.evidence_for[0].line == 1


@pytest.mark.parametrize("seconds", [-1, 100])
def test_lockup_of_another_time_is_silent(seconds: float) -> None:
    told = Evidence(LOCKUP, Kind.KERNEL_LOG, seconds)

    assert list(soft_lockup(case(phase("warm-up", 0, 40), events=told.events, files=[told.file]))) == []


def test_a_hung_task_may_be_told_after_the_launch() -> None:
    told = case(phase("weights-load", 0, 100), events=[event(Category.HUNG_TASK, 130, HUNG, line=5)])

    (finding,) = hung_task(told)

    assert (finding.layer, finding.phase, finding.cost) == (Layer.STORAGE, "weights-load", ns(90))
    assert (finding.actual, finding.unit) == (ns(120), "ns")
    assert finding.evidence_for[0].line == 5


def test_two_lines_of_one_task_count_its_time_once() -> None:
    lines = [event(Category.HUNG_TASK, at, HUNG, task="python3", seconds=120) for at in (130, 190)]

    (finding,) = hung_task(case(phase("weights-load", 0, 200), events=lines))

    assert finding.cost == ns(180)


def test_a_task_that_is_known_to_be_anothers_is_only_worth_knowing() -> None:
    line = event(Category.HUNG_TASK, 130, HUNG, task="backup-agent", seconds=120)

    (finding,) = hung_task(case(phase("a", 0, 150), events=[line], labels={"command": "vllm serve glm"}))

    assert finding.severity is Severity.NOTICE
    assert finding.evidence_against[0].text == "backup-agent is not a name that the launch's command has"


def test_a_stall_that_hardly_touches_the_launch_is_silent() -> None:
    line = event(Category.SOFT_LOCKUP, 1, "watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [x:1]", seconds=26)

    assert list(soft_lockup(case(phase("warm-up", 0, 600), events=[line]))) == []
