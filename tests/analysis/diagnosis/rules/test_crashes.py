from __future__ import annotations

import pytest

from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.crashes import machine_check, segfault
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, ns, phase

RECORDED = SAMPLES / "dmesg" / "rec-dmesg.txt"
LABELS = {"command": "/srv/crashy_worker --model glm"}


def recorded(seconds: float) -> Evidence:
    """A recorded crash, so many seconds into the launch."""
    told = Evidence(RECORDED, Kind.KERNEL_LOG, 0)
    crash = next(one for one in told.parsed.events if one.category is Category.SEGFAULT)
    return Evidence(RECORDED, Kind.KERNEL_LOG, seconds, anchor=crash.time)


def test_recorded_crash_of_the_launched_program() -> None:
    told = recorded(12)

    (finding,) = segfault(
        case(phase("warm-up", 0, 12.1, failed=True), events=told.events, files=[told.file], labels=LABELS)
    )

    assert (finding.layer, finding.severity, finding.cost) == (Layer.APPLICATION, Severity.CRITICAL, ns(12.1))
    assert finding.text.startswith("crashy_worker crashed")
    assert finding.text.endswith("12 s into warm-up (segmentation fault).")
    assert "segfault at" in finding.evidence_for[0].text
    assert finding.evidence_for[0].line is not None


@pytest.mark.parametrize(("command", "seconds"), [("vllm serve glm", 12), ("/srv/crashy_worker", 300)])
def test_crashes_of_others_and_of_other_times_are_silent(command: str, seconds: float) -> None:
    told = recorded(seconds)
    launch = case(
        phase("warm-up", 0, 60, failed=True), events=told.events, files=[told.file], labels={"command": command}
    )

    assert list(segfault(launch)) == []


@pytest.mark.parametrize(
    ("text", "failed", "severity"),
    [
        ("mce: [Hardware Error]: Machine check events logged", False, Severity.NOTICE),
        ("EDAC MC0: 1 CE memory read error on CPU_SrcID#0", True, Severity.NOTICE),
        ("EDAC MC0: 1 UE memory read error on CPU_SrcID#0", False, Severity.WARNING),
        ("mce: [Hardware Error]: Uncorrected hardware memory error in user-access", True, Severity.CRITICAL),
    ],
)
def test_errors_of_the_hardware(text: str, failed: bool, severity: Severity) -> None:
    told = case(phase("warm-up", 0, 60, failed=failed), events=[event(Category.MCE, 30, text)])

    (finding,) = machine_check(told)

    assert (finding.severity, finding.cost) == (severity, ns(60) if severity is Severity.CRITICAL else 0)


def test_hardware_errors_of_yesterday_are_silent() -> None:
    told = case(phase("warm-up", 0, 60), events=[event(Category.MCE, -86_400, "EDAC MC0: 1 UE memory read error")])

    assert list(machine_check(told)) == []
