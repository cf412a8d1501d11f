"""What ended a pod's containers: kills for memory and failures, from the states that Kubernetes keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.parsers.k8s_pod.pod import Pod
from diagnostics.records import NS_PER_SECOND, Category, Event


def incidents(pod: Pod, line: int, received_at: int) -> Iterator[Event]:
    """An event for each failed run that is still told of, at its end, and for what the pod waits for now."""
    for one in pod.containers:
        for run in (one.get("last", {}), one):
            if run.get("state") == "terminated" and (run.get("exit_code") or run.get("reason") == "OOMKilled"):
                yield _ended(pod, one, run, line, received_at)
    placed = pod.conditions().get("PodScheduled", {})
    if placed.get("status") == "False" and "time" in placed:
        yield Event(
            time=placed["time"],
            text=f"{placed.get('reason', 'Unschedulable')}: {placed.get('message', 'the pod is not placed on a node')}",
            source="kubernetes",
            line=line,
            precision=NS_PER_SECOND,
            level="warning",
            category=Category.SCHEDULING,
            fields={"reason": placed.get("reason", "Unschedulable"), **_about(pod)},
        )


def _ended(pod: Pod, one: Mapping[str, Any], run: Mapping[str, Any], line: int, received_at: int) -> Event:
    is_kill = run.get("reason") == "OOMKilled"
    reason, code = run.get("reason", "Error"), run.get("exit_code")
    limit = one.get("limits", {}).get("memory")
    fields = {
        "reason": reason,
        **_about(pod),
        "container": one["name"],
        "exit_code": code,
        "restarts": one["restarts"],
        # The cgroup that overran is the container's, unless it has no limit: then the node ran out.
        **({"victim": one["name"], "scope": "memcg" if limit else "global", "limit_bytes": limit} if is_kill else {}),
    }
    ending = f"{reason}{'' if code is None else f', exit code {code}'}"
    message = f": {run['message']}" if run.get("message") else ""
    return Event(
        time=run.get("finished") or run.get("started") or received_at,
        text=f"Container {one['name']} of pod {pod.lane} ended: {ending}{message}",
        source="kubelet",
        line=run.get("line", line),
        precision=NS_PER_SECOND,
        level="error",
        category=Category.OOM_KILL if is_kill else Category.CONTAINER,
        fields={key: value for key, value in fields.items() if value is not None},
    )


def _about(pod: Pod) -> dict[str, Any]:
    return {"object": f"Pod/{pod.name}", **({"namespace": pod.namespace} if pod.namespace else {})}
