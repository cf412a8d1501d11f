from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.analysis.diagnosis import advice
from diagnostics.analysis.diagnosis.case import Usual
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import case, file, ns, phase, series, usual

POD = {
    "name": "autoglm-0",
    "containers": [
        {"name": "fetch", "init": True},
        {"name": "server", "probes": {"startup": {"period_s": 5, "failure_threshold": 12, "initial_delay_s": 20}}},
    ],
}


def container(patch: str) -> dict[str, Any]:
    told = yaml.safe_load(patch)
    assert told["kind"] == "Deployment"
    found: dict[str, Any] = told["spec"]["template"]["spec"]["containers"][0]
    return found


def test_the_startup_probe_comes_from_the_history() -> None:
    history = usual(*range(200, 296))
    told = advice.startup_probe(case(phase("a", 0, 210), usual={"": history}))
    assert told is not None
    # 97 launches with this one: a quarter and 1/√97 of room over the longest, 295 s; a probe every 8 s.
    assert container(told.patch) == {
        "name": "open-autoglm",
        "startupProbe": {"periodSeconds": 8, "failureThreshold": 50},
    }
    assert "8 × failureThreshold 50 = 400 s" in told.text
    assert "the longest of 97 launches took 295 s" in told.text
    assert "35 % is head-room" in told.text


def test_the_period_that_is_set_stays_and_the_delay_counts() -> None:
    told = advice.startup_probe(
        case(phase("a", 0, 100), usual={"": usual(100)}, files=[file("pod", Kind.K8S_POD, pods=[POD])])
    )
    assert told is not None
    probe = container(told.patch)
    assert probe["name"] == "server"
    assert probe["startupProbe"]["periodSeconds"] == 5
    budget = 20 + 5 * probe["startupProbe"]["failureThreshold"]
    assert budget == 200  # two launches: 100 s × (1.25 + 1/√2) = 195.7 s, in steps of 5 s


def test_with_many_launches_the_p99_counts_not_one_outlier() -> None:
    history = usual(*[100.0] * 300, 900)
    told = advice.allowance(history)
    assert told is not None
    assert told.p99 == ns(100)
    assert told.amount == ns(900)  # but never below the longest
    assert "p99 of 301 launches is 100 s" in told.because


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=300))
def test_an_allowance_covers_all_that_was_seen(durations: list[int]) -> None:
    told = advice.allowance(Usual(sorted(durations)))
    assert told is not None
    assert told.amount >= max(durations)
    assert told.amount <= 2.25 * max(durations) + 1


def test_nothing_seen_nothing_advised() -> None:
    assert advice.allowance(Usual([])) is None
    assert advice.timeout(case(phase("a", 0, 1)), "MODEL_LOAD_TIMEOUT", "model-load") is None
    assert advice.pre_warm(case(phase("a", 0, 1))) is None
    assert advice.resources(case(phase("a", 0, 1))) is None


def test_a_timeout_is_a_setting_in_seconds() -> None:
    told = advice.timeout(
        case(phase("model-load", 0, 60), usual={"model-load": usual(60, 70, 80, 90)}),
        "MODEL_LOAD_TIMEOUT",
        "model-load",
    )
    assert told is not None
    # 90 s, a quarter and a half of room for four launches.
    assert container(told.patch)["env"] == [{"name": "MODEL_LOAD_TIMEOUT", "value": "160"}]
    assert "longest of 4 launches took 90 s" in told.text


def test_resources_come_from_what_was_used() -> None:
    samples = [
        series("process.rss_kb", [4 * 1024**2, 10 * 1024**2, 6 * 1024**2], every=20, instance="launch"),
        series("process.cpu_percent", [100.0, 400.0, 100.0], every=20, instance="launch"),
    ]
    told = advice.resources(case(phase("a", 0, 60), samples=samples))
    assert told is not None
    assert container(told.patch)["resources"] == {
        "requests": {"memory": "12800Mi", "cpu": "2"},
        "limits": {"memory": "12800Mi", "cpu": "5"},
    }
    assert "used 10 GiB at most" in told.text
    assert "2.0 on average, 4.0 at most" in told.text


def test_a_spare_replica_covers_the_time_that_a_new_one_takes() -> None:
    told = advice.pre_warm(case(phase("a", 0, 60), usual={"": usual(100, 240, 250)}))
    assert told is not None
    assert "240 s (median of 3 launches; p99 250 s)" in told.text
    assert yaml.safe_load(told.patch)["spec"]["minReplicas"] == 2


def test_several_patches_are_documents_one_after_the_other() -> None:
    told = case(phase("a", 0, 60), usual={"": usual(100)})
    both = advice.joined(
        advice.pre_pull(told, "glm:1", ns(40), 8 * 10**9), None, advice.kept_cache(told, ns(31)), advice.pre_warm(told)
    )
    assert [part["kind"] for part in yaml.safe_load_all(both.patch)] == [
        "DaemonSet",
        "Deployment",
        "HorizontalPodAutoscaler",
    ]
    assert "8.0 GB at 200 MB/s" in both.text
    assert "31 s less" in both.text


@pytest.mark.parametrize("service", ["", "open-autoglm"])
def test_a_volume_is_mounted_where_its_cache_lies(service: str) -> None:
    told = yaml.safe_load(advice.kept_cache(case(phase("a", 0, 60), service=service), ns(31)).patch)
    pod = told["spec"]["template"]["spec"]
    server = pod["containers"][0]
    assert server["volumeMounts"][0]["name"] == pod["volumes"][0]["name"]
    assert all(one["value"].startswith(server["volumeMounts"][0]["mountPath"]) for one in server["env"])


def test_the_history_recommends_what_it_can_speak_of() -> None:
    assert set(advice.recommended(case(phase("import", 0, 1)))) == {"startup-probe"}
    told = case(
        phase("model-load", 0, 60),
        usual={"": usual(70, 80), "model-load": usual(50, 60)},
        config={"GLM_LOAD_MODEL_TIMEOUT_SECONDS": {"actual": "60"}},
        samples=[series("process.rss_kb", [1024.0] * 60, instance="launch")],
    )
    found = advice.recommended(told)
    assert list(found) == ["startup-probe", "resources", "model-load-timeout", "replicas"]
    assert container(found["model-load-timeout"].patch)["env"][0]["name"] == "GLM_LOAD_MODEL_TIMEOUT_SECONDS"
