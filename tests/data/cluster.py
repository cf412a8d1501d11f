"""What Kubernetes and a kernel tell of one launch, as their programs write it; times are seconds after ``T0``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.data.snapshots import T0

SECOND = 1_000_000_000
BOOT = T0 - 3_000 * SECOND


def stamp(seconds: float) -> str:
    """Whole seconds, as Kubernetes writes them."""
    return datetime.fromtimestamp(T0 // SECOND + int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pod(
    name: str = "glm-0", *, created: float = -40, ready: float | None = 60, started: float = -2, **more: Any
) -> bytes:
    """A pod with one container, as ``kubectl get pod -o json`` prints it; ``ready`` ``None``: it is not."""
    container = {"name": "glm", "restartCount": 0, "state": {"running": {"startedAt": stamp(started)}}, **more}
    times = {"PodScheduled": created + 10, "Initialized": created + 10, "ContainersReady": ready, "Ready": ready}
    conditions = [
        {"type": kind, "status": str(time is not None), "lastTransitionTime": stamp(time or 0)}
        for kind, time in times.items()
    ]
    document = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "ml", "creationTimestamp": stamp(created)},
        "spec": {"nodeName": "node-7", "containers": [{"name": "glm", "image": "glm:1"}]},
        "status": {"phase": "Running", "conditions": conditions, "containerStatuses": [container]},
    }
    return json.dumps(document).encode()


def event(name: str, reason: str, message: str, time: float) -> dict[str, Any]:
    about = {"kind": "Pod", "namespace": "ml", "name": name, "fieldPath": "spec.containers{glm}"}
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {"name": f"{name}.{reason}", "namespace": "ml"},
        "involvedObject": about,
        "reason": reason,
        "message": message,
        "firstTimestamp": stamp(time),
        "lastTimestamp": stamp(time),
        "count": 1,
        "type": "Normal",
        "source": {"component": "kubelet", "host": "node-7"},
    }


def events(*names: str) -> bytes:
    """How each pod (by default the one of ``pod``) got its image and its container."""
    items = []
    for name in names or ("glm-0",):
        items += [
            event(name, "Scheduled", f"Successfully assigned ml/{name} to node-7", -30),
            event(name, "Pulling", 'Pulling image "glm:1"', -29),
            event(
                name,
                "Pulled",
                'Successfully pulled image "glm:1" in 24s (26s including waiting). Image size: 9000000000 bytes.',
                -3,
            ),
            event(name, "Created", "Created container glm", -3),
            event(name, "Started", "Started container glm", -2),
        ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode()


def oom_log(seconds: float, victim: str = "python3", pid: int = 4242) -> bytes:
    """A global OOM kill so many seconds after ``T0``, as ``dmesg`` prints it: seconds since ``BOOT``."""
    since = (T0 - BOOT) / SECOND + seconds
    killed = (
        f"Out of memory: Killed process {pid} ({victim}) total-vm:70000000kB, anon-rss:62000000kB, file-rss:4kB, "
        "shmem-rss:0kB, UID:0 pgtables:122880kB oom_score_adj:0"
    )
    constraint = (
        "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
        f"task_memcg=/glm,task={victim},pid={pid},uid=0"
    )
    texts = [
        f"{victim} invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0",
        constraint,
        killed,
        f"oom_reaper: reaped process {pid} ({victim}), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
    ]
    lines = [f"[{since + n / 1000:12.6f}] {text}" for n, text in enumerate(["usb 1-1: new device", *texts])]
    return "\n".join([*lines, ""]).encode()
