from __future__ import annotations

import pytest
import yaml

from diagnostics.analysis.diagnosis.limits import (
    cpu_count,
    cpu_limit,
    cpu_patch,
    memory_limit,
    memory_patch,
    memory_total,
    with_room,
)
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, file, phase, series

GIB = 2**30


def test_the_tighter_of_two_limits_counts() -> None:
    pod = file("pod", Kind.K8S_POD, pods=[{"name": "p", "containers": [{"name": "c", "limits": {"memory": 8 * GIB}}]}])

    wide = memory_limit(case(phase("a", 0, 9), files=[pod], labels={"memory_bytes_limit": str(16 * GIB)}))
    narrow = memory_limit(case(phase("a", 0, 9), files=[pod], labels={"memory_bytes_limit": str(4 * GIB)}))

    assert wide is not None
    assert (wide.amount, wide.origin, wide.artifact) == (8 * GIB, "limit of container c", "pod")
    assert narrow is not None
    assert (narrow.amount, narrow.artifact) == (4 * GIB, None)


@pytest.mark.parametrize("value", ["", "max", "-1", "nan", "inf", "0"])
def test_what_is_no_number_is_no_limit(value: str) -> None:
    assert cpu_limit(case(phase("a", 0, 9), labels={"cpus_limit": value})) is None


def test_of_a_recorded_pod_of_two_containers_the_one_of_the_service_counts() -> None:
    told = Evidence(SAMPLES / "k8s" / "ocp-pod-vsystem-867f4b77cc-pqcns.json", Kind.K8S_POD, 0)

    auth, other = (cpu_limit(case(phase("a", 0, 9), files=[told.file], service=name)) for name in ("auth", "glm"))

    assert auth is not None
    assert (auth.amount, auth.origin) == (0.8, "limit of container auth")
    assert other is None


def test_cpus_and_memory_of_the_host() -> None:
    used = [series("memory.used_kb", [20.0 * 2**20] * 9), series("memory.used_percent", [31.25] * 9)]
    told = case(phase("a", 0, 9), samples=used, facts={"cpu_count": 96})

    assert cpu_count(told) == 96
    assert memory_total(told, told.window) == pytest.approx(64 * GIB)
    assert cpu_count(case(phase("a", 0, 9))) is None


@pytest.mark.parametrize(
    ("used", "asked"), [(80 * 2**20, 128 * 2**20), (GIB, 1.25 * GIB), (12.1 * GIB, 15.25 * GIB), (16 * GIB, 20 * GIB)]
)
def test_room_is_a_quarter_rounded_up_to_what_people_write(used: float, asked: float) -> None:
    assert with_room(used) == asked


def test_patches_are_yaml() -> None:
    assert yaml.safe_load(memory_patch(20 * GIB))["resources"]["limits"] == {"memory": "20Gi"}
    assert yaml.safe_load(memory_patch(128 * 2**20))["resources"]["requests"] == {"memory": "128Mi"}
    assert yaml.safe_load(cpu_patch(4.0))["resources"]["limits"] == {"cpu": "4"}
