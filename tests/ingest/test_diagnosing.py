"""From files to findings: what was sent is joined, put on one clock, diagnosed and kept."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from diagnostics import detection, diagnosing, ingest
from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Finding as Told
from diagnostics.ingest import Evidence, Packed, Upload, accept, accept_evidence
from diagnostics.models import Artifact, Finding, Launch
from diagnostics.records import Category, Kind
from tests.data.cluster import BOOT, SECOND, events, oom_log, pod
from tests.data.snapshots import T0, encoded, phase, sequence, snapshot
from tests.ingest.sending import ID, judge_all, judged, send_file, send_snapshot

pytestmark = pytest.mark.django_db
# Killed while its weights were loaded; the agent saw the process end.
KILLED = snapshot(
    phase("process-start", 0, 2_000),
    phase("weights-load", 2_000, 40_000, status="failed", attributes={"bytes": 70_000_000_000}),
    launch_id=ID,
    host={"name": "node-7", "boot_time": BOOT},
    milestones={"process_start": T0},
)


def oom_finding() -> Finding:
    return Finding.objects.get(reason__contains="oom", severity="critical")


@pytest.mark.parametrize("order", ["snapshot first", "log first"])
@pytest.mark.parametrize("hints", [{}, {"boot_time": str(BOOT)}], ids=["placed by the launch", "placed by its sender"])
def test_an_oom_kill_is_found_whatever_comes_first(order: str, hints: dict[str, str]) -> None:
    if order == "snapshot first":
        judged(send_snapshot(KILLED).pk)
        assert not Finding.objects.filter(severity="critical").exists()
    log = send_file(oom_log(40), host="node-7", **hints)
    if order == "log first":
        assert judge_all(log) == []
        send_snapshot(KILLED)
        detection.judge(Launch.objects.get().pk)
    else:
        assert judge_all(log) == [Launch.objects.get().pk]

    launch, finding = Launch.objects.get(), oom_finding()
    assert (launch.state, launch.layer, launch.headline) == ("judged", "memory", finding.text)
    assert (launch.confidence or 0) > 0.5
    assert (finding.layer, finding.phase) == ("memory", "weights-load")
    proof = next(proof for proof in finding.evidence_for if "Killed process 4242" in proof["text"])
    assert (proof["artifact"], proof["line"]) == (str(log.pk), 4)
    assert abs(proof["time"] - (T0 + 40 * SECOND)) < SECOND
    assert ingest.content_of(log).splitlines()[proof["line"] - 1].decode().endswith(proof["text"][-40:])


def test_an_oom_kill_at_another_time_or_host_is_none() -> None:
    for log, host in ((oom_log(-900), "node-7"), (oom_log(40), "node-8")):
        send_file(log, host=host, boot_time=str(BOOT))
    judged(send_snapshot(KILLED).pk)
    assert not Finding.objects.filter(severity="critical").exists()


def test_judging_again_replaces_the_findings() -> None:
    send_file(oom_log(40), host="node-7")
    launch = judged(send_snapshot(KILLED).pk)
    fields = [field.name for field in Finding._meta.concrete_fields if field.name != "id"]
    before = list(Finding.objects.values_list(*fields))
    assert len(before) == launch.findings.count() >= 1
    assert [row.position for row in launch.findings.all()] == list(range(len(before)))

    detection.judge(launch.pk)
    assert list(Finding.objects.values_list(*fields)) == before

    Artifact.objects.filter(kind=Kind.KERNEL_LOG).delete()
    after = judged(launch.pk)
    assert not after.findings.filter(severity="critical").exists()
    assert after.layer != "memory"


def test_without_evidence_the_launch_says_so() -> None:
    launch = judged(send_snapshot({**KILLED, "phases": [phase("a", 0, 100)]}).pk)
    assert "No evidence" in launch.diagnosis
    assert (launch.layer, launch.confidence) == ("unknown", 0.0)
    assert (launch.start_class, (launch.start_class_facts or {})["decided_by"]) == ("", [])


def test_the_start_class_is_decided_stored_and_never_mixed_in_a_baseline() -> None:
    for number in range(6):
        judged(send_snapshot(sequence(400, 1000, number=number)).pk)
    cold = {**sequence(400, 9000, number=7), "launch_id": ID, "host": {"name": "glm-0"}}
    assert judged(send_snapshot(cold).pk).verdict == "regressed"
    file = events().replace(b"2025-11-24T15:59", b"2025-11-24T22:59")
    artifact = send_file(file, "k8s-events", launch=ID)
    assert judge_all(artifact) == [artifact.launch_id]
    launch = Launch.objects.get(pk=ID)
    assert launch.start_class == "cold"
    told = launch.start_class_facts or {}
    assert "Successfully pulled" in told["decided_by"][0]["text"]
    assert told["decided_by"][0]["artifact"] == str(artifact.pk)
    assert launch.verdict == "not enough data"


def test_the_case_is_on_the_launchs_clock() -> None:
    """Kubernetes' clock runs 30 s ahead: its times are moved for diagnosis, and the reason is told."""
    send_snapshot({**KILLED, "host": {"name": "glm-0", "boot_time": BOOT}})
    send_file(pod(started=30, ready=100), "k8s-pod", launch=ID)
    case = diagnosing.case_of(Launch.objects.select_related("service", "host").get())
    (file,) = [one for one in case.files if one.kind is Kind.K8S_POD]
    assert file.correction == -30 * SECOND


def test_the_case_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosing, "MOST_EVENTS", 3)
    monkeypatch.setattr(diagnosing, "MOST_PHASES", 1)
    send_file(oom_log(40), host="node-7")
    launch = send_snapshot(KILLED)
    case = diagnosing.case_of(launch)
    assert len(case.events) == 3
    assert Category.OOM_KILL in {seen.event.category for seen in case.events}
    assert [placed.path for placed in case.launch.phases] == ["weights-load"]


def test_what_is_usual_is_that_of_the_baseline() -> None:
    for number in range(4):
        judged(send_snapshot(sequence(400, 1000 + number, number=number)).pk)
    asked: list[Case] = []

    def noted(case: Case) -> list[Told]:
        asked.append(case)
        return []

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(diagnosing, "ask_rules", noted)
        judged(send_snapshot(sequence(400, 2000, number=5)).pk)
    usual = asked[0].usual
    assert list(usual["step-1"].durations) == [(1000 + n) * 10**6 for n in range(4)]
    assert list(usual[""].durations) == [(1400 + n) * 10**6 for n in range(4)]


def test_failures_before_are_counted() -> None:
    for number in range(3):
        document = sequence(100, number=number)
        document["phases"][0]["status"] = "failed"
        send_snapshot(document)
    launch = send_snapshot(sequence(100, number=9))
    assert diagnosing.case_of(launch).failed_before == 3


def test_a_mistake_in_a_rule_does_not_keep_a_launch_from_being_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(case: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(diagnosing, "ask_rules", mistaken)
    monkeypatch.setattr(diagnosing, "start_class", mistaken)
    launch = judged(send_snapshot(KILLED).pk)
    assert (launch.state, launch.verdict) == ("judged", "not enough data")
    assert launch.diagnosis == diagnosing.FAILED
    assert not launch.findings.exists()


def test_files_of_a_host_have_their_newest_launches_judged_again(settings: Any) -> None:
    settings.EVIDENCE_LAUNCHES = 2
    launches = []
    for number in range(4):
        start = number * 100
        document = snapshot(phase("a", start * 1000, 50_000), host={"name": "node-7"}, version=str(number))
        launches.append(judged(send_snapshot(document).pk))
    log = send_file(oom_log(40), host="node-7", boot_time=str(BOOT))
    newest = [launches[3].pk, launches[2].pk]
    assert ingest.joined(log.pk) == newest
    assert set(Launch.objects.filter(state="parsed").values_list("pk", flat=True)) == set(newest)
    judge_all(log)
    assert not Launch.objects.exclude(state="judged").exists()
    assert ingest.joined(log.pk) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_everything_at_once_makes_the_same_launch(attempt: int) -> None:
    """Snapshot, pod, events and kernel log are parsed at the same moment by four workers, and judged as they come."""
    given = {"launch": ID, "service": "open-autoglm"}
    document = {**KILLED, "host": {"name": "glm-0", "boot_time": BOOT}}
    ids = [
        accept(Upload(encoded(document))).artifact,
        accept_evidence(Evidence(Packed.of(pod(ready=None)), "k8s-pod", **given)).artifact,
        accept_evidence(Evidence(Packed.of(events()), "k8s-events", **given)).artifact,
        accept_evidence(Evidence(Packed.of(oom_log(40)), "kernel-log", host="node-7")).artifact,
    ]
    together = threading.Barrier(len(ids))
    errors: list[Exception] = []

    def work(artifact_id: Any) -> None:
        together.wait()
        try:
            launch = ingest.parse(artifact_id)
            for waiting in [launch] if launch else ingest.joined(artifact_id):
                detection.judge(waiting)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[artifact_id]) for artifact_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    launch = Launch.objects.get()
    if launch.state == "parsed":  # the last file came between a judgement and its end: the sweep brings it back
        launch = judged(launch.pk)
    assert (launch.begins_with, launch.start_time) == ("pod_created", T0 - 40 * SECOND)
    assert launch.labels["node"] == "node-7"
    assert launch.layer == "memory"
    assert oom_finding().phase == "weights-load"
