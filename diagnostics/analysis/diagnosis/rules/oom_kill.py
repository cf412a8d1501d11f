"""``oom-kill``: the kernel, or Kubernetes in its name, killed a process for want of memory while the launch ran."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import distinct, proof, uncertain_phase
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.limits import Limit, memory_limit, memory_patch, with_room
from diagnostics.analysis.diagnosis.processes import Whose, whose
from diagnostics.analysis.diagnosis.rules.oom_counted import oom_counted
from diagnostics.analysis.diagnosis.stretches import Stretch, running_at
from diagnostics.analysis.diagnosis.wording import count, memory, seconds
from diagnostics.records import NS_PER_SECOND, Category, LaunchStatus, PhaseStatus

# A launch notices that its worker is gone some time after the kill; a kill so long before its end may be what ended it.
NOTICED = 30 * NS_PER_SECOND
KILLED_BY_KUBERNETES = re.compile(r"\bOOMKilled\b")
MOST = 5
LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Kill:
    """One victim, with every event that tells of it, the kernel's own first."""

    told: list[SeenEvent]
    stretch: Stretch
    whose: Whose
    why: str

    @property
    def seen(self) -> SeenEvent:
        return self.told[0]

    @property
    def victim(self) -> str:
        return str(self.seen.event.fields.get("victim") or self.seen.event.fields.get("container") or "a process")

    @property
    def used(self) -> int:
        """Bytes of its own memory when it was killed, 0 if nothing tells."""
        fields = self.seen.event.fields
        return 1024 * sum(int(fields.get(name) or 0) for name in ("anon_rss_kb", "file_rss_kb", "shmem_rss_kb"))

    @property
    def scope(self) -> str:
        return str(self.seen.event.fields.get("scope") or "")

    @property
    def limit(self) -> Limit | None:
        """Of the control group that ran out."""
        for seen in self.told:
            fields = seen.event.fields
            limit = int(fields.get("limit_bytes") or 0) or 1024 * int(fields.get("limit_kb") or 0)
            if limit and fields.get("scope") == "memcg":
                return Limit(limit, "as the kernel's record of the kill says", seen.artifact)
        return None


def oom_kill(case: Case) -> Iterator[Finding]:
    """A finding a victim, those of this launch first."""
    told = _told(case)
    kills = sorted(_kills(case, told[:LOOKED_AT]), key=lambda kill: list(Whose).index(kill.whose))
    number = len(kills) if len(told) <= LOOKED_AT else len({seen.event.fields.get("pid") for seen in told})
    for kill in kills[:MOST]:
        yield _finding(case, kill, number)
    # The counter tells of the same kills, and less of them.
    if not any(kill.whose is not Whose.OTHER for kill in kills):
        yield from oom_counted(case)


def _kills(case: Case, events: Iterable[SeenEvent]) -> Iterator[Kill]:
    for told in _by_victim(events):
        stretch = running_at(case, told[0].event.time, max(NS_PER_SECOND, told[0].event.precision))
        if stretch is not None:
            owner, why = whose(case, told[0].event)
            yield Kill(told, stretch, owner, why)


def _told(case: Case) -> list[SeenEvent]:
    return distinct(seen for seen in case.events if _is_kill(seen) and _is_near(case, seen))


def _is_kill(seen: SeenEvent) -> bool:
    event = seen.event
    if event.category is Category.OOM_KILL or event.fields.get("reason") == "OOMKilled":
        return True
    return event.category is Category.CONTAINER and KILLED_BY_KUBERNETES.search(event.text) is not None


def _is_near(case: Case, seen: SeenEvent) -> bool:
    slack = max(NS_PER_SECOND, seen.event.precision)
    return case.window.start - slack <= seen.event.time <= case.window.end + slack


def _by_victim(events: Iterable[SeenEvent]) -> list[list[SeenEvent]]:
    """Events of one kill together: two logs of one kernel, and the Kubernetes status that reports the same."""
    kills: list[list[SeenEvent]] = []
    for seen in sorted(events, key=lambda told: "pid" not in told.event.fields):
        same = next((kill for kill in kills if _is_same(kill[0], seen)), None)
        if same is None:
            kills.append([seen])
        else:
            same.append(seen)
    return kills


def _is_same(kernel: SeenEvent, other: SeenEvent) -> bool:
    apart = abs(kernel.event.time - other.event.time)
    near = max(kernel.event.precision, other.event.precision, 2 * NS_PER_SECOND)
    pids = kernel.event.fields.get("pid"), other.event.fields.get("pid")
    if None in pids:
        # A container's status has no process id; its end follows the kill closely.
        return pids[0] is not None and apart <= near + NOTICED and kernel.event.fields.get("scope") != "global"
    return pids[0] == pids[1] and kernel.artifact != other.artifact and apart <= near


def _finding(case: Case, kill: Kill, number: int) -> Finding:
    limit = kill.limit or memory_limit(case)
    severity = _severity(case, kill)
    is_ours = kill.whose is Whose.OURS
    return Finding(
        reason="oom-kill",
        layer=Layer.MEMORY,
        severity=severity,
        text=_text(case, kill, number),
        phase=kill.stretch.path,
        expected="no process is killed for want of memory",
        actual=f"{kill.victim} killed" + (f" at {memory(kill.used)}" if kill.used else ""),
        confidence=_confidence(case, kill),
        cost=_cost(case, kill, severity),
        evidence_for=[proof(seen) for seen in kill.told[:MOST]]
        + ([Proof(kill.why)] if kill.whose is not Whose.OTHER else []),
        evidence_against=_against(case, kill),
        advice=_advice(kill, limit),
        patch=memory_patch(with_room(kill.used)) if is_ours and kill.used and kill.scope != "global" else "",
    )


def _severity(case: Case, kill: Kill) -> Severity:
    if kill.whose is Whose.OURS or (kill.whose is Whose.MAYBE and _ended(case, kill)):
        return Severity.CRITICAL
    return Severity.NOTICE if kill.scope in ("memcg", "cpuset") and kill.whose is Whose.OTHER else Severity.WARNING


def _ended(case: Case, kill: Kill) -> bool:
    """The launch failed, and in the phase of the kill or soon after it."""
    if case.launch.status is not LaunchStatus.FAILED:
        return False
    ends = [placed.phase.end_time for placed in case.launch.phases if placed.phase.status is PhaseStatus.FAILED]
    placed = kill.stretch.placed
    return (placed is not None and placed.phase.status is PhaseStatus.FAILED) or any(
        -NS_PER_SECOND <= end - kill.seen.event.time <= NOTICED for end in ends
    )


def _confidence(case: Case, kill: Kill) -> float:
    if kill.whose is Whose.OURS:
        return 0.97 if _ended(case, kill) else 0.9
    if kill.whose is Whose.MAYBE:
        return 0.8 if _ended(case, kill) else 0.5
    return 0.3


def _cost(case: Case, kill: Kill, severity: Severity) -> int:
    """All of a launch that the kill ended; else what the phase had done until then, which was lost, if it was ours."""
    if severity is Severity.CRITICAL and case.launch.status is LaunchStatus.FAILED:
        return max(0, case.launch.total)
    done = kill.seen.event.time - kill.stretch.window.start
    return max(0, min(kill.stretch.cost, done)) if kill.whose is Whose.OURS else 0


def _text(case: Case, kill: Kill, number: int) -> str:
    who = {Whose.OURS: "of this launch", Whose.MAYBE: "probably of this launch", Whose.OTHER: "not of this launch"}
    scope = {"memcg": "its memory limit was reached", "global": "the host ran out of memory"}.get(
        kill.scope, "memory ran out"
    )
    when = f"{seconds(kill.seen.event.time - kill.stretch.window.start)} into {kill.stretch.name}"
    used = f" It held {memory(kill.used)}." if kill.used else ""
    more = f" {count(number, 'process', 'processes')} were killed in all." if number > 1 else ""
    return f"The kernel killed {kill.victim} ({who[kill.whose]}) {when}: {scope}.{used}{more}"


def _against(case: Case, kill: Kill) -> list[Proof]:
    told = []
    if kill.whose is not Whose.OURS:
        told.append(Proof(kill.why if kill.whose is Whose.OTHER else "The log does not tell whose process it was"))
    if case.launch.status is not LaunchStatus.FAILED:
        told.append(Proof("The launch became ready all the same"))
    elif not _ended(case, kill):
        told.append(Proof("No phase failed in the half minute after the kill"))
    return [*told, *uncertain_phase(kill.seen, kill.stretch)]


def _advice(kill: Kill, limit: Limit | None) -> str:
    if kill.whose is Whose.OTHER:
        return "Find out what else runs on this host: it competes with the launch for memory."
    need = f" at least {memory(with_room(kill.used))}" if kill.used else " more"
    if kill.scope == "global":
        return (
            f"The host needs free memory of{need} for this process: move other work away from it, take a larger host, "
            "or set memory requests so that the scheduler keeps room."
        )
    now = f" It is {memory(limit.amount)} now ({limit.origin})." if limit else ""
    return f"Raise the memory limit to{need} (what it held, and a quarter more), or load less at once.{now}"
