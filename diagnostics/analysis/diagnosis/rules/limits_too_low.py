"""``limits-too-low``: what the launch used came close to a limit that was set for it, or ran into one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.events import distinct, proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.limits import (
    Limit,
    cpu_limit,
    cpu_patch,
    memory_limit,
    memory_patch,
    with_room,
)
from diagnostics.analysis.diagnosis.readings import Readings, cpu_used, of_host
from diagnostics.analysis.diagnosis.resolution import sureness
from diagnostics.analysis.diagnosis.stretches import Stretch, running_at, weighty, whole
from diagnostics.analysis.diagnosis.wording import memory, percent
from diagnostics.records import NS_PER_SECOND, LaunchStatus

# Of a memory limit, held by the processes themselves: what is left is gone with the next peak.
CLOSE = 0.9
# Of a CPU limit, for most of a phase.
AT_LIMIT = 0.95
MOSTLY = 0.5
KB = 1024


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A limit that a line of the log says was hit, the setting that has it, and what to do."""

    name: str
    pattern: re.Pattern[str]
    layer: Layer
    setting: str
    advice: str


CEILINGS = (
    Ceiling(
        "open files",
        re.compile(r"too many open files|\b(?:EMFILE|ENFILE)\b", re.IGNORECASE),
        Layer.CONFIG,
        "ulimit.open_files",
        "Raise the limit of open files for the service (LimitNOFILE= of systemd, docker --ulimit nofile=, ulimit -n)",
    ),
    Ceiling(
        "processes and threads",
        re.compile(
            r"can't start new thread|pthread_create failed|cannot fork|fork: retry|fork/exec.*temporarily",
            re.IGNORECASE,
        ),
        Layer.CONFIG,
        "ulimit.processes",
        "Raise the limit of processes for the service (TasksMax= of systemd, the pod's pids limit, ulimit -u)",
    ),
    Ceiling(
        "locked memory",
        re.compile(
            r"cannot (?:allocate|lock) memory.*(?:mlock|pin|register)|(?:mlock|ibv_reg_mr).*(?:failed|cannot)",
            re.IGNORECASE,
        ),
        Layer.CONFIG,
        "ulimit.locked_memory",
        "Raise the limit of locked memory for the service (LimitMEMLOCK= of systemd, docker --ulimit memlock=-1)",
    ),
)


def limits_too_low(case: Case) -> Iterator[Finding]:
    """Memory and CPUs by what was used, the other limits by what the log complains of."""
    yield from _memory(case)
    yield from _cpu(case)
    for ceiling in CEILINGS:
        yield from _hit(case, ceiling)


def _memory(case: Case) -> Iterator[Finding]:
    limit, used = memory_limit(case), of_host(case, "process.rss_kb", case.window)
    if limit is None or used is None or used.peak * KB < CLOSE * limit.amount:
        return
    peak = used.peak * KB
    wanted = with_room(peak)
    at = max(range(len(used.values)), key=lambda n: used.values[n])
    stretch = running_at(case, used.times[at]) or whole(case)
    yield Finding(
        reason="limits-too-low",
        layer=Layer.CONFIG,
        severity=Severity.WARNING,
        text=(
            f"The launch held {memory(peak)} of the {memory(limit.amount)} it may use "
            f"({percent(100 * peak / limit.amount)}), during {stretch.name}."
        ),
        phase=stretch.path,
        expected=round(CLOSE * limit.amount),
        actual=round(peak),
        unit="bytes",
        confidence=sureness(0.8, used),
        evidence_for=[used.proof(f"process.rss_kb: {memory(peak)} at most"), _limit_proof(limit, memory(limit.amount))],
        evidence_against=_memory_against(case, limit),
        advice=f"Raise the memory limit to {memory(wanted)}: the peak of this start and a quarter more.",
        patch=memory_patch(wanted),
    )


def _memory_against(case: Case, limit: Limit) -> list[Proof]:
    told = [] if case.launch.status is LaunchStatus.FAILED else [Proof("The launch became ready all the same")]
    charged = of_host(case, "cgroup.memory_kb", case.window)
    # Pages shared between processes count for each of them in rss, once in the group.
    if charged and charged.peak * KB < CLOSE * limit.amount:
        told.append(charged.proof(f"cgroup.memory_kb: only {memory(charged.peak * KB)} were charged to the group"))
    return told


def _cpu(case: Case) -> Iterator[Finding]:
    """Only where no throttling was measured: that tells the same, and what it cost."""
    limit = cpu_limit(case)
    for stretch in weighty(case)[:1] if limit else ():
        used = cpu_used(case, stretch.window)
        throttled = of_host(case, "cgroup.throttled_percent", stretch.window)
        if limit and used and not throttled and used.share_above(AT_LIMIT * 100 * limit.amount) >= MOSTLY:
            yield _at_cpu_limit(stretch, limit, used)


def _at_cpu_limit(stretch: Stretch, limit: Limit, used: Readings) -> Finding:
    share = used.share_above(AT_LIMIT * 100 * limit.amount)
    wanted = float(max(round(limit.amount * 2), limit.amount + 1))
    return Finding(
        reason="limits-too-low",
        layer=Layer.CONFIG,
        severity=Severity.WARNING,
        text=f"The launch used all of its {limit.amount:g} CPUs for {percent(100 * share)} of {stretch.name}.",
        phase=stretch.path,
        expected=100 * AT_LIMIT * limit.amount,
        actual=round(used.mean, 1),
        unit="%",
        confidence=sureness(0.6, used),
        cost=stretch.part(share / 2),
        evidence_for=[
            used.proof(f"{used.metric}: {used.mean / 100:.1f} CPUs on average"),
            _limit_proof(limit, f"{limit.amount:g} CPUs"),
        ],
        evidence_against=[Proof("No sample tells whether the limit stopped it: it may want no more than this")],
        advice=f"Try a CPU limit of {wanted:g}: if the start gets faster, it was the limit.",
        patch=cpu_patch(wanted),
    )


def _hit(case: Case, ceiling: Ceiling) -> Iterator[Finding]:
    start, end = case.window.start - NS_PER_SECOND, case.window.end + NS_PER_SECOND
    found = distinct(s for s in case.events if start <= s.event.time <= end and ceiling.pattern.search(s.event.text))
    if not found:
        return
    stretch = running_at(case, found[0].event.time) or whole(case)
    failed = case.launch.status is LaunchStatus.FAILED
    actual = case.config.get(ceiling.setting, {}).get("actual")
    told = "" if actual is None else f" ({actual})"
    yield Finding(
        reason="limits-too-low",
        layer=ceiling.layer,
        severity=Severity.CRITICAL if failed else Severity.WARNING,
        text=f"The limit of {ceiling.name} was reached during {stretch.name}{told}.",
        phase=stretch.path,
        expected="" if actual is None else f"more than {actual}",
        actual="" if actual is None else str(actual),
        confidence=0.9 if failed else 0.6,
        cost=max(0, case.launch.total) if failed else 0,
        evidence_for=proofs(found),
        evidence_against=[] if failed else [Proof("The launch became ready all the same")],
        advice=f"{ceiling.advice}.",
    )


def _limit_proof(limit: Limit, amount: str) -> Proof:
    return Proof(f"The limit is {amount} ({limit.origin})", limit.artifact)
