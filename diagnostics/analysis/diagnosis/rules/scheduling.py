"""``unschedulable``: the pod, or the replica, waited for a place to run: resources, taints, volumes. Told apart from
the launch's own work, which had not begun."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagnostics.analysis.diagnosis.advice import pre_warm
from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import distinct, proof, proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.kubernetes import begin_of, message_of, pod_events, reason_of
from diagnostics.analysis.diagnosis.log_lines import said, sign
from diagnostics.analysis.diagnosis.stretches import covered
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import NS_PER_SECOND, Category, Interval, LaunchStatus

LEAST = 5 * NS_PER_SECOND
UNPLACED = ("FailedScheduling", "Unschedulable", "SchedulerError")
WANTS: Sequence[tuple[str, str, Layer, str]] = (
    (
        r"insufficient (?P<what>[\w./-]+)",
        "too little {what} is free",
        Layer.ORCHESTRATION,
        "Add nodes that have it, free it, or request less.",
    ),
    (
        r"persistentvolumeclaim|unbound immediate|volume node affinity|storageclass",
        "its volume is not there",
        Layer.STORAGE,
        "Look at the PersistentVolumeClaim: its storage class must exist and have room (`kubectl describe pvc`).",
    ),
    (
        r"taint",
        "the nodes' taints keep it away",
        Layer.ORCHESTRATION,
        "Give the pod a toleration, or take the taint off nodes that are meant for it.",
    ),
    (
        r"affinity|selector|topology",
        "no node has the labels it asks for",
        Layer.CONFIG,
        "Correct nodeSelector or affinity, or label a node.",
    ),
    (r"too many pods|maxpods", "the nodes hold as many pods as they may", Layer.ORCHESTRATION, "Add nodes."),
    (r"host ?port|free ports", "its host port is taken", Layer.CONFIG, "Do without the host port, or add nodes."),
)
SPARE = "The cluster added a node: a spare one would save that wait."
UNTOLD = ("no node could take it", Layer.ORCHESTRATION, "Look at the scheduler's message.")
SLOW_REPLICAS = sign(
    "to be scheduled", pattern=r"replicas? that ha(?:s|ve) taken more than (?P<s>\d{1,9})s to be scheduled"
)


def unschedulable(case: Case) -> Iterator[Finding]:
    events = pod_events(case, Category.SCHEDULING)
    refused = [
        seen for seen in events if reason_of(seen) in UNPLACED and "skip schedule deleting" not in seen.event.text
    ]
    if refused:
        placed = [seen for seen in events if reason_of(seen) == "Scheduled"]
        yield from _of_pod(case, refused, placed, events)
    lines = said(case, SLOW_REPLICAS)
    if lines:
        yield _of_replicas(case, [seen for seen, _ in lines], max(int(match["s"]) for _, match in lines))


def _of_pod(
    case: Case, refused: Sequence[SeenEvent], placed: Sequence[SeenEvent], events: Sequence[SeenEvent]
) -> Iterator[Finding]:
    begin = min(map(begin_of, refused))
    after = [seen.event.time for seen in placed if seen.event.time >= begin]
    end = min(after, default=max(max(seen.event.time for seen in refused), case.window.end))
    waited = max(0, end - begin)
    if after and waited < LEAST:
        return
    last, spare = refused[-1], pre_warm(case) if after else None
    because, layer, advice = _want(message_of(last))
    unprovisioned = _unprovisioned(case) if layer is Layer.STORAGE else []
    if unprovisioned:
        because += f" ({message_of(unprovisioned[-1])[:200].rstrip('.')})"
    scaled = [seen for seen in events if reason_of(seen) == "TriggeredScaleUp"]
    if after:
        own = max(0, case.window.end - max(end, case.window.start))
        text = f"The pod waited {seconds(waited)} for a node: {because}. Its own work took {seconds(own)}."
    else:
        text = f"No node took the pod in {seconds(waited)}: {because}."
    yield Finding(
        reason="unschedulable",
        layer=layer,
        severity=Severity.WARNING if after else Severity.CRITICAL,
        text=text,
        phase=next((told.path for told in case.launch.phases if told.phase.name == "scheduled"), None),
        expected="a node at once",
        actual=message_of(last)[:300],
        confidence=0.95,
        cost=covered(case.window, [Interval(begin, end)]) or (waited if after else max(0, case.launch.total)),
        evidence_for=proofs([*refused, *unprovisioned, *scaled]),
        evidence_against=[proof(placed[-1])] if after else [],
        advice=" ".join([advice, *([SPARE] if scaled else []), *([spare.text] if spare else [])]),
        patch=spare.patch if spare else "",
    )


def _unprovisioned(case: Case) -> list[SeenEvent]:
    """Why there is no volume, by the events of claims: a pod's own do not say."""
    return distinct(seen for seen in case.events if reason_of(seen) == "ProvisioningFailed")


def _want(message: str) -> tuple[str, Layer, str]:
    for pattern, because, layer, advice in WANTS:
        if match := re.search(pattern, message, re.IGNORECASE):
            what = match.groupdict().get("what") or ""
            return because.format(what=what.rstrip(".,")), layer, advice
    return UNTOLD


def _of_replicas(case: Case, lines: Sequence[SeenEvent], least: int) -> Finding:
    failed = case.launch.status is LaunchStatus.FAILED
    return Finding(
        reason="unschedulable",
        layer=Layer.ORCHESTRATION,
        severity=Severity.CRITICAL if failed else Severity.WARNING,
        text=f"Replicas waited more than {least} s for resources of the Ray cluster, before any work of their own.",
        expected="resources at once",
        actual=f"{count(len(lines), 'warning')}, each after more than {least} s",
        confidence=0.8,
        cost=min(max(0, case.launch.total), least * NS_PER_SECOND),
        evidence_for=proofs(lines),
        evidence_against=[] if failed else [Proof("The launch became ready all the same")],
        advice="Give the Ray cluster the CPUs and GPUs that the deployment asks for, or ask for fewer.",
    )
