"""``not-resolvable``: what the host's samples are too coarse for, or do not reach, told instead of guessed."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Severity
from diagnostics.analysis.diagnosis.resolution import NOT_RESOLVABLE, unresolved
from diagnostics.analysis.diagnosis.stretches import Stretch, weighty
from diagnostics.analysis.diagnosis.wording import count, seconds

# What is shorter than this share of the launch is not missed.
LEAST_SHARE = 0.1
ADVICE = (
    "Record the next launch by “autoglm-debug dump-launch-sequence … -- COMMAND”, which samples its host every second, "
    "or let sysstat sample at least every {interval} while it starts."
)


def not_resolvable(case: Case) -> Iterator[Finding]:
    """One finding for all of the launch's long stretches that the samples cannot speak of."""
    missed = [
        (stretch, why)
        for stretch in weighty(case)
        if stretch.cost >= LEAST_SHARE * case.launch.total
        for why in [unresolved(case, stretch)]
        if why
    ]
    if not missed:
        return
    longest, text = missed[0]
    if len(missed) > 1:
        text = f"{text[:-1]}, and {count(len(missed) - 1, 'shorter stretch', 'shorter stretches')}."
    yield Finding(
        reason=NOT_RESOLVABLE,
        layer=Layer.UNKNOWN,
        severity=Severity.NOTICE,
        text=text,
        phase=longest.path,
        confidence=1.0,
        advice=ADVICE.format(interval=seconds(_wanted([stretch for stretch, _ in missed]))),
    )


def _wanted(missed: list[Stretch]) -> int:
    """An interval that gives the shortest of them five readings, ns, no less than sysstat's one second."""
    return max(10**9, min(stretch.window.duration for stretch in missed) // 5 // 10**9 * 10**9)
