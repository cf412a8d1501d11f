"""``clock-skew``: an effect before its cause, or a clock that was measured to be off."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.events import proof
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.kubernetes import pod_events, reason_of
from diagnostics.analysis.diagnosis.wording import seconds
from diagnostics.records import NS_PER_SECOND, Category, Kind, Milestone, PlacedPhase

NS_PER_MS = NS_PER_SECOND // 1000
# Below this no conclusion depends on it.
LEAST = NS_PER_SECOND // 10
ADVICE = "Let NTP or PTP set the clocks of all hosts: times of different hosts cannot be compared otherwise."


def clock_skew(case: Case) -> Iterator[Finding]:
    yield from _measured(case)
    yield from _before_its_cause(case)
    yield from _before_its_pod(case)
    yield from _kills(case)


def _finding(
    text: str, skew: int, confidence: float, told: list[Proof], against: list[Proof], phase: str | None
) -> Finding:
    return Finding(
        reason="clock-skew",
        layer=Layer.CONFIG,
        severity=Severity.WARNING if skew >= NS_PER_SECOND else Severity.NOTICE,
        text=text,
        phase=phase,
        expected=0.0,
        actual=float(skew),
        unit="ns",
        confidence=confidence,
        evidence_for=told,
        evidence_against=against,
        advice=ADVICE,
    )


def _measured(case: Case) -> Iterator[Finding]:
    """By the agent's check against the server's clock; its numbers are in ms."""
    probes = {file.artifact for file in case.of_kind(Kind.PROBE)}
    for seen in case.events:
        fields = seen.event.fields
        if seen.artifact in probes and seen.event.source == "clock-offset" and fields.get("state") == "warning":
            actual = fields.get("actual")
            offset = round(abs(float(actual)) * NS_PER_MS) if isinstance(actual, (int, float)) else 0
            text = f"This host's clock is off by {seconds(offset)}, measured against the server's."
            yield _finding(text, offset, 0.9, [proof(seen)], [], None)


def _before_its_cause(case: Case) -> Iterator[Finding]:
    """The phase that began earliest before its dependency, of another process or host, had ended."""
    phases = case.launch.phases
    pairs = [
        (phases[other].phase.end_time - told.phase.start_time - _precision(told, phases[other]), told, phases[other])
        for told in phases
        for other in told.phase.depends_on
        if phases[other].phase.lane != told.phase.lane
    ]
    skew, told, other = max(pairs, key=lambda pair: pair[0], default=(0, None, None))
    if told is None or other is None or skew < LEAST:
        return
    text = f"{told.path} began {seconds(skew)} before {other.path}, which it waits for, had ended: their clocks differ."
    against = [Proof("It may also be that it waits for a part of it only")]
    yield _finding(text, skew, 0.5, [Proof(text, time=told.phase.start_time)], against, told.path)


def _precision(*placed: PlacedPhase) -> int:
    told = (one.phase.attributes.get("precision_ns") for one in placed)
    return sum(worth for worth in told if isinstance(worth, int))


def _before_its_pod(case: Case) -> Iterator[Finding]:
    """A process cannot run before its pod has a node; Kubernetes writes whole seconds."""
    placed = [seen for seen in pod_events(case, Category.SCHEDULING) if reason_of(seen) == "Scheduled"]
    begun = case.milestones.get(Milestone.PROCESS_START)
    if not placed or begun is None:
        return
    skew = placed[-1].event.time - placed[-1].event.precision - begun
    if skew >= LEAST:
        text = f"The process began {seconds(skew)} before its pod was placed: the node's clock is behind."
        yield _finding(text, skew, 0.7, [proof(placed[-1]), Proof("process_start", time=begun)], [], None)


def _kills(case: Case) -> Iterator[Finding]:
    """One kill for want of memory, as the kernel and as Kubernetes stamp it."""
    kills = list(case.of_category(Category.OOM_KILL))
    kernel = [seen for seen in kills if "pid" in seen.event.fields and "object" not in seen.event.fields]
    cluster = [seen for seen in kills if "object" in seen.event.fields]
    if len(kernel) != 1 or len(cluster) != 1:
        return
    skew = abs(kernel[0].event.time - cluster[0].event.time) - _worth(kernel[0]) - _worth(cluster[0])
    # Kubernetes notices within seconds; hours apart they are two kills.
    if 5 * NS_PER_SECOND <= skew <= 3600 * NS_PER_SECOND:
        text = f"The kernel and Kubernetes tell of one kill {seconds(skew)} apart: their clocks differ."
        against = [Proof("They may be two kills, each told by one of them only")]
        yield _finding(text, skew, 0.4, [proof(kernel[0]), proof(cluster[0])], against, None)


def _worth(seen: SeenEvent) -> int:
    return seen.event.precision
