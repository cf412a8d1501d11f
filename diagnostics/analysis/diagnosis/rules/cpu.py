"""``cpu-throttled``, ``cpu-steal`` and ``cpu-contention``: the launch wanted to compute and was not let."""

from __future__ import annotations

import math
from collections.abc import Iterator

from diagnostics.analysis.diagnosis.bounded import at_most
from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.history import as_usual
from diagnostics.analysis.diagnosis.limits import ROOM, cpu_count, cpu_limit, cpu_patch
from diagnostics.analysis.diagnosis.readings import Readings, cpu_used, of_host
from diagnostics.analysis.diagnosis.resolution import sureness
from diagnostics.analysis.diagnosis.stretches import Stretch, weighty
from diagnostics.analysis.diagnosis.wording import percent

# Percent of the time; below these nobody notices.
THROTTLED = 5.0
STOLEN = 5.0
WAITED = 25.0
BUSY = 85.0
# Tasks that want to run, for each CPU.
QUEUED = 1.5
# Of all CPU time used: from here on the launch itself is the load.
OWN = 70.0
MOST = 3


@at_most(MOST)
def cpu_throttled(case: Case) -> Iterator[Finding]:
    """The control group used up its quota and was stopped until the next period."""
    for stretch in weighty(case):
        throttled = of_host(case, "cgroup.throttled_percent", stretch.window)
        if throttled is not None and throttled.mean >= THROTTLED:
            yield _throttled(case, stretch, throttled)


def _throttled(case: Case, stretch: Stretch, throttled: Readings) -> Finding:
    used, limit = cpu_used(case, stretch.window), cpu_limit(case)
    # The kernel adds the stopped time of every CPU's queue: with many CPUs it exceeds the time that passed.
    share = min(100.0, throttled.mean)
    wanted = _wanted(used, limit.amount if limit else None, share)
    told = f" of {limit.amount:g} CPUs" if limit else ""
    return Finding(
        reason="cpu-throttled",
        layer=Layer.CPU,
        severity=Severity.WARNING,
        text=f"The CPU limit{told} stopped the launch {percent(share)} of {stretch.name}.",
        phase=stretch.path,
        expected=0.0,
        actual=round(share, 1),
        unit="%",
        confidence=sureness(0.95, throttled),
        cost=stretch.part(share / 100),
        evidence_for=[
            throttled.proof(
                f"cgroup.throttled_percent: {throttled.mean:.0f} % on average, {throttled.peak:.0f} % at most"
            ),
            *([used.proof(f"{used.metric}: {used.mean / 100:.2g} CPUs used on average")] if used else []),
        ],
        evidence_against=[
            *as_usual(case, stretch),
            *(
                [used.proof(f"only {used.mean / 100:.1f} of {limit.amount:g} CPUs were used on average: short bursts")]
                if used and limit and used.mean < 50 * limit.amount
                else []
            ),
        ],
        advice=(
            f"Raise the CPU limit to {wanted:g}, or start without one and keep the request."
            if wanted
            else "Raise the CPU limit for the start, or start without one and keep the request."
        ),
        patch=cpu_patch(wanted) if wanted else "",
    )


def _wanted(used: Readings | None, limit: float | None, share: float) -> float | None:
    """CPUs that would not have been stopped: what was used, the stopped time made good, and a quarter more."""
    if used is None:
        return None
    # A group that was stopped half of the time wanted about twice what it got; beyond tenfold that is a guess.
    wanted = used.mean / 100 / max(0.1, 1 - share / 100) * ROOM
    return float(math.ceil(max(wanted, used.peak / 100, (limit or 0) * ROOM)))


@at_most(MOST)
def cpu_steal(case: Case) -> Iterator[Finding]:
    """The hypervisor ran other machines while this one wanted its CPUs."""
    for stretch in weighty(case):
        stolen = of_host(case, "cpu.steal", stretch.window)
        if stolen is None or stolen.mean < STOLEN:
            continue
        idle = of_host(case, "cpu.idle", stretch.window)
        waiting = of_host(case, "cpu.iowait", stretch.window)
        # Of the time that anything wanted to run, the part that was not given.
        wanted = 100.0 - (idle.mean if idle else 0.0) - (waiting.mean if waiting else 0.0)
        lost = min(1.0, stolen.mean / wanted) if wanted > 0 else 0.0
        yield Finding(
            reason="cpu-steal",
            layer=Layer.CPU,
            severity=Severity.WARNING,
            text=f"The hypervisor withheld {percent(stolen.mean)} of the CPU time during {stretch.name}.",
            phase=stretch.path,
            expected=0.0,
            actual=round(stolen.mean, 1),
            unit="%",
            confidence=sureness(0.85, stolen),
            cost=stretch.part(lost),
            evidence_for=[
                stolen.proof(f"cpu.steal: {percent(stolen.mean)} on average, {percent(stolen.peak)} at most")
            ],
            evidence_against=[
                *as_usual(case, stretch),
                *(
                    [idle.proof(f"the CPUs were idle {percent(idle.mean)} of the time")]
                    if idle and idle.mean >= 50
                    else []
                ),
            ],
            advice=(
                f"At {percent(100 * lost)} of the wanted CPU time withheld the machine's host is overcommitted: "
                "use a machine type with CPUs of its own, or move it."
            ),
        )


@at_most(MOST)
def cpu_contention(case: Case) -> Iterator[Finding]:
    """More tasks wanted to run than there are CPUs."""
    cpus = cpu_count(case)
    for stretch in weighty(case):
        pressure = of_host(case, "pressure.cpu_some", stretch.window)
        idle = of_host(case, "cpu.idle", stretch.window)
        waiting = of_host(case, "cpu.iowait", stretch.window)
        queue = of_host(case, "load.run_queue", stretch.window)
        busy = 100.0 - idle.mean - (waiting.mean if waiting else 0.0) if idle else None
        # Pressure also counts a group held back by its own quota: only a busy host is contended.
        waited = pressure is not None and pressure.mean >= WAITED and (busy is None or busy >= BUSY)
        queued = queue is not None and cpus is not None and queue.mean >= QUEUED * cpus and (busy or 0.0) >= BUSY
        if waited or queued:
            yield _contended(case, stretch, pressure, idle, queue, cpus)


def _contended(
    case: Case,
    stretch: Stretch,
    pressure: Readings | None,
    idle: Readings | None,
    queue: Readings | None,
    cpus: int | None,
) -> Finding:
    own = _own_share(case, stretch, idle, cpus)
    is_own = own is not None and own >= OWN
    crowd = f"{queue.mean:.0f} tasks wanted {cpus} CPUs" if queue and cpus else "more tasks wanted to run than CPUs"
    by = f" The launch itself made {percent(own)} of that load." if own is not None else ""
    measured = [one for one in (pressure, idle, queue) if one]
    return Finding(
        reason="cpu-contention",
        layer=Layer.CPU,
        severity=Severity.WARNING,
        text=f"The CPUs were too few during {stretch.name}: {crowd}.{by}",
        phase=stretch.path,
        expected=float(cpus) if queue and cpus else WAITED,
        actual=round(queue.mean if queue and cpus else pressure.mean if pressure else 0.0, 1),
        unit="count" if queue and cpus else "%",
        confidence=sureness(0.85 if pressure and idle else 0.65, measured[0]),
        cost=stretch.part(_lost(pressure, queue, cpus)),
        evidence_for=_contention_proofs(pressure, idle, queue),
        evidence_against=as_usual(case, stretch),
        advice=_contention_advice(is_own, own, queue, cpus),
    )


def _own_share(case: Case, stretch: Stretch, idle: Readings | None, cpus: int | None) -> float | None:
    """What part of the used CPU time the launch used, percent."""
    own = of_host(case, "process.cpu_percent", stretch.window)
    if own is None or idle is None or not cpus or idle.mean >= 100:
        return None
    return min(100.0, 100 * own.mean / ((100 - idle.mean) * cpus))


def _lost(pressure: Readings | None, queue: Readings | None, cpus: int | None) -> float:
    """Share of the stretch: what a task waits when it shares CPUs with others is what the others run."""
    if queue and cpus and queue.mean > cpus:
        shared = 1 - cpus / queue.mean
        return min(shared, pressure.mean / 100) if pressure else shared
    return 0.5 * pressure.mean / 100 if pressure else 0.0


def _contention_proofs(pressure: Readings | None, idle: Readings | None, queue: Readings | None) -> list[Proof]:
    proofs = []
    if pressure:
        proofs.append(
            pressure.proof(f"pressure.cpu_some: a task waited for a CPU {percent(pressure.mean)} of the time")
        )
    if queue:
        proofs.append(queue.proof(f"load.run_queue: {queue.mean:.1f} on average, {queue.peak:.0f} at most"))
    if idle:
        proofs.append(idle.proof(f"cpu.idle: {percent(idle.mean)} on average"))
    return proofs


def _contention_advice(is_own: bool, own: float | None, queue: Readings | None, cpus: int | None) -> str:
    if is_own:
        return (
            f"The launch needs more CPUs than the {cpus} it has, or fewer threads at once (OMP_NUM_THREADS, workers)."
        )
    need = f" ({math.ceil(queue.mean)} CPUs would have held all)" if queue and cpus else ""
    who = "Others on the host" if own is not None else "The host"
    return f"{who} used the CPUs too: start fewer services at once here, or give this one CPUs of its own{need}."
