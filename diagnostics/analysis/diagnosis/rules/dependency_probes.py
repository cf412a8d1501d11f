"""What probes of a dependency say: it failed (``dns-failure``, ``tcp-failure``, ``tls-failure``,
``dependency-failure``), or one of its stages took long (``dependency-slow``)."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diagnostics.agent.checks.dependency import SLOW
from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proofs
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.wording import count, percent, seconds
from diagnostics.records import Kind

LEAST_SHARE = 0.2  # of the probes that had most time
NETWORK = ("timeout", "refused", "unreachable", "closed", "network")
STAGES = {"resolve": "its name", "connect": "the connection", "tls": "TLS", "handshake": "its protocol"}
CHECKS = {"dns": "resolve", "tcp": "connect", "tls": "tls", "protocol": "handshake"}
ADVICE = {
    "resolve": "Look at the name server: its load, its distance, and search domains that are tried first.",
    "connect": "Look at the way to it (diagnose probe shows where packets are late), or move it nearer.",
    "tls": "Keep connections open, or resume sessions; look at the load of the other side.",
    "handshake": "The other side answers late: look at its own load.",
}
FAILED_ADVICE = {
    "dns-failure": "Look at the name, at /etc/resolv.conf and at the name server.",
    "tcp-failure": "Look whether it runs and listens there, and at firewalls and NetworkPolicies between.",
    "tls-failure": "Look at the certificate: name, expiry, and the authority this host trusts.",
    "dependency-failure": "It is reached but does not serve: look at its own log, and at the credentials.",
}


def dependency_probes(case: Case) -> Iterator[Finding]:
    for file in case.of_kind(Kind.PROBE):
        told = [seen for seen in case.events if seen.artifact == file.artifact]
        rounds = [seen for seen in told if isinstance(seen.event.fields.get("ok"), bool)]
        if rounds:
            # Probes with little time are meant to fail sometimes: that is how a time-out is found.
            most = max(_number(seen, "timeout_s") for seen in rounds)
            yield from _of_rounds(case, [seen for seen in rounds if _number(seen, "timeout_s") == most])
        for seen in told:
            if seen.event.source in CHECKS and "state" in seen.event.fields:
                yield from _of_check(case, seen)


def _number(seen: SeenEvent, field: str) -> float:
    value = seen.event.fields.get(field)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _of_rounds(case: Case, probes: Sequence[SeenEvent]) -> Iterator[Finding]:
    name = probes[0].event.source
    failed = [seen for seen in probes if not seen.event.fields["ok"]]
    if len(failed) >= LEAST_SHARE * len(probes):
        yield _failing(case, name, failed, len(probes))
    for stage, limit in SLOW.items():
        slow = [seen for seen in probes if seen.event.fields["ok"] and _stage(seen, stage) > limit]
        if len(slow) * 2 > len(probes):
            took = round(statistics.median(_stage(seen, stage) for seen in slow))
            text = f"{name}: {STAGES[stage]} took {seconds(took)} (median), in {len(slow)} of {len(probes)} probes."
            yield _slow(case, stage, text, float(limit), float(took), slow)


def _stage(seen: SeenEvent, stage: str) -> int:
    took = _stages(seen).get(stage)
    return took if isinstance(took, int) else 0


def _stages(seen: SeenEvent) -> Mapping[str, Any]:
    """What the sender says each stage took, in order; it may say anything."""
    told = seen.event.fields.get("stages")
    return told if isinstance(told, Mapping) else {}


def _failing(case: Case, name: str, failed: Sequence[SeenEvent], number: int) -> Finding:
    why = Counter(_kind(seen) for seen in failed).most_common(1)[0][0]
    message = str(failed[-1].event.fields.get("message") or failed[-1].event.fields.get("reason") or "no answer")
    return Finding(
        reason=why,
        layer=Layer.DEPENDENCY if why == "dependency-failure" else Layer.NETWORK,
        severity=Severity.WARNING,
        text=f"{name} failed {count(len(failed), 'probe')} of {number}: {message}.",
        expected="0 failed",
        actual=f"{percent(100 * len(failed) / number)} failed",
        confidence=_confidence(case, failed),
        evidence_for=proofs(failed),
        evidence_against=_beside(case, failed),
        advice=FAILED_ADVICE[why],
    )


def _kind(seen: SeenEvent) -> str:
    reason = seen.event.fields.get("reason")
    last = next(reversed(list(_stages(seen))), "")
    if reason == "name_not_found" or (reason == "timeout" and last == "resolve"):
        return "dns-failure"
    if reason == "tls_invalid" or (reason == "timeout" and last == "tls"):
        return "tls-failure"
    return "tcp-failure" if reason in NETWORK else "dependency-failure"


def _of_check(case: Case, seen: SeenEvent) -> Iterator[Finding]:
    """A check of ``diagnose probe``; its numbers are in ms."""
    fields = seen.event.fields
    if fields["state"] == "failed":
        why = {"dns": "dns-failure", "tcp": "tcp-failure", "tls": "tls-failure"}.get(
            seen.event.source, "dependency-failure"
        )
        yield Finding(
            reason=why,
            layer=next((layer for layer in Layer if layer == fields.get("layer")), Layer.NETWORK),
            severity=Severity.WARNING,
            text=f"{seen.event.text.rstrip('.')}.",
            expected=str(fields.get("expected") or "ok"),
            actual=str(fields.get("actual") or "failed"),
            confidence=_confidence(case, [seen]),
            evidence_for=proofs([seen]),
            evidence_against=_beside(case, [seen]),
            advice=str(fields.get("advice") or FAILED_ADVICE[why]),
        )
    elif fields["state"] == "warning":
        stage = CHECKS[seen.event.source]
        expected, actual = _number(seen, "expected") * 1e6 or SLOW[stage], _number(seen, "actual") * 1e6
        yield _slow(case, stage, f"{seen.event.text.rstrip('.')}.", float(expected), actual, [seen])


def _slow(case: Case, stage: str, text: str, expected: float, actual: float, slow: Sequence[SeenEvent]) -> Finding:
    return Finding(
        reason="dependency-slow",
        layer=Layer.DEPENDENCY if stage == "handshake" else Layer.NETWORK,
        severity=Severity.WARNING,
        text=text,
        expected=expected,
        actual=actual,
        unit="ns",
        confidence=_confidence(case, slow),
        # Once, for nobody knows how often the launch asks.
        cost=min(round(actual), max(0, case.launch.total)) if _in_launch(case, slow) else 0,
        evidence_for=proofs(slow),
        evidence_against=_beside(case, slow),
        advice=ADVICE[stage],
    )


def _in_launch(case: Case, probes: Sequence[SeenEvent]) -> bool:
    return any(case.window.start <= seen.event.time <= case.window.end for seen in probes)


def _confidence(case: Case, probes: Sequence[SeenEvent]) -> float:
    sure = 0.8 if _in_launch(case, probes) else 0.5
    return sure if len(probes) >= 3 else sure - 0.2


def _beside(case: Case, probes: Sequence[SeenEvent]) -> list[Proof]:
    """What was measured at another time need not have been so in the launch."""
    if _in_launch(case, probes):
        return []
    apart = min(
        min(abs(seen.event.time - case.window.start), abs(seen.event.time - case.window.end)) for seen in probes
    )
    return [Proof(f"It was probed {seconds(apart)} beside the launch, not in it")]
