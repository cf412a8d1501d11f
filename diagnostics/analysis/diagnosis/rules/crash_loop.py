"""``crash-loop``: the container ended and was started again, and Kubernetes waits longer before each new try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.kubernetes import begin_of, container, containers, count_of, pod_events
from diagnostics.analysis.diagnosis.stretches import covered
from diagnostics.analysis.diagnosis.wording import count, seconds
from diagnostics.records import Category, Interval, LaunchStatus

CODES = {
    0: "it ended by itself, without an error: a service must not end",
    1: "an error of the program",
    2: "wrong arguments",
    126: "its command may not be run",
    127: "its command is not there",
    132: "an instruction that this CPU does not have (SIGILL)",
    134: "it aborted (SIGABRT)",
    137: "it was killed (SIGKILL): for want of memory, or by a probe",
    139: "a segmentation fault (SIGSEGV)",
    143: "it was told to end (SIGTERM)",
}


def crash_loop(case: Case) -> Iterator[Finding]:
    told = [
        seen
        for seen in pod_events(case, Category.BACKOFF)
        if "pulling image" not in seen.event.text and "ImagePull" not in seen.event.text
    ]
    waiting = [one for one in containers(case) if one[1].get("reason") == "CrashLoopBackOff"]
    for artifact, facts in waiting:
        own = [seen for seen in told if seen.event.fields.get("container") in (None, facts.get("name"))]
        yield _finding(case, own, artifact, facts)
    if told and not waiting:
        yield _finding(case, told, *container(case))


def _finding(case: Case, told: Sequence[SeenEvent], artifact: str | None, facts: Mapping[str, Any]) -> Finding:
    last: Mapping[str, Any] = facts.get("last") or {}
    restarts, code = facts.get("restarts") or 0, _exit_code(case, last)
    killed = last.get("reason") == "OOMKilled"
    tries = count(restarts, "restart") if restarts else count(sum(map(count_of, told)), "back-off")
    name = facts.get("name") or next((seen.event.fields.get("container") for seen in told), None)
    recovered = case.launch.status is LaunchStatus.SUCCESS
    ended = f"{name} last ended with {_ending(last)}" if last else f"{name} waits to be started again"
    return Finding(
        reason="crash-loop",
        layer=Layer.MEMORY if killed else Layer.CONFIG if code in (2, 126, 127) else Layer.APPLICATION,
        severity=Severity.WARNING if recovered else Severity.CRITICAL,
        text=f"{'Init container' if facts.get('init') else 'Container'} {name or 'of the pod'} ended and was started "
        f"again ({tries}). {_why(code, killed)}.",
        expected="0 restarts",
        actual=tries,
        confidence=0.9 if code is not None else 0.75,
        cost=covered(case.window, [Interval(begin_of(seen), seen.event.time) for seen in told]),
        evidence_for=[*proofs(told), *([Proof(ended, artifact)] if facts else [])],
        evidence_against=[Proof("The launch became ready all the same")] if recovered else [],
        advice="Read what it said last (`kubectl logs --previous`), and upload that log: its last phase shows where it "
        "ends.",
    )


def _why(code: int | None, killed: bool) -> str:
    if code is None:
        return "Its exit code is not told"
    meaning = "it was killed for want of memory (OOMKilled)" if killed else CODES.get(code, "see its log")
    return f"Exit code {code}: {meaning}"


def _exit_code(case: Case, last: Mapping[str, Any]) -> int | None:
    told = last.get("exit_code")
    if isinstance(told, int):
        return told
    codes = [
        seen.event.fields["exit_code"]
        for seen in pod_events(case, Category.CONTAINER, Category.OOM_KILL)
        if isinstance(seen.event.fields.get("exit_code"), int)
    ]
    return codes[-1] if codes else None


def _ending(last: Mapping[str, Any]) -> str:
    parts = [str(last.get("reason") or "an unknown reason")]
    if last.get("exit_code") is not None:
        parts.append(f"exit code {last['exit_code']}")
    if isinstance(last.get("started"), int) and isinstance(last.get("finished"), int):
        parts.append(f"after {seconds(max(0, last['finished'] - last['started']))}")
    return ", ".join(parts) + (f": {last['message']}" if last.get("message") else "")
