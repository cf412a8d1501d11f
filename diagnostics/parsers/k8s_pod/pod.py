"""One pod: its facts, the instants it passed, and the phases between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diagnostics.parsers.k8s_pod.containers import container_facts
from diagnostics.parsers.kubernetes.shapes import table, tables, text
from diagnostics.parsers.kubernetes.stamps import stamp
from diagnostics.records import NS_PER_SECOND, Phase, PhaseStatus

MILESTONES = {
    "PodScheduled": "pod_scheduled",
    "Initialized": "pod_initialized",
    "ContainersReady": "containers_ready",
    "Ready": "pod_ready",
}


class Pod:
    """A pod as the API gives it. Times are ns; Kubernetes writes whole seconds."""

    def __init__(self, found: Mapping[str, Any], received_at: int) -> None:
        self._received_at = received_at
        self._spec, self._status = table(found.get("spec")), table(found.get("status"))
        meta = table(found.get("metadata"))
        self.name, self.namespace = text(meta.get("name")), text(meta.get("namespace"))
        self.created = self._time(meta.get("creationTimestamp"))
        self.started = self._time(self._status.get("startTime"))
        self.containers = container_facts(found, received_at)

    @property
    def lane(self) -> str:
        """``namespace/name``, as events name it too."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def facts(self) -> dict[str, Any]:
        """What diagnosis needs to know of it."""
        facts = {
            "name": self.name,
            "namespace": self.namespace,
            "phase": text(self._status.get("phase")),
            "reason": text(self._status.get("reason")),
            "message": text(self._status.get("message"))[:500],
            "node": text(self._spec.get("nodeName")),
            "qos": text(self._status.get("qosClass")),
            "created": self.created,
            "started": self.started,
            "conditions": self.conditions(),
            "milestones": self.milestones(),
            "restarts": sum(one["restarts"] for one in self.containers),
            "containers": self.containers,
        }
        return {key: value for key, value in facts.items() if value not in ("", None)}

    def conditions(self) -> dict[str, dict[str, Any]]:
        """By type: ``status``, ``time`` (ns) of its last change, reason and message where given."""
        found = {}
        for one in tables(self._status.get("conditions")):
            parts = {
                "status": text(one.get("status")),
                "time": self._time(one.get("lastTransitionTime")),
                "reason": text(one.get("reason")),
                "message": text(one.get("message"))[:500],
            }
            found[text(one.get("type"))] = {key: value for key, value in parts.items() if value not in ("", None)}
        return found

    def milestones(self) -> dict[str, int]:
        """The instants the pod passed. A condition that does not hold now has no such instant."""
        found = {} if self.created is None else {"pod_created": self.created}
        for kind, condition in self.conditions().items():
            if kind in MILESTONES and condition.get("status") == "True" and "time" in condition:
                found[MILESTONES[kind]] = condition["time"]
        return found

    def phases(self) -> Iterator[Phase]:
        """Scheduling, each init container, each container's start, and from the last start to ready."""
        passed = self.milestones()
        # The kubelet takes a pod up as soon as it is placed: a description tells no other time of that.
        placed = passed.get("pod_scheduled", self.started)
        yield from self._phase("scheduled", self.created, passed.get("pod_scheduled"))
        inits = [one for one in self.containers if one.get("init")]
        if inits:
            yield from self._phase("init", placed, passed.get("pod_initialized"))
        for one in inits:
            yield from self._ran(one)
        yield from self._container_phases(passed.get("pod_initialized", None if inits else placed), passed)

    def _ran(self, one: Mapping[str, Any]) -> Iterator[Phase]:
        """An init container's run: the one that ended last, whether it was the last or the one before."""
        run = one if one.get("state") == "terminated" else one.get("last", {})
        if run.get("state") == "terminated":
            extra = {key: run[key] for key in ("exit_code", "reason") if key in run} | {"restarts": one["restarts"]}
            status = PhaseStatus.SUCCESS if run.get("exit_code", 0) == 0 else PhaseStatus.FAILED
            yield from self._phase(f"init {one['name']}", run.get("started"), run.get("finished"), status, extra)

    def _container_phases(self, begin: int | None, passed: Mapping[str, int]) -> Iterator[Phase]:
        starts: list[int] = []
        for one in (one for one in self.containers if not one.get("init")):
            first = _first_start(one)
            extra = {"container": one["name"], "image": one.get("image", ""), "restarts": one["restarts"]}
            yield from self._phase(f"container-start {one['name']}", begin, first, extra=extra)
            if one.get("state") == "running" and "started" in one:
                starts.append(one["started"])
        if starts:
            restarts = {"restarts": sum(one["restarts"] for one in self.containers)}
            yield from self._phase("ready", max(starts), passed.get("pod_ready"), extra=restarts)

    def _phase(
        self,
        name: str,
        start: int | None,
        end: int | None,
        status: PhaseStatus = PhaseStatus.SUCCESS,
        extra: Mapping[str, Any] | None = None,
    ) -> Iterator[Phase]:
        """The phase if both its edges are known and in order."""
        if start is not None and end is not None and end >= start:
            attributes = {**(extra or {}), "precision_ns": NS_PER_SECOND}
            yield Phase(0, name, start, end - start, status, lane=self.lane, attributes=attributes)

    def _time(self, value: object) -> int | None:
        found = stamp(value, self._received_at)
        return found.time if found else None


def numbered(phases: Sequence[Phase]) -> Iterator[Phase]:
    """Phases with their positions; those of init containers lie in their pod's ``init``, if that is known."""
    sections: dict[str, int] = {}
    for n, phase in enumerate(phases):
        if phase.name == "init":
            sections[phase.lane] = n
        parent = sections.get(phase.lane) if phase.name.startswith("init ") else None
        yield Phase(
            n, phase.name, phase.start_time, phase.duration, phase.status, parent=parent, is_root=parent is None,
            lane=phase.lane, attributes=phase.attributes,
        )  # fmt: skip


def _first_start(one: Mapping[str, Any]) -> int | None:
    """When a container was first started; after two restarts nobody knows any more."""
    runs = {0: one, 1: one.get("last", {})}
    if one["restarts"] == 1 and one.get("state") != "running":
        runs[1] = one.get("last", {}) if one.get("state") == "terminated" else {}
    started: int | None = runs.get(one["restarts"], {}).get("started")
    return started
