"""``unlogged-time``: a large part of the launch that no phase covers, with the lines that were printed in it."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proof
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.log_lines import log_lines
from diagnostics.analysis.diagnosis.wording import count, percent, seconds
from diagnostics.records import NS_PER_SECOND, Interval

LEAST = 5 * NS_PER_SECOND
LEAST_SHARE = 0.2
SHOWN = 2


def unlogged_time(case: Case) -> Iterator[Finding]:
    total, dark = case.launch.total, case.launch.unaccounted_time
    if dark < LEAST or dark < LEAST_SHARE * total:
        return
    longest = max(case.launch.unaccounted, key=lambda gap: gap.duration)
    inside = [seen for seen in log_lines(case) if longest.start < seen.event.time < longest.end]
    text = f"{seconds(dark)} of the launch ({percent(100 * dark / total)}) belong to no phase"
    yield Finding(
        reason="unlogged-time",
        layer=Layer.UNKNOWN,
        severity=Severity.NOTICE,
        text=f"{text}; the longest such stretch takes {seconds(longest.duration)}, {_between(case, longest)}.",
        expected=0.0,
        actual=float(dark),
        unit="ns",
        confidence=1.0,
        cost=dark,
        evidence_for=[
            Proof(f"{count(len(inside), 'line')} in {seconds(longest.duration)} without a phase", time=longest.start),
            *_ends(inside),
        ],
        advice="Record the launch with “autoglm-debug dump-launch-sequence -- COMMAND”: it shows what each process "
        "did. Or raise the log level, or mark the work with the SDK (agent's record module) where the lines show none.",
    )


def _between(case: Case, gap: Interval) -> str:
    """Between which phases it lies."""
    before = max(
        (told for told in case.launch.phases if told.phase.end_time <= gap.start),
        key=lambda told: (told.phase.end_time, -told.depth),
        default=None,
    )
    after = min(
        (told for told in case.launch.phases if told.phase.start_time >= gap.end),
        key=lambda told: (told.phase.start_time, told.depth),
        default=None,
    )
    if before and after:
        return f"between {before.path} and {after.path}"
    return f"before {after.path}" if after else f"after {before.path}" if before else "the whole of it"


def _ends(inside: list[SeenEvent]) -> list[Proof]:
    """The first and the last lines of the stretch."""
    shown = inside if len(inside) <= 2 * SHOWN else [*inside[:SHOWN], *inside[-SHOWN:]]
    return [proof(seen) for seen in shown]
