"""``probe-kills-launch``: Kubernetes gave up on a container that was still starting. ``probe-budget-tight``: it will,
sooner or later, because launches take nearly as long as it allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from diagnostics.analysis.diagnosis.advice import LEAST_FOR_P99, allowance, startup_probe
from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.kubernetes import container, pod_events, reason_of
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import NS_PER_SECOND, Category, LaunchStatus

# A launch that was killed ends this near its budget: the kubelet looks once a period, and waits for the end.
NEAR = 0.15
SIGNALS = ("SIGTERM", "SIGKILL", "exit code 137", "exit code 143", "signal 9", "signal 15")


class Budget(NamedTuple):
    """``amount`` ns from a container's start until it is killed; ``kind`` of the probe that does it."""

    amount: int
    kind: str
    told: Mapping[str, Any]
    artifact: str | None

    @property
    def text(self) -> str:
        delay = self.told.get("initial_delay_s") or 0
        return (
            f"{self.kind}Probe: {f'initialDelaySeconds {delay} + ' if delay else ''}periodSeconds "
            f"{self.told.get('period_s')} × failureThreshold {self.told.get('failure_threshold')} = "
            f"{seconds(self.amount)}"
        )


def probe_budget(case: Case) -> Iterator[Finding]:
    budget = _budget(case)
    failed = [
        seen
        for seen in pod_events(case, Category.PROBE_FAILED)
        if seen.event.fields.get("probe") in ("startup", "liveness") and _in_launch(case, seen)
    ]
    killed = [
        seen
        for seen in pod_events(case, Category.CONTAINER)
        if reason_of(seen) == "Killing" and seen.event.fields.get("probe") and _in_launch(case, seen)
    ]
    if killed or (case.launch.status is LaunchStatus.FAILED and _ended_by_signal(case, budget, failed)):
        yield _kills(case, budget, failed, killed)
    elif budget is not None:
        yield from _tight(case, budget)


def _budget(case: Case) -> Budget | None:
    """What kills first: a startup probe holds the liveness probe back until it has succeeded."""
    artifact, facts = container(case)
    probes: Mapping[str, Any] = facts.get("probes") or {}
    for kind in ("startup", "liveness"):
        told = probes.get(kind)
        if told and told.get("budget_s"):
            return Budget(told["budget_s"] * NS_PER_SECOND, kind, told, artifact)
    return None


def _in_launch(case: Case, seen: SeenEvent) -> bool:
    """A liveness probe that fails long after the launch was ready is no launch's."""
    return case.window.start - seen.event.precision <= seen.event.time <= case.window.end + 60 * NS_PER_SECOND


def _ended_by_signal(case: Case, budget: Budget | None, failed: Sequence[SeenEvent]) -> bool:
    """The launch was ended by a signal, and at about the time that its probe allows."""
    reasons = [str(placed.phase.attributes.get("reason") or "") for placed in case.launch.phases]
    _, facts = container(case)
    code = (facts.get("last") or {}).get("exit_code")
    by_signal = code in (137, 143) or any(word in reason for reason in reasons for word in SIGNALS)
    near = budget is not None and abs(case.launch.total - budget.amount) <= NEAR * budget.amount
    return by_signal and near and (bool(failed) or code is None or code in (137, 143))


def _kills(case: Case, budget: Budget | None, failed: Sequence[SeenEvent], killed: Sequence[SeenEvent]) -> Finding:
    advised = startup_probe(case)
    allowed = f" It is allowed {seconds(budget.amount)} ({budget.text})." if budget else ""
    kind = str((killed or failed)[-1].event.fields.get("probe")) if killed or failed else budget.kind if budget else ""
    recovered = case.launch.status is LaunchStatus.SUCCESS
    against = [Proof("The launch became ready all the same")] if recovered else []
    if budget and case.launch.total > budget.amount * (1 + NEAR):
        against.append(Proof(f"The launch took {seconds(case.launch.total)}, longer than the probe allows"))
    return Finding(
        reason="probe-kills-launch",
        layer=Layer.CONFIG,
        severity=Severity.WARNING if recovered else Severity.CRITICAL,
        text=f"Kubernetes killed the container while it was starting: its {kind} probe failed too often.{allowed}",
        expected=float(_needed(case) or 0) or None,
        actual=float(budget.amount) if budget else None,
        unit="ns" if budget else "",
        confidence=0.95 if killed else 0.75,
        cost=max(0, case.launch.total) if not recovered else 0,
        evidence_for=[*proofs([*failed, *killed]), *_shown(budget)],
        evidence_against=against,
        advice=advised.text if advised else "",
        patch=advised.patch if advised else "",
    )


def _needed(case: Case) -> int | None:
    allowed = allowance(case.usual.get(""), case.launch.total)
    return allowed.amount if allowed else None


def _shown(budget: Budget | None) -> list[Proof]:
    return [Proof(budget.text, budget.artifact)] if budget else []


def _tight(case: Case, budget: Budget) -> Iterator[Finding]:
    """Warn while it still works: the p99 of launches, this one among them, leaves too little of what is allowed."""
    total = case.launch.total if case.launch.status is LaunchStatus.SUCCESS else 0
    allowed = allowance(case.usual.get(""), total)
    if allowed is None or budget.amount >= allowed.amount:
        return
    beyond = max(allowed.p99, total) > budget.amount
    if not beyond and budget.amount >= 1.2 * allowed.p99:
        return
    advised = startup_probe(case)
    what = "the p99" if allowed.launches >= LEAST_FOR_P99 else "the longest"
    yield Finding(
        reason="probe-budget-tight",
        layer=Layer.CONFIG,
        severity=Severity.WARNING if beyond else Severity.NOTICE,
        text=(
            f"The {budget.kind} probe allows {seconds(budget.amount)}; {what} of "
            f"{count(allowed.launches, 'launch', 'launches')} takes {seconds(allowed.p99)}."
        ),
        expected=float(allowed.amount),
        actual=float(budget.amount),
        unit="ns",
        confidence=0.9 if allowed.launches >= 20 else 0.6,
        evidence_for=_shown(budget),
        evidence_against=[Proof(f"Only {count(allowed.launches, 'launch', 'launches')} were seen")]
        if allowed.launches < 20
        else [],
        advice=advised.text if advised else "",
        patch=advised.patch if advised else "",
    )
