from __future__ import annotations

import yaml

from diagnostics.analysis.diagnosis.finding import Layer, Severity
from diagnostics.analysis.diagnosis.rules.image_pull import image_pull
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import case, ns, phase, reasons
from tests.analysis.diagnosis.pods import CLUSTER, kube, of_sample, pulled


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


def test_a_real_pod_without_events_tells_what_it_waits_for() -> None:
    (found,) = image_pull(of_sample("pods-message-image-pull-fail.json", "", 0, 600, Kind.K8S_POD, failed=True))
    assert found.text == "noimage.com/no-such-image could not be pulled: the registry's certificate is not accepted."
    assert found.evidence_for[0].artifact == "pods-message-image-pull-fail.json"
