"""``segfault`` and ``machine-check``: a process crashed, or the hardware reported errors of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnostics.analysis.diagnosis.bounded import at_most
from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import during, proofs, uncertain_phase
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.processes import Whose, whose_name
from diagnostics.analysis.diagnosis.stretches import running_at, whole
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import Category, LaunchStatus

MOST = 3
# Most lines only say that something was logged; these that it was not corrected.
GRAVE = re.compile(r"uncorrected|\bUE\b|fatal|machine check exception|panic", re.IGNORECASE)


@at_most(MOST)
def segfault(case: Case) -> Iterator[Finding]:
    """Crashes of the launch's processes; what else crashes on the host is not its concern."""
    told = [(*whose_name(case, task), task, events) for task, events in _by_task(case).items()]
    for owner, why, task, events in sorted(told, key=lambda one: list(Whose).index(one[0])):
        if owner is not Whose.OTHER:
            yield _segfault(case, task, events, owner, why)


def _by_task(case: Case) -> dict[str, list[SeenEvent]]:
    found: dict[str, list[SeenEvent]] = {}
    for seen in during(case, Category.SEGFAULT):
        task = str(seen.event.fields.get("task") or seen.event.text.partition("[")[0].strip())
        found.setdefault(task, []).append(seen)
    return found


def _segfault(case: Case, task: str, events: list[SeenEvent], owner: Whose, why: str) -> Finding:
    first = events[0]
    stretch = running_at(case, first.event.time) or whole(case)
    failed = case.launch.status is LaunchStatus.FAILED
    library = first.event.fields.get("library")
    return Finding(
        reason="segfault",
        layer=Layer.APPLICATION,
        severity=Severity.CRITICAL if failed else Severity.WARNING,
        text=(
            f"{task} crashed{f' in {library}' if library else ''} "
            f"{seconds(max(0, first.event.time - stretch.window.start))} into {stretch.name} (segmentation fault)."
        ),
        phase=stretch.path,
        expected=0.0,
        actual=float(len(events)),
        unit="count",
        confidence=(0.9 if owner is Whose.OURS else 0.5) if failed else 0.4,
        cost=max(0, case.launch.total) if failed else 0,
        evidence_for=[*proofs(events), Proof(why)],
        evidence_against=[
            *([] if failed else [Proof("The launch became ready all the same")]),
            *uncertain_phase(first, stretch),
        ],
        advice=(
            f"Run it with PYTHONFAULTHANDLER=1 or a core dump to see where; compare the version of "
            f"{library or 'its native libraries'} with that of the last good launch."
        ),
    )


def machine_check(case: Case) -> Iterator[Finding]:
    """Errors of memory or processor that the hardware found: corrected ones warn, others may have broken the launch."""
    told = [seen for seen in during(case, Category.MCE) if seen.event.fields.get("problem", True)]
    if not told:
        return
    stretch = running_at(case, told[0].event.time) or whole(case)
    broken = [seen for seen in told if GRAVE.search(seen.event.text)]
    failed = case.launch.status is LaunchStatus.FAILED
    kind = "that it could not correct" if broken else "that it corrected or only counted"
    yield Finding(
        reason="machine-check",
        layer=Layer.MEMORY,
        severity=Severity.CRITICAL if failed and broken else Severity.WARNING if broken else Severity.NOTICE,
        text=f"The hardware reported {count(len(broken or told), 'error')} {kind}, during {stretch.name}.",
        phase=stretch.path,
        expected=0.0,
        actual=float(len(broken or told)),
        unit="count",
        confidence=0.7 if failed and broken else 0.3,
        cost=max(0, case.launch.total) if failed and broken else 0,
        evidence_for=proofs(broken or told),
        evidence_against=[] if failed else [Proof("The launch became ready all the same")],
        advice="Look at the host's memory and CPUs (rasdaemon, the BMC's event log); keep launches off it until then.",
    )
