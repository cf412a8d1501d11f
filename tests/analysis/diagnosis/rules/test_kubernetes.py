"""The rules about what Kubernetes says, on events of real clusters, and where they must stay silent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import yaml

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Severity
from diagnostics.analysis.diagnosis.rules.crash_loop import crash_loop
from diagnostics.analysis.diagnosis.rules.image_pull import image_pull
from diagnostics.analysis.diagnosis.rules.probe_budget import probe_budget
from diagnostics.analysis.diagnosis.rules.scheduling import unschedulable
from diagnostics.analysis.diagnosis.rules.volumes import failed_mount
from diagnostics.records import NS_PER_SECOND, Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, file, ns, phase, reasons, usual

RULES = (image_pull, unschedulable, failed_mount, crash_loop, probe_budget)
CLUSTER = "events-message-container-creating-failed-mount.json"


def of_sample(name: str, pod: str, since: float, until: float, kind: Kind = Kind.K8S_EVENTS, **fields: Any) -> Case:
    """A launch between two seconds of a real file, counted from its first event."""
    told = Evidence(SAMPLES / "k8s" / name, kind, -since)
    labels = {"pod": pod} if pod else {}
    launched = phase("app", 0, until - since, failed=fields.pop("failed", False))
    return case(launched, events=told.events, files=[told.file], labels=labels, **fields)


def all_of(told: Case) -> list[Finding]:
    return [finding for rule in RULES for finding in rule(told)]


def kube(seconds: float, category: Category, reason: str, message: str, **fields: Any) -> SeenEvent:
    told = {"reason": reason, "object": "Pod/autoglm-0", **fields}
    return event(category, seconds, f"{reason}: {message}", artifact="k8s", precision=NS_PER_SECOND, **told)


def pulled(seconds: float, took: float, queued: float = 0, amount: int = 0, image: str = "glm:1") -> SeenEvent:
    return kube(
        seconds,
        Category.IMAGE_PULL,
        "Pulled",
        f'Successfully pulled image "{image}" in {took}s',
        image=image,
        pull_ns=ns(took),
        wait_ns=ns(queued),
        **({"size_bytes": amount} if amount else {}),
    )


# Image pulls.


def test_a_real_pull_that_dominates() -> None:
    told = of_sample(CLUSTER, "crashpod-f9b59484-7828f", 1130, 1135)
    (found,) = image_pull(told)
    assert (found.reason, found.layer, found.severity) == (
        "image-pull-dominates",
        Layer.ORCHESTRATION,
        Severity.WARNING,
    )
    assert found.text == "Pulling bash took 4.8 s, 49 % of the way to ready. Its size is not told."
    assert (found.evidence_for[0].artifact, found.evidence_for[0].line) == (CLUSTER, 111)
    assert found.actual == 4783086211
    assert found.evidence_against  # it was over before the process began


def test_a_real_pull_that_is_a_small_part_says_nothing() -> None:
    assert not list(image_pull(of_sample(CLUSTER, "crashpod-f9b59484-7828f", 1130, 1430)))


def test_a_slow_registry_and_a_large_image_are_told_apart() -> None:
    (large,) = image_pull(case(phase("app", 0, 60), events=[pulled(0, 40, amount=16 * 10**9)]))
    (slow,) = image_pull(case(phase("app", 0, 60), events=[pulled(0, 40, amount=400 * 10**6)]))
    assert (large.layer, slow.layer) == (Layer.ORCHESTRATION, Layer.NETWORK)
    assert "400 MB at 10.0 MB/s" in slow.text
    assert yaml.safe_load(slow.patch)["kind"] == "DaemonSet"


def test_waiting_for_other_pulls_is_told_apart_from_the_pull() -> None:
    events = [pulled(20, 4, queued=30), pulled(-14, 30, image="other:2")]
    found = {finding.reason: finding for finding in image_pull(case(phase("app", 0, 30), events=events))}
    assert found["image-pull-queued"].actual == ns(30)
    assert "glm:1 waited 30 s" in found["image-pull-queued"].text
    only = list(image_pull(case(phase("app", 0, 30), events=[pulled(20, 1, queued=30)])))
    assert reasons(only) == ["image-pull-queued"]


def test_a_kubelet_that_does_not_say_how_long_is_believed_less() -> None:
    events = [
        kube(-40, Category.IMAGE_PULL, "Pulling", 'Pulling image "glm:1"', image="glm:1"),
        kube(0, Category.IMAGE_PULL, "Pulled", 'Successfully pulled image "glm:1"', image="glm:1"),
    ]
    (found,) = image_pull(case(phase("app", 0, 30), events=events))
    assert (found.actual, found.confidence) == (ns(40), 0.7)


def test_real_image_that_cannot_be_pulled() -> None:
    told = of_sample(CLUSTER, "no-image-deployment-849c4c4958-7fp5q", 892, 1202, failed=True)
    (found,) = image_pull(told)
    assert (found.reason, found.layer, found.severity) == ("image-pull-failed", Layer.NETWORK, Severity.CRITICAL)
    assert "certificate is not accepted" in found.text
    assert found.evidence_for[0].line == 2107
    assert "x509" in str(found.actual) or "Head" in str(found.actual)


def test_real_registry_that_does_not_exist() -> None:
    name = "holmes-54_not_truncated_when_getting_pods-kubectl_describepod_fast-fail-pod_ask-holmes-namespace-54b.txt"
    (found,) = image_pull(of_sample(name, "", 0, 120, Kind.K8S_POD, failed=True))
    assert found.reason == "image-pull-failed"
    assert "the registry's name is not found" in found.text
    assert "name server" in found.advice


# Scheduling.


def test_a_real_pod_for_which_no_node_has_a_gpu() -> None:
    told = of_sample(CLUSTER, "pending-pod-resources-5fddcf7688-59zjj", 638, 840, failed=True)
    (found,) = unschedulable(told)
    assert (found.layer, found.severity) == (Layer.ORCHESTRATION, Severity.CRITICAL)
    assert "too little nvidia.com/gpu is free" in found.text
    assert [proof.line for proof in found.evidence_for] == [3291, 3339]


def test_a_real_pod_without_its_volume() -> None:
    name = "holmes-24a_misconfigured_pvc_basic-kubectl_describe_pod_redis-747ffc844f-f9ghd_app-24a.txt"
    (found,) = unschedulable(of_sample(name, "", 0, 120, Kind.K8S_POD, failed=True))
    assert found.layer is Layer.STORAGE
    assert "its volume is not there" in found.text


def test_waiting_for_a_node_is_told_apart_from_the_own_work() -> None:
    message = "0/9 nodes are available: 9 Insufficient nvidia.com/gpu."
    events = [
        kube(-200, Category.SCHEDULING, "FailedScheduling", message),
        kube(-190, Category.SCHEDULING, "TriggeredScaleUp", "pod triggered scale-up: [{gpu-pool 1->2 (max: 4)}]"),
        kube(-20, Category.SCHEDULING, "Scheduled", "Successfully assigned prod/autoglm-0 to gpu-07"),
    ]
    (found,) = unschedulable(case(phase("app", 0, 95), events=events))
    assert found.severity is Severity.WARNING
    assert found.text == ("The pod waited 180 s for a node: too little nvidia.com/gpu is free. Its own work took 95 s.")
    assert "spare one" in found.advice


def test_a_pod_that_was_placed_at_once_says_nothing() -> None:
    assert not list(unschedulable(of_sample(CLUSTER, "crashpod-f9b59484-7828f", 1124, 1264)))


def test_ray_replicas_that_wait_for_resources() -> None:
    text = (
        "Deployment 'LLM' in application 'default' has 2 replicas that have taken more than 30s to be scheduled. This "
        "may be due to waiting for the cluster to auto-scale or for a runtime environment to be installed."
    )
    told = case(phase("app", 0, 95), events=[event(Category.ENGINE, 32, text, artifact="log")], files=[])
    (found,) = unschedulable(told)
    assert "more than 30 s for resources" in found.text
    own = text.replace("to be scheduled", "to initialize")
    assert not list(
        unschedulable(case(phase("app", 0, 95), events=[event(Category.ENGINE, 32, own, artifact="log")], files=[]))
    )


# Volumes, crash loops.


def test_a_real_volume_that_cannot_be_mounted() -> None:
    told = of_sample(CLUSTER, "troubleshoot-copyfromhost-4m79m-psdjm", 1282, 1852, failed=True)
    (found,) = failed_mount(told)
    assert (found.layer, found.severity) == (Layer.CONFIG, Severity.CRITICAL)
    assert "Volume host could not be mounted" in found.text
    assert "the path that it mounts does not exist on the node" in found.text
    assert [proof.line for proof in found.evidence_for] == [3955, 4009]


@pytest.mark.parametrize(
    ("message", "layer", "because"),
    [
        (
            'MountVolume.SetUp failed for volume "config" : configmap "glm-config" not found',
            Layer.CONFIG,
            "the configmap “glm-config” does not exist",
        ),
        (
            'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) autoglm-1',
            Layer.ORCHESTRATION,
            "still attached elsewhere",
        ),
        ('MountVolume.SetUp failed for volume "weights" : mount failed: Connection timed out', Layer.STORAGE, "answer"),
    ],
)
def test_why_a_volume_is_not_there(message: str, layer: Layer, because: str) -> None:
    events = [kube(-30, Category.OTHER, "FailedMount", message), pulled(-10, 1)]
    (found,) = failed_mount(case(phase("app", 0, 60), events=events))
    assert (found.layer, found.severity) == (layer, Severity.WARNING)
    assert because in found.text
    assert "for 20 s" in found.text


@pytest.mark.parametrize(
    ("name", "container", "text"),
    [
        ("holmes-09_crashpod-kubectl_describe.txt", "payment-processing-container", "Exit code 0"),
        ("holmes-158_slack_chat_correct_date-kubectl_describepod_frontend-service_default.txt", "stress", "code 255"),
        ("pods-message-pod-crashloop-backoff.json", "nginx", "Exit code 127: its command is not there"),
        (
            "holmes-02_what_is_wrong_with_pod-kubectl_describepod_giant-narwhal-6958c5bdd8-69gtn_app-02.txt",
            "main",
            "Exit code 137",
        ),
    ],
)
def test_real_crash_loops(name: str, container: str, text: str) -> None:
    (found,) = crash_loop(of_sample(name, "", 0, 600, Kind.K8S_POD, failed=True))
    assert f"Container {container} ended" in found.text
    assert text in found.text
    assert found.severity is Severity.CRITICAL


def test_backing_off_from_a_pull_is_no_crash_loop() -> None:
    told = of_sample(CLUSTER, "no-image-deployment-849c4c4958-7fp5q", 892, 1202, failed=True)
    assert not list(crash_loop(told))


# Probes.

POD = {
    "name": "autoglm-0",
    "containers": [
        {
            "name": "server",
            "probes": {"startup": {"period_s": 10, "failure_threshold": 12, "initial_delay_s": 0, "budget_s": 120}},
        }
    ],
}
PODS = [file("pod", Kind.K8S_POD, pods=[POD]), file("k8s", Kind.K8S_EVENTS)]


def test_a_real_container_killed_by_its_liveness_probe() -> None:
    told = of_sample(CLUSTER, "failing-liveness-pod", 783, 801, failed=True)
    (found,) = probe_budget(told)
    assert (found.reason, found.severity) == ("probe-kills-launch", Severity.CRITICAL)
    assert "its liveness probe failed too often" in found.text
    assert 1509 in [proof.line for proof in found.evidence_for]


def test_the_budget_and_the_history_make_the_advice() -> None:
    killed = kube(
        121,
        Category.CONTAINER,
        "Killing",
        "Container server failed startup probe, will be restarted",
        probe="startup",
    )
    told = case(
        phase("model-load", 0, 120, failed=True), events=[killed], files=PODS, usual={"": usual(80, 90, 100, 110)}
    )
    (found,) = probe_budget(told)
    assert "It is allowed 120 s (startupProbe: periodSeconds 10 × failureThreshold 12 = 120 s)" in found.text
    probe = yaml.safe_load(found.patch)["spec"]["template"]["spec"]["containers"][0]
    assert probe["name"] == "server"
    assert probe["startupProbe"] == {"periodSeconds": 10, "failureThreshold": 21}  # 5 launches, 120 s at most
    assert found.confidence > 0.9


def test_a_signal_at_the_end_of_the_budget_is_the_probes() -> None:
    reason = "ended by signal 9 (SIGKILL) before it was ready"
    told = case(phase("model-load", 0, 121, failed=True, reason=reason), files=PODS)
    (found,) = probe_budget(told)
    assert (found.reason, found.confidence) == ("probe-kills-launch", 0.75)
    early = case(phase("model-load", 0, 40, failed=True, reason=reason), files=PODS)
    assert "probe-kills-launch" not in reasons(probe_budget(early))


def test_a_tight_budget_is_told_before_it_kills() -> None:
    history = {"": usual(*[90.0] * 30, 112)}
    (found,) = probe_budget(case(phase("app", 0, 95), files=PODS, usual=history))
    assert (found.reason, found.severity) == ("probe-budget-tight", Severity.NOTICE)
    assert found.text == "The startup probe allows 120 s; the longest of 32 launches takes 112 s."
    (beyond,) = probe_budget(case(phase("app", 0, 95), files=PODS, usual={"": usual(*[90.0] * 30, 140)}))
    assert beyond.severity is Severity.WARNING


@pytest.mark.parametrize("history", [{}, {"": usual(*[50.0] * 40)}])
def test_a_generous_budget_says_nothing(history: dict[str, Any]) -> None:
    assert not list(probe_budget(case(phase("app", 0, 50), files=PODS, usual=history)))


def test_a_probe_that_fails_a_few_times_while_starting_says_nothing() -> None:
    failing = kube(
        20, Category.PROBE_FAILED, "Unhealthy", "Startup probe failed: connection refused", probe="startup", count=3
    )
    assert not list(probe_budget(case(phase("app", 0, 50), events=[failing], files=PODS)))


# All of them.


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "told",
    [
        pytest.param(case(phase("app", 0, 60)), id="no evidence"),
        pytest.param(
            case(
                phase("app", 0, 60),
                events=[
                    kube(-3, Category.SCHEDULING, "Scheduled", "Successfully assigned prod/autoglm-0 to gpu-07"),
                    kube(-2, Category.IMAGE_PULL, "Pulled", 'Container image "glm:1" already present', warm=True),
                    kube(-1, Category.CONTAINER, "Created", "Created container server"),
                    kube(0, Category.CONTAINER, "Started", "Started container server"),
                ],
            ),
            id="a good start",
        ),
    ],
)
def test_silent(rule: Callable[[Case], Iterable[Finding]], told: Case) -> None:
    assert not list(rule(told))


def test_a_whole_cluster_s_events_accuse_no_launch_whose_pod_is_unknown() -> None:
    assert not all_of(of_sample(CLUSTER, "", 0, 1300))


def test_only_the_last_life_of_a_pod_s_name_counts() -> None:
    # Its first life pulled for 4.7 s; this one's first pull took 2.2 s.
    told = of_sample(CLUSTER, "failing-liveness-pod", 683, 690)
    (found,) = image_pull(told)
    assert found.evidence_for[0].line == 1289
