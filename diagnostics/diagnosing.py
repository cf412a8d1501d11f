"""Diagnose a launch: gather the case, ask the rules, keep what they find. The only writer of findings."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import connection

from diagnostics.analysis.diagnosis import advice
from diagnostics.analysis.diagnosis import finding as told
from diagnostics.analysis.diagnosis.advice import Advice
from diagnostics.analysis.diagnosis.case import Case, EvidenceFile, SeenEvent, SeenSeries, Usual
from diagnostics.analysis.diagnosis.diagnose import diagnose as ask_rules
from diagnostics.analysis.diagnosis.diagnose import headline
from diagnostics.analysis.start_class import Start, StartClass, start_class
from diagnostics.clocks import corrections, shift
from diagnostics.models import Artifact, Finding, Launch
from diagnostics.querysets.artifacts import has_evidence
from diagnostics.querysets.launches import samples
from diagnostics.querysets.phases import placed_phases
from diagnostics.querysets.records import samples_within, telling_events_within
from diagnostics.records import (
    NS_PER_SECOND,
    Interval,
    Kind,
    LaunchAnalysis,
    LaunchStatus,
    Sample,
)

logger = logging.getLogger(__name__)
FAILED = "The diagnosis of this launch failed; the server's log says how"
LEAST = (told.Severity.CRITICAL, told.Severity.WARNING)  # what is worth being the launch's headline in lists
MARGIN = 60 * NS_PER_SECOND  # what was said shortly before and after a launch, an earlier try's end above all
MOST_EVENTS = 50_000
MOST_VALUES = 500_000
MOST_PHASES = 2_000  # the longest, the critical and the failed
NEWEST = 10  # launches among which failures are counted
FAILED_BEFORE = """
SELECT count(*) FILTER (WHERE status = 'failed') FROM (
    SELECT status FROM diagnostics_launch
    WHERE service_id = %s AND start_time < %s AND state <> 'received' ORDER BY start_time DESC, id DESC LIMIT %s
) newest
"""


def classify(launch: Launch, case: Case) -> Case:
    """Decide from which state the launch started, and note on it what decided that."""
    try:
        decided = start_class(case)
    except Exception:  # a mistake in a rule must not keep a launch from being compared with others
        logger.exception("The start class of launch %s could not be decided", launch.pk)
        decided = StartClass(Start.UNKNOWN)
    launch.start_class, launch.start_class_facts = decided.start.value, _class_facts(decided)
    return replace(case, start_class=launch.start_class)


def diagnose(launch: Launch, case: Case, history: Sequence[Sample]) -> str:
    """Ask the rules, replace the launch's findings by theirs, and note layer, confidence and sentence on the launch.

    Returns the gravest finding's sentence, ``""`` without one that cost time worth getting back. Saving the launch is
    the caller's.
    """
    warmer = Launch.objects.warmer_than(launch, settings.BASELINE_LAUNCHES).only("total_ns", "waiting_ns")
    whole = replace(case, usual=_durations(history), warmer=_durations(samples(list(warmer))))
    try:
        findings = ask_rules(whole)
        head = headline(findings, whole)
    except Exception:
        logger.exception("Launch %s could not be diagnosed", launch.pk)
        findings, head = [], None
    keep(launch, findings)
    launch.layer, launch.confidence = (head.layer.value, head.confidence) if head else ("", None)
    launch.diagnosis = head.text if head else FAILED
    return findings[0].text if findings and findings[0].severity in LEAST else ""


def recommended(launch: Launch) -> Mapping[str, Advice]:
    """What the history of the launch's service says of its settings, by topic, whatever was found; stores nothing."""
    before = Launch.objects.baseline_of(launch, settings.BASELINE_LAUNCHES).only("total_ns", "waiting_ns")
    return advice.recommended(replace(case_of(launch), usual=_durations(samples(list(before)))))


def case_of(launch: Launch) -> Case:
    """The launch with its evidence on its own clock, corrections made; without what is usual for its service.

    Bounded whatever was sent: the most telling events, phases and series first. Three queries where there is no
    evidence, five where there is.
    """
    joined = list(Artifact.objects.evidence_of(launch)) if has_evidence(launch) else []
    artifacts = [one for one in joined if _tells(one)]
    found = corrections(launch, joined) if artifacts else {}
    shifts = {pk: shift(one, corrected=True) for pk, one in found.items() if one.placing is not None}
    window = Interval(launch.start_time - MARGIN, launch.ready_time + MARGIN)
    with_events = {one.pk: shifts[one.pk] for one in artifacts if one.counts.get("events") and one.pk in shifts}
    with_samples = {one.pk: shifts[one.pk] for one in artifacts if one.counts.get("samples") and one.pk in shifts}
    return Case(
        launch=_analysis(launch),
        service=launch.service.name,
        environment=launch.service.environment,
        version=launch.version,
        host=launch.host.name if launch.host else "",
        milestones=launch.milestones,
        labels=launch.labels,
        config=launch.config,
        start_class=launch.start_class,
        files=[_file(one, shifts.get(one.pk), found[one.pk].correction) for one in artifacts],
        events=[SeenEvent(str(pk), event) for pk, _, event in _events(with_events, window)],
        samples=_samples(with_samples, launch),
        failed_before=_failed_before(launch),
    )


def _durations(history: Sequence[Sample]) -> dict[str, Usual]:
    """What launches took, by phase path; ``""`` is the total."""
    durations: dict[str, list[int]] = {"": [sample.total for sample in history]}
    for sample in history:
        for path, duration in sample.durations.items():
            durations.setdefault(path, []).append(duration)
    return {path: Usual(sorted(taken)) for path, taken in durations.items() if taken}


def keep(launch: Launch, findings: Sequence[told.Finding]) -> None:
    """Replace the launch's findings by these, in their order."""
    launch.findings.all().delete()
    Finding.objects.bulk_create(_row(launch, position, finding) for position, finding in enumerate(findings))


def _class_facts(decided: StartClass) -> dict[str, Any]:
    return {
        "text": decided.text,
        "decided_by": [_proof(proof) for proof in decided.decided_by],
        "others": [_proof(proof) for proof in decided.others],
        "contradictions": list(decided.contradictions),
    }


def _row(launch: Launch, position: int, finding: told.Finding) -> Finding:
    return Finding(
        launch=launch,
        position=position,
        reason=finding.reason,
        layer=finding.layer.value,
        severity=finding.severity.value,
        text=finding.text,
        phase=finding.phase,
        expected=finding.expected,
        actual=finding.actual,
        unit=finding.unit,
        confidence=min(max(finding.confidence, 0.0), 1.0),
        cost_ns=finding.cost,
        evidence_for=[_proof(proof) for proof in finding.evidence_for],
        evidence_against=[_proof(proof) for proof in finding.evidence_against],
        advice=finding.advice,
        patch=finding.patch,
    )


def _proof(proof: told.Proof) -> Mapping[str, Any]:
    return {"artifact": proof.artifact, "line": proof.line, "time": proof.time, "text": proof.text}


def _tells(artifact: Artifact) -> bool:
    """A snapshot is the launch itself; only its log lines are evidence."""
    return artifact.kind != Kind.SNAPSHOT or bool(artifact.counts.get("events"))


def _file(artifact: Artifact, shift: int | None, correction: int) -> EvidenceFile:
    first, last = artifact.first_ns, artifact.last_ns
    if shift is None or first is None or last is None:
        first = last = None
    else:
        first, last = first + shift, last + shift
    return EvidenceFile(str(artifact.pk), Kind(artifact.kind), artifact.facts, first, last, correction)


def _events(shifts: Mapping[Any, int], window: Interval) -> list[Any]:
    return telling_events_within(shifts, window, MOST_EVENTS) if shifts else []


def _samples(shifts: Mapping[Any, int], launch: Launch) -> list[SeenSeries]:
    """Series over the launch, sums over all instances before single ones where not all can be had."""
    window = Interval(launch.start_time, max(launch.ready_time, launch.start_time + 1))
    found = samples_within(shifts, window) if shifts else []
    kept: list[SeenSeries] = []
    room = MOST_VALUES
    for artifact, series in sorted(found, key=lambda one: one[1].instance not in ("", "all")):
        room -= len(series.times)
        if room < 0:
            break
        kept.append(SeenSeries(str(artifact), series))
    return kept


def _analysis(launch: Launch) -> LaunchAnalysis:
    """What was found of the launch's time structure when it was stored; of a huge launch, its largest phases."""
    placed = placed_phases(launch.pk, MOST_PHASES)
    path = sorted((one for one in placed if one.critical), key=lambda one: (one.phase.start_time, one.depth))
    return LaunchAnalysis(
        start_time=launch.start_time,
        ready_time=launch.ready_time,
        ready_by=launch.ready_by,
        status=LaunchStatus(launch.status),
        phases=placed,
        unaccounted=[Interval(start, end) for start, end in launch.gaps],
        critical_path=[one.phase.position for one in path],
        waiting=launch.waiting_ns or 0,
    )


def _failed_before(launch: Launch) -> int:
    with connection.cursor() as cursor:
        cursor.execute(FAILED_BEFORE, [launch.service_id, launch.start_time, NEWEST])
        return int(cursor.fetchone()[0])
