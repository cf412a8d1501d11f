"""Places, volumes and crash loops on events of real clusters; and where all rules of that kind stay silent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Severity
from diagnostics.analysis.diagnosis.rules.crash_loop import crash_loop
from diagnostics.analysis.diagnosis.rules.image_pull import image_pull
from diagnostics.analysis.diagnosis.rules.probe_budget import probe_budget
from diagnostics.analysis.diagnosis.rules.scheduling import unschedulable
from diagnostics.analysis.diagnosis.rules.volumes import failed_mount
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, phase
from tests.analysis.diagnosis.pods import CLUSTER, kube, of_sample, pulled

RULES = (image_pull, unschedulable, failed_mount, crash_loop, probe_budget)


def all_of(told: Case) -> list[Finding]:
    return [finding for rule in RULES for finding in rule(told)]


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
    assert found.text.endswith("its volume is not there.")
    claim = "holmes-24a_misconfigured_pvc_basic-kubectl_describe_persistentvolumeclaim_redis-standard-pvc_app-24a.txt"
    pod, pvc = Evidence(SAMPLES / "k8s" / name, Kind.K8S_POD, 0), Evidence(SAMPLES / "k8s" / claim, Kind.K8S_EVENTS, 0)
    both = case(phase("app", 0, 120, failed=True), events=[*pod.events, *pvc.events], files=[pod.file, pvc.file])
    (found,) = unschedulable(both)
    assert 'storageclass.storage.k8s.io "standard-v2" not found' in found.text


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
            "Exit code 137: it was killed for want of memory",
        ),
    ],
)
def test_real_crash_loops(name: str, container: str, text: str) -> None:
    (found,) = crash_loop(of_sample(name, "", 0, 600, Kind.K8S_POD, failed=True))
    assert f"Container {container} ended" in found.text
    assert text in found.text
    assert found.severity is Severity.CRITICAL


def test_a_real_init_container_that_waits_for_a_database() -> None:
    (found,) = crash_loop(of_sample("ocp-pod-vsystem-867f4b77cc-pqcns.json", "", 0, 600, Kind.K8S_POD, failed=True))
    assert found.text.startswith("Init container vsystem-hana-init ended and was started again (7,527 restarts)")
    assert "connection to db cannot be established" in found.evidence_for[0].text


def test_backing_off_from_a_pull_is_no_crash_loop() -> None:
    told = of_sample(CLUSTER, "no-image-deployment-849c4c4958-7fp5q", 892, 1202, failed=True)
    assert not list(crash_loop(told))


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
