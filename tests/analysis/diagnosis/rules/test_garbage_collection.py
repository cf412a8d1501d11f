"""Collections that dominate a JVM's start, and a heap that grows again and again; also from a recorded log."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.analysis.diagnosis.case import Case, EvidenceFile
from diagnostics.analysis.diagnosis.finding import Severity
from diagnostics.analysis.diagnosis.rules.garbage_collection import gc_dominates, heap_growth
from diagnostics.analysis.launch import analyse
from diagnostics.parsers import PARSERS, Hints, Source, collect
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import DATA, at, case, file, phase, reasons

GC: dict[str, Any] = {"grown": 6, "capacity_first": 64 << 20, "capacity_last": 512 << 20, "initial": 64 << 20}


def started(*pauses: tuple[float, float], gc: dict[str, Any] | None = None) -> Case:
    told = [
        phase("Pause Young", a, b, lane="gc", reason="G1 Evacuation Pause", line=n)
        for n, (a, b) in enumerate(pauses, 7)
    ]
    files = [file("jvm", Kind.JVM_LOG, gc=GC if gc is None else gc)]
    return case(phase("boot", 0, 20), *told, files=files)


def test_pauses_that_take_a_good_part_of_the_start() -> None:
    (found,) = gc_dominates(started((2, 3), (5, 9)))
    assert found.text == (
        "The JVM stood still for 2 garbage collections, 5 s in all and 25 % of the launch; the longest pause took 4 s."
    )
    assert (found.severity, found.actual, found.unit, found.cost) == (Severity.WARNING, 25.0, "%", 5 * 10**9)
    first = found.evidence_for[0]
    assert (first.text, first.artifact, first.line, first.time) == (
        "Pause Young (G1 Evacuation Pause) took 4 s",
        "jvm",
        8,
        at(5),
    )


@pytest.mark.parametrize("pauses", [(), ((2, 3.9),), ((19, 40),)])
def test_few_pauses_are_what_any_jvm_has(pauses: tuple[tuple[float, float], ...]) -> None:
    told = started(*pauses)
    if pauses and pauses[0][1] > 20:
        told = case(
            phase("boot", 0, 20),
            phase("Pause", 19, 40, lane="gc"),
            milestones={"health_ok": 20},
            files=[file("jvm", Kind.JVM_LOG)],
        )
    assert list(gc_dominates(told)) == [], "only what lies within the launch counts"


def test_reasons_decide_the_advice() -> None:
    (found,) = gc_dominates(started((2, 9), gc={"by_reason_ns": {"System.gc()": 1, "Metadata GC Threshold": 1}}))
    assert "DisableExplicitGC" in found.advice
    assert "MetaspaceSize" in found.advice


def test_a_heap_that_grows_again_and_again() -> None:
    (found,) = heap_growth(started((2, 3), (5, 6)))
    assert found.text == (
        "The JVM's heap grew 6 times during the start, from 64 MiB to 512 MiB; 2 collections on the way took 2 s."
    )
    assert "-Xms512m" in found.advice
    assert found.severity is Severity.WARNING
    (little,) = heap_growth(started((2, 2.1)))
    assert little.severity is Severity.NOTICE
    assert little.evidence_against[0].text == "All pauses together are 0.5 % of the launch"


@pytest.mark.parametrize("gc", [{}, {**GC, "grown": 2}, {**GC, "capacity_last": 100 << 20}, {"grown": "x"}])
def test_a_heap_that_keeps_its_size_is_no_finding(gc: dict[str, Any]) -> None:
    assert list(heap_growth(started((2, 9), gc=gc))) == []


def test_of_two_logs_nobody_can_tell_whose_pauses_they_are() -> None:
    files = [file("a", Kind.JVM_LOG, gc=GC), file("b", Kind.JVM_LOG, gc=GC)]
    assert list(gc_dominates(case(phase("boot", 0, 9), phase("Pause", 1, 5, lane="gc"), files=files))) == []


def test_of_a_recorded_log() -> None:
    content = (DATA / "jvm-log" / "rec-serial-uptime.log").read_bytes()
    parsed = collect(PARSERS[Kind.JVM_LOG](Source.of(content), Hints(at(10**6))))
    files = [EvidenceFile("jvm", Kind.JVM_LOG, parsed.facts)]
    told = Case(analyse(parsed.phases, {}), files=files)
    assert reasons(gc_dominates(told)) == [], "0.09 s are not worth a word"
    (found,) = heap_growth(told)
    assert found.text.startswith("The JVM's heap grew 10 times during the start, from 7 MiB to 112 MiB; 25 collections")
