"""The clocks of a launch's evidence: how the times of each artifact get onto the launch's own. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from diagnostics.analysis.clock import CLUSTER, Correction, FileClock, LaunchClock, correction
from diagnostics.models import Artifact, Launch
from diagnostics.records import Kind

# Kernel logs in these forms hold seconds since boot, whatever has moved them onto the calendar since.
SINCE_BOOT = ("raw", "kmsg", "delta", "dmesg-json", "monotonic")
OWN = (Kind.SNAPSHOT, Kind.CONTAINER_LOG)


def corrections(launch: Launch, artifacts: Sequence[Artifact]) -> dict[UUID, Correction]:
    """How each artifact's times get onto the launch's clock. ``artifacts`` are all that join it."""
    own = _launch_clock(launch, artifacts)
    return {artifact.pk: correction(_file_clock(artifact), own) for artifact in artifacts}


def shifts(launch: Launch, artifacts: Sequence[Artifact], *, corrected: bool = False) -> dict[UUID, int]:
    """What to add to each artifact's times, ns; artifacts that nothing can place are left out.

    Without ``corrected`` only seconds since boot are moved, for they are no times until then.
    """
    found = corrections(launch, artifacts)
    return {pk: shift(one, corrected=corrected) for pk, one in found.items() if one.placing is not None}


def shift(one: Correction, *, corrected: bool) -> int:
    return (one.placing or 0) + (one.correction if corrected else 0)


def _file_clock(artifact: Artifact) -> FileClock:
    facts = artifact.facts
    form = str(facts.get("format", ""))
    return FileClock(
        kind=artifact.kind,
        clock=str(facts.get("clock", "wall")),
        form=form,
        boot_time=artifact.boot_time,
        boot_id=artifact.boot_id,
        is_monotonic=artifact.kind == Kind.KERNEL_LOG and form in SINCE_BOOT and artifact.boot_time is not None,
        interval=_ns(facts.get("interval_ns")),
        precision=_ns(facts.get("precision_ns")),
    )


def _launch_clock(launch: Launch, artifacts: Iterable[Artifact]) -> LaunchClock:
    own, cluster = dict[str, int](), dict[str, int]()
    is_mixed = launch.assembled
    for artifact in artifacts:
        told = (artifact.told or {}).get("milestones") or {}
        if artifact.kind in CLUSTER:
            cluster |= {**_container_started(artifact), **told}
        elif artifact.kind in OWN:
            # A launch of which only its snapshot tells keeps its milestones itself.
            own = {**(told if is_mixed else launch.milestones), **own}
    return LaunchClock(launch.boot_time, launch.boot_id, own, cluster)


def _container_started(artifact: Artifact) -> dict[str, int]:
    """When Kubernetes says the pod's only container started; of several, or after a restart, nobody can tell which."""
    pods = artifact.facts.get("pods")
    if artifact.kind != Kind.K8S_POD or not pods or len(pods) != 1:
        return {}
    containers = [one for one in pods[0].get("containers", []) if not one.get("init")]
    started = [one["started"] for one in containers if _ns(one.get("started")) and not one.get("restarts")]
    return {"container_started": started[0]} if len(started) == len(containers) == 1 else {}


def _ns(value: Any) -> int:
    return value if isinstance(value, int) else 0
