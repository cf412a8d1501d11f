"""``compile-cache-lost``: graphs were compiled anew, though earlier launches loaded them or they could be kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagnostics.analysis.diagnosis.advice import kept_cache
from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.log_lines import said, sign
from diagnostics.analysis.diagnosis.wording import count, percent, seconds
from diagnostics.records import NS_PER_SECOND, PlacedPhase

COMPILED = sign("compiling a graph for", pattern=r"Compiling a graph for .*?takes (?P<s>\d{1,9}(?:\.\d{1,9})?) s\b")
LOADED = sign("directly load the compiled graph")
COMPILING = re.compile(r"graph-compile|torch-compile|inductor|deepgemm[-_]jit|autotune", re.IGNORECASE)
LOADING = "compiled-graph-load"
LEAST = 2 * NS_PER_SECOND
LEAST_SHARE = 0.1


def compile_cache_lost(case: Case) -> Iterator[Finding]:
    lines = said(case, COMPILED)
    missed = case.labels.get("compile_cache") == "miss" or bool(lines)
    phases = [told for told in case.launch.phases if COMPILING.search(told.phase.name)]
    if not missed:
        return
    took = max(_told(lines), *(told.phase.duration for told in phases), 0)
    usual = _usual_load(case)
    if took >= LEAST and (usual is not None or took >= LEAST_SHARE * case.launch.total):
        yield _finding(case, took, usual, [seen for seen, _ in lines], phases)


def _told(lines: Sequence[tuple[SeenEvent, re.Match[str]]]) -> int:
    """The slowest rank's sum: every rank compiles all graphs for itself."""
    by_rank: dict[str, int] = {}
    for seen, match in lines:
        by_rank[seen.event.source] = by_rank.get(seen.event.source, 0) + round(float(match["s"]) * NS_PER_SECOND)
    return max(by_rank.values(), default=0)


def _usual_load(case: Case) -> tuple[int, int] | None:
    """What loading the graphs took in earlier launches (median, ns), and in how many; ``None`` if they never did."""
    for path, known in case.usual.items():
        middle = known.quantile(0.5)
        if LOADING in path.rpartition("/")[2] and middle is not None:
            return middle, len(known.durations)
    return None


def _finding(
    case: Case, took: int, usual: tuple[int, int] | None, lines: Sequence[SeenEvent], phases: Sequence[PlacedPhase]
) -> Finding:
    saved = took - usual[0] if usual else took
    longest = max(phases, key=lambda told: told.phase.duration, default=None)
    # What runs beside the path costs nothing.
    on_path = sum(told.critical_time for told in phases) if phases else took
    cost = max(0, min(saved, on_path, case.launch.total))
    text = f"Compiling took {seconds(took)}, {percent(100 * took / max(1, case.launch.total))} of the launch"
    before = (
        f"; {count(usual[1], 'earlier launch', 'earlier launches')} loaded the graphs in {seconds(usual[0])}"
        if usual
        else ""
    )
    advised = kept_cache(case, max(0, saved))
    hits = [seen for seen, _ in said(case, LOADED)]
    label = Proof("Label compile_cache: miss")
    return Finding(
        reason="compile-cache-lost",
        layer=Layer.CONFIG,
        severity=Severity.WARNING if usual or cost >= 0.2 * case.launch.total else Severity.NOTICE,
        text=f"{text}: nothing was in the compile cache{before}.",
        phase=longest.path if longest else None,
        expected=float(usual[0]) if usual else "loaded from the cache",
        actual=float(took) if usual else f"compiled in {seconds(took)}",
        unit="ns" if usual else "",
        confidence=0.9 if usual else 0.7,
        cost=cost,
        evidence_for=proofs(lines) or [label],
        evidence_against=[
            *([] if usual else [Proof("No earlier launch is known to have had a cache: it may never have been kept")]),
            *proofs(hits[:1]),
        ],
        advice=advised.text,
        patch=advised.patch,
    )
