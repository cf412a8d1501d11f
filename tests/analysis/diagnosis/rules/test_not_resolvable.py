from __future__ import annotations

from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.not_resolvable import not_resolvable
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import DATA, Evidence, case, file, phase, series

SAR = [file("sa23", Kind.SAR)]
COARSE = series("cpu.iowait", [2.0, 90.0, 1.0], every=600, first=-100, artifact="sa23")


def test_says_which_samples_are_too_coarse_for_what() -> None:
    told = case(phase("setup", 0, 5), phase("weights-load", 5, 23), samples=[COARSE], files=SAR)

    (finding,) = not_resolvable(told)

    assert (finding.layer, finding.severity, finding.phase) == (Layer.UNKNOWN, Severity.NOTICE, "weights-load")
    assert finding.text == "Not resolvable: sar interval 600 s > phase weights-load 18 s, and 1 shorter stretch."
    assert (finding.cost, finding.confidence) == (0, 1.0)
    assert "at least every 1 s" in finding.advice


def test_says_that_samples_end_before() -> None:
    told = case(phase("setup", 0, 20), phase("weights-load", 20, 80), samples=[series("cpu.iowait", [2.0] * 20)])

    (finding,) = not_resolvable(told)

    assert finding.text == "No sample of this host covers phase weights-load (60 s)."


def test_a_finer_source_resolves_it() -> None:
    recorded = Evidence(DATA / "diagnosis" / "rec-cold.host-samples.json", Kind.HOST_SAMPLES, 0.25)
    told = case(phase("weights-load", 0, 6.4), samples=[COARSE, *recorded.samples], files=[*SAR, recorded.file])

    assert list(not_resolvable(told)) == []


def test_is_silent_without_samples_and_for_what_is_short() -> None:
    long = series("cpu.iowait", [2.0] * 20, every=10)

    assert list(not_resolvable(case(phase("a", 0, 20)))) == []
    assert list(not_resolvable(case(phase("a", 0, 191), phase("b", 191, 200), samples=[long]))) == []
    # How full a disk is says nothing of what a phase waited for.
    full = series("filesystem.used_percent", [91.0, 91.0], every=600, first=-10)
    assert list(not_resolvable(case(phase("a", 0, 20), samples=[full]))) == []
