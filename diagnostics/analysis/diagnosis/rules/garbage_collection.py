"""``gc-dominates``, ``heap-growth``: what a JVM's collections cost its start, and a heap that began too small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from diagnostics.analysis.diagnosis.case import Case, EvidenceFile
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.wording import count, memory, percent, seconds
from diagnostics.records import Kind, Phase

LANE = "gc"  # where the JVM's log puts the pauses
# Less of a start than this is what any JVM spends.
DOMINATES = 0.10
LEAST_PAUSED = 200_000_000  # ns; a start of a second is not worth a heap's tuning
LEAST_GROWN, GREW = 3, 2.0  # times; how much larger in the end
SHOWN = 5


class Pauses(NamedTuple):
    """Pauses within the launch, the longest first; ``paused`` is their sum in it, ns: pauses never overlap."""

    file: EvidenceFile
    phases: Sequence[Phase]
    paused: int
    share: float


def gc_dominates(case: Case) -> Iterator[Finding]:
    for found in _pauses(case):
        if found.share < DOMINATES or found.paused < LEAST_PAUSED:
            continue
        longest = found.phases[0].duration
        yield Finding(
            reason="gc-dominates",
            layer=Layer.MEMORY,
            severity=Severity.WARNING,
            text=f"The JVM stood still for {count(len(found.phases), 'garbage collection')}, {seconds(found.paused)} "
            f"in all and {percent(found.share * 100)} of the launch; the longest pause took {seconds(longest)}.",
            expected=DOMINATES * 100,
            actual=round(found.share * 100, 1),
            unit="%",
            confidence=0.9,
            cost=found.paused,
            evidence_for=_proofs(found),
            advice=_advice(found),
        )


def heap_growth(case: Case) -> Iterator[Finding]:
    for found in _pauses(case):
        told = _told(found.file)
        first, last = _number(told.get("capacity_first")), _number(told.get("capacity_last"))
        grown = _number(told.get("grown"))
        if grown < LEAST_GROWN or not first or last < GREW * first or not found.paused:
            continue
        heap = round(last / (1 << 20))
        yield Finding(
            reason="heap-growth",
            layer=Layer.CONFIG,
            severity=Severity.WARNING if found.share >= DOMINATES / 2 else Severity.NOTICE,
            text=f"The JVM's heap grew {count(grown, 'time')} during the start, from {memory(first)} to {memory(last)}"
            f"; {count(len(found.phases), 'collection')} on the way took {seconds(found.paused)}.",
            expected=float(last),
            actual=float(_number(told.get("initial")) or first),
            unit="bytes",
            confidence=0.8 if found.share >= DOMINATES / 2 else 0.5,
            cost=found.paused,
            evidence_for=_proofs(found),
            evidence_against=[] if found.share >= DOMINATES / 2 else [_little(found)],
            advice=f"Begin with the heap that it ends with: -Xms{heap}m (or -XX:InitialRAMPercentage), within the "
            "container's memory limit; -XX:+AlwaysPreTouch only if the first requests suffer from page faults.",
        )


def _pauses(case: Case) -> Iterator[Pauses]:
    """Of each JVM's log that joins the launch; of several in one launch nobody can tell whose pauses are whose."""
    files = list(case.of_kind(Kind.JVM_LOG))
    window = case.window
    told = [placed.phase for placed in case.launch.phases if placed.phase.lane == LANE]
    inside = [phase for phase in told if phase.start_time < window.end and phase.end_time > window.start]
    if len(files) != 1 or not inside or window.duration <= 0:
        return
    paused = sum(min(phase.end_time, window.end) - max(phase.start_time, window.start) for phase in inside)
    inside.sort(key=lambda phase: -phase.duration)
    yield Pauses(files[0], inside, paused, paused / window.duration)


def _proofs(found: Pauses) -> list[Proof]:
    return [
        Proof(_worded(phase), found.file.artifact, _number(phase.attributes.get("line")) or None, phase.start_time)
        for phase in found.phases[:SHOWN]
    ]


def _worded(phase: Phase) -> str:
    reason = phase.attributes.get("reason")
    why = f" ({reason})" if reason else ""
    return f"{phase.name}{why} took {seconds(phase.duration)}"


def _advice(found: Pauses) -> str:
    reasons = {str(reason) for reason in _told(found.file).get("by_reason_ns") or {}}
    advice = "Give the heap more room from the beginning (-Xms, -Xmx within the container's memory limit)"
    if "System.gc()" in reasons:
        advice += ", find who calls System.gc() or forbid it with -XX:+DisableExplicitGC"
    if "Metadata GC Threshold" in reasons:
        advice += ", raise -XX:MetaspaceSize, for classes alone set collections off"
    return f"{advice}; with more than one CPU use -XX:+UseParallelGC or G1 rather than the serial collector."


def _little(found: Pauses) -> Proof:
    return Proof(f"All pauses together are {percent(found.share * 100)} of the launch")


def _told(file: EvidenceFile) -> dict[str, Any]:
    told = file.facts.get("gc")
    return told if isinstance(told, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
