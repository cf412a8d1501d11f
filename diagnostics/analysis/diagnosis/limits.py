"""The limits a launch ran under, where its labels or its pod tell them, and patches that raise them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.readings import of_host
from diagnostics.records import Interval, Kind

# What was used at most, and a quarter more, is what advice asks for.
ROOM = 1.25
GIB = 1 << 30
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limit:
    """``amount`` in bytes or CPUs; ``origin`` says where it was read, ``artifact`` in which file, if in one."""

    amount: float
    origin: str
    artifact: str | None = None


def memory_limit(case: Case) -> Limit | None:
    """Bytes."""
    return _limit(case, "memory_bytes_limit", "memory")


def cpu_limit(case: Case) -> Limit | None:
    """CPUs."""
    return _limit(case, "cpus_limit", "cpu")


def cpu_count(case: Case) -> int | None:
    """CPUs of the host."""
    counts = [_number(file.facts.get("cpu_count")) for file in case.files]
    told = next((count for count in counts if count), None) or _number(case.labels.get("cpus"))
    return int(told) if told else None


def memory_total(case: Case, window: Interval) -> float | None:
    """Bytes of the host's memory: as told, or what the used kB are a percentage of."""
    if told := _number(case.labels.get("memory_kb")):
        return told * 1024
    used, share = of_host(case, "memory.used_kb", window), of_host(case, "memory.used_percent", window)
    return 100 * 1024 * used.mean / share.mean if used and share and share.mean > 0 else None


def with_room(used: float) -> float:
    """Bytes to ask for, rounded up to what people write: a quarter GiB, or 64 MiB below one."""
    step = GIB // 4 if used * ROOM >= GIB else 64 * MIB
    return math.ceil(used * ROOM / step) * step


def memory_patch(amount: float) -> str:
    """YAML for a container: requests and limits of memory, bytes."""
    text = f"{amount / GIB:g}Gi" if amount % GIB == 0 else f"{math.ceil(amount / MIB)}Mi"
    return f"resources:\n  requests:\n    memory: {text}\n  limits:\n    memory: {text}\n"


def cpu_patch(cpus: float) -> str:
    """YAML for a container: its CPU limit."""
    return f'resources:\n  limits:\n    cpu: "{cpus:g}"\n'


def _limit(case: Case, label: str, resource: str) -> Limit | None:
    """The tighter: the agent sees the limits of every group around the process, a pod tells its container's."""
    found = list(_of_pods(case, resource))
    told = _number(case.labels.get(label))
    if told:
        found.append(Limit(told, f"label {label}"))
    return min(found, key=lambda limit: limit.amount, default=None)


def _of_pods(case: Case, resource: str) -> Iterator[Limit]:
    for file in case.of_kind(Kind.K8S_POD):
        container = _container(case, file.facts)
        amount = _number(_table(container.get("limits")).get(resource))
        if amount:
            yield Limit(amount, f"limit of container {container.get('name')}", file.artifact)


def _container(case: Case, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The container that was launched; among several, it must bear the service's name."""
    pods = [_table(pod) for pod in facts.get("pods") or ()]
    name = case.labels.get("pod", "")
    pods = [pod for pod in pods if pod.get("name") == name] if name else pods
    if len(pods) != 1:
        return {}
    containers = [_table(one) for one in pods[0].get("containers") or ()]
    containers = [one for one in containers if not one.get("init")]
    if len(containers) > 1:
        containers = [one for one in containers if one.get("name") == case.service]
    return containers[0] if len(containers) == 1 else {}


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number > 0 else None
