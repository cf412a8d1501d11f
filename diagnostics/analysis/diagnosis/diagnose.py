"""Every rule over one launch, and the one sentence that its page begins with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.resolution import NOT_RESOLVABLE, host_evidence
from diagnostics.analysis.diagnosis.rules import RULES, Rule
from diagnostics.analysis.diagnosis.stretches import weighty
from diagnostics.analysis.diagnosis.wording import seconds
from diagnostics.records import LaunchStatus

SEVERITIES = tuple(Severity)  # gravest first
MOST_PROOFS = 12
# What is only worth knowing is the headline of a launch when nothing graver was found and it took this share of it.
HEADLINE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Headline:
    """A launch in one sentence. ``layer`` is unknown, and ``confidence`` 0, when the evidence does not tell."""

    layer: Layer
    text: str
    confidence: float


def diagnose(case: Case, rules: Sequence[Rule] = RULES) -> list[Finding]:
    """What all rules find: the gravest first, then the most costly, then the surest; what two say alike is said once.

    A rule that fails fails the diagnosis: a launch that nobody could diagnose must not look like one without findings.
    """
    found = sorted((finding for rule in rules for finding in rule(case)), key=_order)
    return _without_echoes(_said_once(found))


def headline(findings: Iterable[Finding], case: Case) -> Headline:
    """The launch in one sentence, from its findings in any order."""
    told = sorted(findings, key=_order)
    worth = case.launch.total * HEADLINE_SHARE
    for finding in told:
        if finding.severity is not Severity.NOTICE or (finding.cost > 0 and finding.cost >= worth):
            return Headline(finding.layer, finding.text, finding.confidence)
    return Headline(Layer.UNKNOWN, _why_unknown(told, case), 0.0)


def _order(finding: Finding) -> tuple[int, int, float, str, str]:
    # Reason and phase last, so that the same launch is always told in the same order.
    gravity = SEVERITIES.index(finding.severity)
    return gravity, -finding.cost, -finding.confidence, finding.reason, finding.phase or ""


def _said_once(findings: Iterable[Finding]) -> list[Finding]:
    kept: dict[tuple[str, str | None, str], Finding] = {}
    for finding in findings:
        key = finding.reason, finding.phase, finding.text
        first = kept.get(key)
        kept[key] = finding if first is None else _joined(first, finding)
    return list(kept.values())


def _without_echoes(findings: Sequence[Finding]) -> list[Finding]:
    """A phase has the trouble of the phases inside it: where one of those has it at no less cost, once is enough."""

    def echoes(outer: Finding) -> bool:
        inside = f"{outer.phase}/"
        return outer.phase is not None and any(
            inner.reason == outer.reason and (inner.phase or "").startswith(inside) and inner.cost >= outer.cost
            for inner in findings
        )

    return [finding for finding in findings if not echoes(finding)]


def _joined(first: Finding, again: Finding) -> Finding:
    return replace(
        first,
        evidence_for=_proofs([*first.evidence_for, *again.evidence_for]),
        evidence_against=_proofs([*first.evidence_against, *again.evidence_against]),
    )


def _proofs(told: Sequence[Proof]) -> list[Proof]:
    return list(dict.fromkeys(told))[:MOST_PROOFS]


def _why_unknown(findings: Sequence[Finding], case: Case) -> str:
    """Why nothing was found: no evidence, evidence too coarse, or evidence that explains nothing."""
    if not host_evidence(case):
        return f"No evidence uploaded for {case.host or 'this host'}."
    for finding in findings:
        if finding.reason == NOT_RESOLVABLE:
            return finding.text
    longest = next((stretch for stretch in weighty(case) if stretch.placed), None)
    most = f"; {longest.name} took most of it ({seconds(longest.cost)})" if longest else ""
    what = "why the launch failed" if case.launch.status is LaunchStatus.FAILED else "its length"
    return f"Nothing in the evidence explains {what}: {seconds(case.launch.total)}{most}."
