from __future__ import annotations

from collections.abc import Iterator

import pytest

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.diagnose import Headline, diagnose, headline
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.rules import RULES
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import case, file, ns, phase, reasons, series

NOTICE, WARNING, CRITICAL = Severity.NOTICE, Severity.WARNING, Severity.CRITICAL


def found(reason: str, severity: Severity = WARNING, cost: float = 0, confidence: float = 0.5) -> Finding:
    return Finding(reason, Layer.CPU, severity, f"It was {reason}.", cost=ns(cost), confidence=confidence)


def test_gravest_then_most_costly_then_surest_come_first() -> None:
    told = [
        found("cheap", cost=1),
        found("notice", NOTICE, cost=99),
        found("surer", cost=5, confidence=0.9),
        found("costly", cost=5),
        found("fatal", CRITICAL),
    ]

    findings = diagnose(case(phase("a", 0, 10)), [lambda _: told])

    assert reasons(findings) == ["fatal", "surer", "costly", "cheap", "notice"]


def test_what_two_rules_say_alike_is_said_once_with_the_proofs_of_both() -> None:
    one = Finding("r", Layer.CPU, WARNING, "Same.", evidence_for=[Proof("a"), Proof("b")])
    two = Finding("r", Layer.CPU, WARNING, "Same.", evidence_for=[Proof("b"), Proof("c")])
    other = Finding("r", Layer.CPU, WARNING, "Another.")

    findings = diagnose(case(phase("a", 0, 10)), [lambda _: [one], lambda _: [two, other]])

    assert len(findings) == 2
    assert [proof.text for proof in findings[0].evidence_for] == ["a", "b", "c"]


def test_a_phase_does_not_echo_what_is_inside_it() -> None:
    outer, inner, worse = (
        Finding("r", Layer.CPU, WARNING, phase, phase=phase, cost=ns(cost))
        for phase, cost in (("load", 2), ("load/weights", 5), ("load/weights/shard", 1))
    )
    elsewhere = Finding("r", Layer.CPU, WARNING, "load-2", phase="load-2", cost=ns(1))
    another = Finding("s", Layer.CPU, WARNING, "other", phase="load", cost=ns(1))

    findings = diagnose(case(phase("load", 0, 10)), [lambda _: [outer, inner, worse, elsewhere, another]])

    assert {(found.reason, found.phase) for found in findings} == {
        ("r", "load/weights"),
        ("r", "load/weights/shard"),
        ("r", "load-2"),
        ("s", "load"),
    }


def test_a_broken_rule_is_not_hidden() -> None:
    def broken(_: Case) -> Iterator[Finding]:
        yield found("fine")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        diagnose(case(phase("a", 0, 10)), [broken])


def test_every_rule_is_there_once() -> None:
    assert len(set(RULES)) == len(RULES)


@pytest.mark.parametrize(
    "told",
    [
        case(phase("a", 0, 0)),
        case(milestones={"process_start": 0, "ready_line": 0}),
        case(milestones={"process_start": 0, "ready_line": 30}),
        case(phase("a", 0, 10), phase("b", 3, 5, failed=True)),
        case(phase("a", 0, 10), samples=[series("cpu.iowait", [])]),
        case(phase("a", 0, 10), samples=[series("disk.read_kb", [1.0], instance="sda")]),
        case(phase("a", 0, 10), samples=[series("cpu.idle", [float("nan")] * 10)]),
    ],
    ids=["no length", "nothing at all", "no phases", "failed", "empty series", "one reading", "not a number"],
)
def test_a_launch_of_which_nothing_is_known_has_nothing_grave(told: Case) -> None:
    assert all(finding.severity is not CRITICAL for finding in diagnose(told))


class TestHeadline:
    """The sentence the launch's page begins with."""

    def test_is_the_first_finding(self) -> None:
        told = case(phase("a", 0, 10))

        assert headline([found("cheap"), found("costly", cost=5, confidence=0.8)], told) == Headline(
            Layer.CPU, "It was costly.", 0.8
        )

    def test_says_that_nothing_was_uploaded(self) -> None:
        told = case(phase("a", 0, 10), files=[file("s", Kind.SNAPSHOT)])

        assert headline([], told) == Headline(Layer.UNKNOWN, "No evidence uploaded for gpu-07.", 0.0)

    def test_says_that_samples_are_too_coarse(self) -> None:
        told = case(
            phase("weights-load", 0, 18),
            files=[file("sa23", Kind.SAR)],
            samples=[series("cpu.iowait", [2.0, 90.0], every=600, first=-100, artifact="sa23")],
        )

        told_first = headline(diagnose(told), told)

        assert told_first.layer is Layer.UNKNOWN
        assert told_first.text == "Not resolvable: sar interval 600 s > phase weights-load 18 s."

    def test_says_that_the_evidence_explains_nothing(self) -> None:
        told = case(phase("weights-load", 0, 18), samples=[series("cpu.idle", [90.0] * 18)])

        assert headline(diagnose(told), told).text == (
            "Nothing in the evidence explains its length: 18 s; weights-load took most of it (18 s)."
        )

    def test_asks_for_the_failure_of_a_failed_launch(self) -> None:
        told = case(phase("load", 0, 18, failed=True), samples=[series("cpu.idle", [90.0] * 18)])

        assert headline(diagnose(told), told).text.startswith("Nothing in the evidence explains why the launch failed")

    def test_passes_over_what_is_only_worth_knowing(self) -> None:
        told = case(phase("a", 0, 100), samples=[series("cpu.idle", [90.0] * 100)])

        assert headline([found("small", NOTICE, cost=1)], told).layer is Layer.UNKNOWN
        assert headline([found("large", NOTICE, cost=50)], told).text == "It was large."
