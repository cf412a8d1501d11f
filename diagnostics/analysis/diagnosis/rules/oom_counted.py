"""An out-of-memory kill that only the control group's own counter tells of: in most containers the kernel's log cannot
be read, but the agent samples ``cgroup.oom_kills``."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.analysis.diagnosis.case import Case, SeenSeries
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.limits import memory_limit, memory_patch, with_room
from diagnostics.analysis.diagnosis.readings import of_host
from diagnostics.analysis.diagnosis.stretches import running_at, whole
from diagnostics.analysis.diagnosis.wording import count, memory, seconds
from diagnostics.records import Interval, LaunchStatus


def oom_counted(case: Case) -> Iterator[Finding]:
    """One finding for all kills that were counted in the launch; the first says in which phase."""
    for seen in case.metric("cgroup.oom_kills"):
        rises = list(_rises(case, seen))
        if rises:
            yield _finding(case, seen, rises)
            return


def _rises(case: Case, seen: SeenSeries) -> Iterator[tuple[Interval, int]]:
    """Between which readings the counter rose, and by how much; what it showed at first was before."""
    times, values = seen.series.times, seen.series.values
    for n in range(1, len(times)):
        grown = round(values[n] - values[n - 1])
        if grown > 0 and times[n] > case.window.start and times[n - 1] < case.window.end:
            yield Interval(times[n - 1], times[n]), grown


def _finding(case: Case, seen: SeenSeries, rises: list[tuple[Interval, int]]) -> Finding:
    between, number = rises[0][0], sum(grown for _, grown in rises)
    stretch = running_at(case, between.start + between.duration // 2) or whole(case)
    failed = case.launch.status is LaunchStatus.FAILED
    used, limit = of_host(case, "process.rss_kb", case.window), memory_limit(case)
    peak = used.peak * 1024 if used else 0.0
    wanted = with_room(max(peak, limit.amount if limit else 0.0))
    return Finding(
        reason="oom-kill",
        layer=Layer.MEMORY,
        severity=Severity.CRITICAL if failed else Severity.WARNING,
        text=(
            f"The launch's control group reached its memory limit during {stretch.name}: "
            f"{count(number, 'process', 'processes')} killed."
        ),
        phase=stretch.path,
        expected=0.0,
        actual=float(number),
        unit="count",
        confidence=0.9 if failed else 0.7,
        cost=max(0, case.launch.total) if failed else 0,
        evidence_for=[
            Proof(
                f"cgroup.oom_kills rose by {number}, the first time within {seconds(between.duration)} before this",
                seen.artifact,
                time=between.end,
            ),
            *([used.proof(f"process.rss_kb: {memory(peak)} at most")] if used else []),
            *([Proof(f"The limit is {memory(limit.amount)} ({limit.origin})", limit.artifact)] if limit else []),
        ],
        evidence_against=[
            Proof("Which process was killed is not told: no log of the kernel covers the launch"),
            *([] if failed else [Proof("The launch became ready all the same")]),
        ],
        advice=f"Raise the memory limit to at least {memory(wanted)}, or load less at once."
        if wanted
        else "Raise the memory limit, or load less at once.",
        patch=memory_patch(wanted) if wanted else "",
    )
