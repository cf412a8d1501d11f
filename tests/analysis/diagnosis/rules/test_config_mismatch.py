from __future__ import annotations

from typing import Any

import pytest

from diagnostics.analysis.diagnosis.case import EvidenceFile
from diagnostics.analysis.diagnosis.finding import Finding, Severity
from diagnostics.analysis.diagnosis.rules.config_mismatch import config_mismatch
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import case, ns, phase, reasons, usual
from tests.analysis.diagnosis.probes import checks, probed


def configured(name: str, expected: Any, actual: Any, **fields: Any) -> list[Finding]:
    launched = case(phase("app", 0, 60), config={name: {"expected": expected, "actual": actual}}, **fields)
    return list(config_mismatch(launched))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [("300", 300), (300, "300.0"), ("true", "True"), ("1", "true"), ("off", False), (" a ", "a"), (None, None)],
)
def test_values_that_mean_the_same(expected: Any, actual: Any) -> None:
    assert not configured("SETTING", expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual", "text"),
    [
        ("300", "60", "SETTING is “60”; expected “300”."),
        ("300", None, "SETTING is not set; expected “300”."),
        ("true", "false", "SETTING is “false”; expected “true”."),
        ("A", "a", "SETTING is “a”; expected “A”."),
        ("1", "0", "SETTING is “0”; expected “1”."),
    ],
)
def test_values_that_differ(expected: Any, actual: Any, text: str) -> None:
    (found,) = configured("SETTING", expected, actual)
    assert found.text == text
    assert found.severity is Severity.WARNING
    assert f'value: "{expected}"' in found.patch or f"value: {expected}" in found.patch


def test_settings_without_an_expectation_are_only_facts() -> None:
    assert not list(config_mismatch(case(phase("app", 0, 60), config={"PATH": {"actual": "/bin"}})))


def test_a_secret_is_in_no_patch() -> None:
    (found,) = configured("HF_TOKEN", "***", None)
    assert not found.patch


@pytest.mark.parametrize(
    ("different", "expected", "actual", "count"),
    [
        (["HF_TOKEN"], "***", "***", 1),
        ([], "***", "***", 0),
        (["HF_TOKEN"], "true", "True", 0),
        (["HF_TOKEN"], "***", None, 1),
    ],
)
def test_secrets_that_differed_before_they_were_hidden(
    different: list[str], expected: str, actual: str | None, count: int
) -> None:
    settings = EvidenceFile("a1", Kind.CONFIG, {"different": different})
    found = configured("HF_TOKEN", expected, actual, files=[settings])
    assert len(found) == count
    if actual == "***":
        assert all("is another than expected" in one.text and not one.patch for one in found)


def test_a_time_out_that_ended_the_launch() -> None:
    launched = case(
        phase("import", 0, 8),
        phase("model-load", 8, 68.5, failed=True),
        config={"MODEL_LOAD_TIMEOUT": {"expected": "300", "actual": "60"}},
    )
    (found,) = config_mismatch(launched)
    assert (found.severity, found.phase, found.cost) == (Severity.CRITICAL, "model-load", ns(68.5))
    assert found.text.endswith("model-load failed after 60 s, when that time was over.")


def test_a_time_out_below_what_loading_takes() -> None:
    launched = case(
        phase("model-load", 0, 55),
        config={"MODEL_LOAD_TIMEOUT": {"actual": "60"}},
        usual={"model-load": usual(50, 55, 58, 72)},
    )
    (found,) = config_mismatch(launched)
    assert (found.reason, found.severity) == ("timeout-too-short", Severity.WARNING)
    assert "allows 60 s; model-load takes up to 72 s (5 launches)" in found.text
    assert 'value: "130"' in found.patch
    enough = case(
        phase("model-load", 0, 55),
        config={"MODEL_LOAD_TIMEOUT": {"actual": "5m"}},
        usual={"model-load": usual(50, 55, 58, 72)},
    )
    assert not list(config_mismatch(enough))


def test_differences_that_a_deep_probe_saw() -> None:
    differs = {
        "name": "config",
        "layer": "config",
        "state": "failed",
        "message": "TENSOR_PARALLEL is “1”; expected “2”",
        "expected": "2",
        "actual": "1",
    }
    events, told = probed(checks(differs))
    (found,) = config_mismatch(case(phase("app", 0, 60), events=events, files=[told]))
    assert (found.expected, found.actual) == ("2", "1")
    known = case(
        phase("app", 0, 60),
        events=events,
        files=[told],
        config={"TENSOR_PARALLEL": {"expected": "2", "actual": "1"}},
    )
    assert reasons(config_mismatch(known)) == ["config-mismatch"], "said once"
