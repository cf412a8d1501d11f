"""Every recorded file laid under launches that got ready and that failed: whatever it holds, diagnosis stays sane."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from diagnostics.analysis.diagnosis.diagnose import diagnose, headline
from diagnostics.analysis.diagnosis.finding import Finding, Severity
from diagnostics.records import Kind, LaunchStatus, ParseError
from tests.analysis.diagnosis.cases import SAMPLES, START, Evidence, case, phase

FOLDERS = {"dmesg": Kind.KERNEL_LOG, "oom": Kind.KERNEL_LOG, "sar": Kind.SAR, "df": Kind.DF, "k8s": Kind.K8S_POD}
FILES = [
    (path, kind)
    for folder, kind in FOLDERS.items()
    for path in sorted((SAMPLES / folder).glob("*"))
    if path.suffix in (".txt", ".log", ".json") and path.stat().st_size < 1_000_000
]
MOST = 60


@pytest.mark.parametrize(("path", "kind"), FILES, ids=[path.name for path, _ in FILES])
def test_findings_are_bounded_and_proved(path: Path, kind: Kind) -> None:
    try:
        told = Evidence(path, kind, 1)
    except ParseError:
        return  # Another kind of file lies in that folder, or a sar that is not sysstat's.
    length = ((told.file.last or 0) - START) / 10**9 + 1
    for failed in (False, True):
        launch = case(
            phase("setup", 0, length / 10),
            phase("weights-load", length / 10, length, failed=failed, bytes=10**9),
            events=told.events,
            samples=told.samples,
            files=[told.file],
        )

        findings = diagnose(launch)

        assert launch.launch.status is (LaunchStatus.FAILED if failed else LaunchStatus.SUCCESS)
        assert len(findings) <= MOST
        for finding in findings:
            assert_sane(finding, told, launch.launch.total)
        assert headline(findings, launch).text.strip()


def assert_sane(finding: Finding, told: Evidence, total: int) -> None:
    assert 0 <= finding.confidence <= 1
    assert 0 <= finding.cost <= total
    assert len(finding.evidence_for) <= 12
    assert finding.advice
    assert finding.severity is Severity.NOTICE or finding.evidence_for
    for proof in itertools.chain(finding.evidence_for, finding.evidence_against):
        assert proof.artifact in (None, told.artifact)
        assert "nan" not in proof.text.lower().split()
