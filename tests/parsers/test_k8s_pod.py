"""Pods: every collected file as it is known to be, and what only other files hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from diagnostics.parsers import Hints, Source, collect, k8s_pod
from diagnostics.parsers.timestamps import instant
from diagnostics.records import Category, Parsed, ParseError
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names
from tests.parsers.test_sniff import kind_of

RECEIVED = 1_795_500_000_000_000_000
SECOND = 1_000_000_000
PODS = [name for name in names("k8s") if kind_of("k8s", name) == "k8s-pod"]
DESCRIBED = [name for name in PODS if name.endswith(".txt")]
OTHERS = [name for name in names("k8s") if name not in PODS]


def parse(content: bytes | str) -> Parsed:
    content = content.encode() if isinstance(content, str) else content
    return collect(k8s_pod.parse(Source.of(content), Hints(RECEIVED)))


def pod(name: str = "a", **status: Any) -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "ns", "creationTimestamp": at("08:00:00")},
        "spec": {"containers": [{"name": "main", "image": "x:1"}]},
        "status": {"conditions": [condition("PodScheduled", "08:00:02")], **status},
    }


def at(clock: str) -> str:
    return f"2026-11-20T{clock}Z"


def condition(kind: str, clock: str, status: str = "True", **more: str) -> dict[str, str]:
    return {"type": kind, "status": status, "lastTransitionTime": at(clock), **more}


def container(state: dict[str, Any], restarts: int = 0, last: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return [{"name": "main", "restartCount": restarts, "state": state, "lastState": last or {}}]


def phases(document: dict[str, Any]) -> list[tuple[str, float, float, str]]:
    zero = instant(at("08:00:00"), "")
    found = parse(json.dumps(document)).phases
    return [(one.name, (one.start_time - zero) / SECOND, one.duration / SECOND, one.status) for one in found]


@here_only
@pytest.mark.parametrize("name", [name for name in PODS if name.endswith(".json")])
def test_sample_pods(name: str) -> None:
    known, parsed = expected(f"k8s/{name}")["pods"], parse((SAMPLES / "k8s" / name).read_bytes())

    assert parsed.facts["pod_count"] == len(known) == 1
    facts, wanted = parsed.facts["pods"][0], known[0]
    assert [facts["name"], facts["phase"], facts["started"]] == [
        wanted["name"], wanted["phase"], instant(wanted["startTime"], ""),
    ]  # fmt: skip
    told = {kind: [one["status"], one["time"]] for kind, one in facts["conditions"].items()}
    assert told == {kind: [status, instant(time, "")] for kind, (status, time) in wanted["conditions"].items()}
    containers = {one["name"]: one for one in facts["containers"]}
    for one in wanted["containers"]:
        found = containers[one["name"]]
        assert [found["restarts"], found["ready"], [found["state"]]] == [one["restarts"], one["ready"], one["state"]]
        assert found.get("reason") == one["reason"]
        assert found.get("last", {}).get("reason") == one["last_reason"]
    assert parsed.host is not None
    assert parsed.host.name == wanted["name"]


@here_only
@pytest.mark.parametrize("name", DESCRIBED)
def test_sample_descriptions(name: str) -> None:
    known, parsed = expected(f"k8s/{name}"), parse((SAMPLES / "k8s" / name).read_bytes())

    containers = parsed.facts["pods"][0]["containers"]
    # Containers of a pod that was never placed tell no restarts.
    assert [str(one["restarts"]) for one in containers][: len(known["restart_count"])] == known["restart_count"]
    reasons = [state["reason"] for one in containers for state in (one, one.get("last", {})) if "reason" in state]
    assert reasons == known["last_state_reason"]
    codes = [
        str(state["exit_code"]) for one in containers for state in (one, one.get("last", {})) if "exit_code" in state
    ]
    assert codes == known["exit_codes"]
    assert parsed.facts["events"]["objects"] == known["event_rows"]
    assert parsed.facts["pods"][0]["namespace"]
    assert parsed.lines.skipped <= 1  # what recorded some of them left "stderr:" behind


@here_only
@pytest.mark.parametrize("name", OTHERS)
def test_other_objects_are_refused(name: str) -> None:
    with pytest.raises(ParseError, match=r"k8s-events|no description of a pod"):
        parse((SAMPLES / "k8s" / name).read_bytes())


def test_phases_of_a_pod_that_became_ready() -> None:
    running = pod(
        conditions=[
            condition("PodScheduled", "08:00:02"),
            condition("Initialized", "08:00:03"),
            condition("Ready", "08:01:00"),
        ],
        containerStatuses=container({"running": {"startedAt": at("08:00:20")}}),
    )  # fmt: skip
    assert phases(running) == [
        ("scheduled", 0, 2, "success"),
        ("container-start main", 3, 17, "success"),
        ("ready", 20, 40, "success"),
    ]
    parsed = parse(json.dumps(running))
    zero = instant(at("08:00:00"), "")
    assert {name: (time - zero) // SECOND for name, time in parsed.milestones.items()} == {
        "pod_created": 0,
        "pod_scheduled": 2,
        "pod_initialized": 3,
        "pod_ready": 60,
    }


def test_a_pod_that_waits_for_a_node_has_no_phase_but_says_why() -> None:
    waiting = pod(conditions=[condition("PodScheduled", "08:00:00", "False", reason="Unschedulable", message="no GPU")])

    (event,) = parse(json.dumps(waiting)).events
    assert (event.category, event.level, event.text) == (Category.SCHEDULING, "warning", "Unschedulable: no GPU")
    assert phases(waiting) == []
    assert parse(json.dumps(waiting)).milestones == {"pod_created": instant(at("08:00:00"), "")}


def test_after_two_restarts_the_first_start_is_unknown() -> None:
    last = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": at("08:01:00"), "finishedAt": at("08:02:00")}}
    conditions = [condition("PodScheduled", "08:00:02")]
    now = {"running": {"startedAt": at("08:03:00")}}

    once = pod(conditions=conditions, containerStatuses=container(now, 1, last))
    twice = pod(conditions=conditions, containerStatuses=container(now, 2, last))
    assert phases(once)[1:] == [("container-start main", 2, 58, "success")]
    assert phases(twice)[1:] == []


def test_a_condition_that_changed_before_the_last_start_ends_nothing() -> None:
    restarted = pod(
        conditions=[condition("PodScheduled", "08:00:02"), condition("Ready", "08:01:00")],
        containerStatuses=container({"running": {"startedAt": at("09:00:00")}}, 3),
    )
    assert [name for name, *_ in phases(restarted)] == ["scheduled"]


@pytest.mark.parametrize(
    ("ended", "category", "fields"),
    [
        ({"exitCode": 137, "reason": "OOMKilled"}, Category.OOM_KILL, {"victim": "main", "scope": "global"}),
        ({"exitCode": 137, "reason": "Error"}, Category.CONTAINER, {"exit_code": 137}),
        ({"exitCode": 1, "reason": "Error", "message": "no model"}, Category.CONTAINER, {"exit_code": 1}),
    ],
)  # fmt: skip
def test_failed_runs_are_events(ended: dict[str, Any], category: Category, fields: dict[str, Any]) -> None:
    last = {"terminated": {**ended, "finishedAt": at("08:02:00")}}
    crashed = pod(containerStatuses=container({"waiting": {"reason": "CrashLoopBackOff"}}, 3, last))

    (event,) = parse(json.dumps(crashed)).events
    assert event.time == instant(at("08:02:00"), "")
    assert (event.category, event.precision) == (category, SECOND)
    assert fields.items() <= event.fields.items()


def test_a_run_that_ended_well_is_no_event() -> None:
    done = pod(containerStatuses=container({"terminated": {"exitCode": 0, "finishedAt": at("08:02:00")}}))
    assert parse(json.dumps(done)).events == []


def test_of_several_pods_milestones_are_facts() -> None:
    parsed = parse(json.dumps({"kind": "List", "items": [pod("a"), pod("b"), {"kind": "Secret"}]}))

    assert parsed.milestones == {}
    assert [one["milestones"]["pod_scheduled"] for one in parsed.facts["pods"]] == [instant(at("08:00:02"), "")] * 2
    assert [one.lane for one in parsed.phases] == ["ns/a", "ns/b"]
    assert parsed.facts["unread"] == [{"line": 1, "text": "not a pod: Secret"}]
    assert parsed.host is None


def test_several_descriptions() -> None:
    one = "Name:  {}\nNamespace:  ns\nNode:  n/1\nContainers:\n  main:\n    Restart Count:  2\nEvents:  <none>\n\n\n"

    parsed = parse(one.format("a") + one.format("b"))

    assert [(one["name"], one["restarts"], one["node"]) for one in parsed.facts["pods"]] == [
        ("a", 2, "n"),
        ("b", 2, "n"),
    ]
    assert (parsed.lines.total, parsed.lines.skipped) == (18, 0)


def test_probes_of_a_description() -> None:
    text = (
        "Name:  a\nNode:  n/1\nContainers:\n  main:\n"
        "    Startup:  http-get http://:8000/health delay=30s timeout=2s period=10s #success=1 #failure=60\n"
    )
    (facts,) = parse(text).facts["pods"]
    assert facts["containers"][0]["probes"]["startup"] == {
        "action": "http-get http://:8000/health",
        "initial_delay_s": 30,
        "period_s": 10,
        "failure_threshold": 60,
        "timeout_s": 2,
        "budget_s": 630,
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"apiVersion: v1\nkind: Pod\nmetadata:\n", "kubectl get pod -o json"),
        (b'{"kind": "Deployment"}', "kubectl get pod -o json"),
        (b'{"kind": "Pod", "metadata"', "Not valid JSON"),
        (b"Name:  a\nAccess Modes:  RWO\nEvents:  <none>\n", "PersistentVolumeClaim a: send it as k8s-events"),
        (b"", "no description of a pod"),
        (b"hello", "no description of a pod"),
    ],
)
def test_other_files_are_refused_with_advice(content: bytes, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        parse(content)


@pytest.mark.parametrize("part", ["metadata", "spec", "status"])
@pytest.mark.parametrize(
    "odd", [None, [], "text", 7, {"containers": "x", "conditions": [7, None], "containerStatuses": [{}]}]
)
def test_parts_of_the_wrong_type_are_left_out(part: str, odd: object) -> None:
    assert parse(json.dumps(pod() | {part: odd})).facts["pod_count"] == 1


def test_a_failed_run_of_a_description_stands_on_its_line() -> None:
    text = (
        "Name:  a\nNode:  n/1\nContainers:\n  main:\n"
        "    Last State:  Terminated\n      Reason:  OOMKilled\n      Exit Code:  137\n"
        "      Finished:  Fri, 20 Nov 2026 08:02:00 +0000\n"
    )
    (event,) = parse(text).events
    assert (event.line, event.time, event.category) == (5, instant(at("08:02:00"), ""), Category.OOM_KILL)


@pytest.mark.parametrize("never", ["1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000", "0001-01-01T00:00:00Z"])
def test_a_container_that_could_not_be_created_did_not_run_since_1970(never: str) -> None:
    ended = {"exitCode": 128, "reason": "StartError", "startedAt": never, "finishedAt": "2026-11-23T05:31:50Z"}
    status = {"name": "downloader", "restartCount": 6, "state": {"terminated": ended}}
    pod = {
        "kind": "Pod",
        "metadata": {"name": "a"},
        "spec": {"initContainers": [{"name": "downloader"}], "containers": []},
        "status": {"initContainerStatuses": [status]},
    }
    parsed = collect(k8s_pod.parse(Source.of(json.dumps(pod).encode()), Hints(RECEIVED)))
    assert [phase for phase in parsed.phases if phase.duration > 3600 * 10**9] == []
    (event,) = parsed.events
    assert (event.fields["reason"], event.time) == ("StartError", 1795411910000000000)
