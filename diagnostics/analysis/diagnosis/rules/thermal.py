"""``thermal-throttle``: CPUs ran slower than they can because they were too hot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import during, proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Severity
from diagnostics.analysis.diagnosis.history import as_usual, excess
from diagnostics.analysis.diagnosis.stretches import most_hit
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import NS_PER_SECOND, Category, Interval

HOT = re.compile(r"above threshold|limit notification|critical temperature", re.IGNORECASE)
CPU = re.compile(r"CPU(\d+)")
# The kernel repeats the message every five minutes while it lasts, and says once when it is over.
LASTS = 300 * NS_PER_SECOND


def thermal_throttle(case: Case) -> Iterator[Finding]:
    """One finding for all CPUs: the phase they slowed most."""
    told = during(case, Category.THROTTLE)
    hot = [seen for seen in told if _is_hot(seen)]
    hit = most_hit(case, hot_times(told, case.window.end))
    if not hot or hit is None:
        return
    stretch, lasted = hit
    cpus = {_cpu(seen) for seen in hot} - {""}
    lost = excess(case, stretch)
    yield Finding(
        reason="thermal-throttle",
        layer=Layer.CPU,
        severity=Severity.WARNING,
        text=(f"{count(len(cpus) or 1, 'CPU')} ran slower for heat, for up to {seconds(lasted)} of {stretch.name}."),
        phase=stretch.path,
        expected=0.0,
        actual=float(len(hot)),
        unit="count",
        confidence=0.4 if lost is None else 0.7 if lost > 0 else 0.2,
        cost=min(lasted, lost or 0),
        evidence_for=proofs(hot),
        evidence_against=as_usual(case, stretch),
        advice="Look at the host's fans, its inlet temperature and its power settings.",
    )


def hot_times(told: Sequence[SeenEvent], end: int) -> list[Interval]:
    """From each message until the same CPU is well again, five minutes at most; ``end`` is the launch's."""
    found: list[Interval] = []
    since: dict[str, int] = {}
    for seen in told:
        cpu, time = _cpu(seen), seen.event.time
        if cpu in since:
            start = since.pop(cpu)
            found.append(Interval(start, min(time, start + LASTS)))
        if _is_hot(seen):
            since[cpu] = time
    found.extend(Interval(start, min(end, start + LASTS)) for start in since.values())
    return found


def _is_hot(seen: SeenEvent) -> bool:
    told = seen.event.fields.get("problem")
    return bool(told) if told is not None else HOT.search(seen.event.text) is not None


def _cpu(seen: SeenEvent) -> str:
    told = seen.event.fields.get("cpu")
    found = CPU.search(seen.event.text)
    return str(told) if told is not None else found[1] if found else ""
