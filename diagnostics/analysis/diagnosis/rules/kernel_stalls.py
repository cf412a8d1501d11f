"""``hung-task`` and ``soft-lockup``: something stood still inside the kernel, and the kernel says for how long."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import distinct, proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.history import as_usual
from diagnostics.analysis.diagnosis.processes import Whose, whose_name
from diagnostics.analysis.diagnosis.stretches import covered, most_hit
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import NS_PER_SECOND, Category, Interval

SECONDS = re.compile(r"(?:more than |stuck for )(\d+) ?s")
# A stall must fill this share of a phase, or so long a time, to be what held it up.
LEAST_SHARE = 0.1
LEAST = 5 * NS_PER_SECOND


def hung_task(case: Case) -> Iterator[Finding]:
    """Tasks that waited inside the kernel for minutes, mostly for a disk or a network file system."""
    advice = (
        "The call trace below the line names what the task waited for, most often a disk or a network file system: "
        "look at that before the launch itself."
    )
    yield from _stalls(case, Category.HUNG_TASK, "hung-task", Layer.STORAGE, "stuck in the kernel", advice)


def soft_lockup(case: Case) -> Iterator[Finding]:
    """CPUs that ran kernel code without ever giving way."""
    advice = (
        "The call trace below the line names the driver that ran. On a virtual machine the host may not have given it "
        "CPU time: look at steal time, else update that driver."
    )
    yield from _stalls(case, Category.SOFT_LOCKUP, "soft-lockup", Layer.CPU, "CPU time lost to the kernel", advice)


def _stalls(case: Case, category: Category, reason: str, layer: Layer, what: str, advice: str) -> Iterator[Finding]:
    told = [(seen, stood_still(seen)) for seen in distinct(case.of_category(category))]
    # The line comes at the end of what it tells, which may be after the launch.
    told = [(seen, span) for seen, span in told if covered(case.window, [span]) > 0]
    hit = most_hit(case, [span for _, span in told])
    if hit is None:
        return
    stretch, lost = hit
    if lost < min(LEAST, LEAST_SHARE * stretch.window.duration):
        return
    events = [seen for seen, span in told if covered(stretch.window, [span]) > 0]
    owner = min((whose_name(case, _task(seen)) for seen in events), key=lambda one: list(Whose).index(one[0]))
    longest = max(stood_still(seen).duration for seen in events)
    yield Finding(
        reason=reason,
        layer=layer,
        severity=Severity.NOTICE if owner[0] is Whose.OTHER and layer is not Layer.CPU else Severity.WARNING,
        text=(
            f"{_tasks(events)} {what} for {seconds(longest)} or longer, {seconds(lost)} of it during {stretch.name}."
        ),
        phase=stretch.path,
        expected=0.0,
        actual=float(longest),
        unit="ns",
        confidence={Whose.OURS: 0.85, Whose.MAYBE: 0.6, Whose.OTHER: 0.35}[owner[0]],
        cost=min(stretch.cost, lost),
        evidence_for=proofs(events),
        evidence_against=[
            *([Proof(owner[1])] if owner[0] is Whose.OTHER else []),
            *as_usual(case, stretch),
        ],
        advice=advice,
    )


def stood_still(seen: SeenEvent) -> Interval:
    """What a line speaks of: the time before it."""
    told = seen.event.fields.get("seconds")
    if told is None:
        found = SECONDS.search(seen.event.text)
        told = int(found[1]) if found else 0
    return Interval(seen.event.time - int(told) * NS_PER_SECOND, seen.event.time)


def _task(seen: SeenEvent) -> str:
    return str(seen.event.fields.get("task") or "")


def _tasks(events: Sequence[SeenEvent]) -> str:
    names = list(dict.fromkeys(_task(seen) or "a task" for seen in events))
    others = f" and {count(len(names) - 3, 'other task')}" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{others}:"
