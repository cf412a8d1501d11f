"""``kubectl describe``: what it says of an object, brought into the form the API gives a pod.

::

    Name:             giant-narwhal-6958c5bdd8-69gtn
    Namespace:        app-02
    Start Time:       Tue, 12 Aug 2025 05:45:20 +0200
    Containers:
      main:
        Image:         busybox:1.35
        Last State:     Terminated
          Reason:       OOMKilled
          Exit Code:    137
    Events:
      Type     Reason     Age                    From     Message
      ----     ------     ----                   ----     -------
      Normal   Pulled     56m (x5 over 58m)      kubelet  Container image "busybox:1.35" already present on machine
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from diagnostics.parsers.kubernetes.rows import Row, row_of
from diagnostics.parsers.kubernetes.tables import Table, event_table

_ENTRY = re.compile(r"\s*([^:\s][^:]*):(?:\s+(\S.*))?")
_EVENTS = re.compile(r"Events:(?:\s+<none>)?\s*$")
BEGINNING = re.compile(r"Name:\s+\S")
# What only the description of one kind of object says.
_SIGNS = (
    ("Pods Statuses", "Job"),
    ("Access Modes", "PersistentVolumeClaim"),
    ("NewReplicaSet", "Deployment"),
    ("StrategyType", "Deployment"),
    ("Update Strategy", "StatefulSet"),
    ("Desired Number of Nodes Scheduled", "DaemonSet"),
    ("Schedule", "CronJob"),
    ("System Info", "Node"),
    ("Endpoints", "Service"),
    ("Replicas", "ReplicaSet"),
    ("Pod Template", "Workload"),
    ("Containers", "Pod"),
)


@dataclass(slots=True)
class Entry:
    """A ``Key: value`` line and the lines indented under it."""

    key: str
    value: str = ""
    indent: int = -1
    line: int = 1
    entries: list[Entry] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def of(self, key: str) -> Entry:
        """The entry of that name, or an empty one."""
        return next((entry for entry in self.entries if entry.key == key), Entry(key))

    def text(self, key: str) -> str:
        """The value of that name; what kubectl writes for nothing is nothing."""
        value = self.of(key).value
        return "" if value in ("<none>", "<unset>", "<nil>") else value


@dataclass(slots=True)
class Description:
    """One described object. ``unread`` are lines (number, text) that belong to nothing."""

    root: Entry
    rows: list[Row] = field(default_factory=list)
    lines: int = 0
    unread: list[tuple[int, str]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        keys = {entry.key for entry in self.root.entries}
        return next((kind for sign, kind in _SIGNS if sign in keys), "Object")


def descriptions(lines: Iterable[tuple[int, str]], received_at: int) -> Iterator[Description]:
    """The objects of a text, one after the other; what stands before the first ``Name:`` is left out."""
    block: list[tuple[int, str]] = []
    for number, line in lines:
        if BEGINNING.match(line) and block:
            yield _description(block, received_at)
            block = []
        if block or BEGINNING.match(line):
            block.append((number, line))
    if block:
        yield _description(block, received_at)


def _description(block: Sequence[tuple[int, str]], received_at: int) -> Description:
    found = Description(Entry(""), lines=len(block))
    at = next((n for n, (_, line) in enumerate(block) if _EVENTS.match(line)), len(block))
    _read_entries(found, block[:at])
    _read_events(found, block[at + 1 :], received_at)
    return found


def _read_entries(found: Description, block: Sequence[tuple[int, str]]) -> None:
    path = [found.root]
    for number, line in block:
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        while path[-1].indent >= indent:
            path.pop()
        if match := _ENTRY.fullmatch(line.rstrip()):
            entry = Entry(match[1].rstrip(), match[2] or "", indent, number)
            path[-1].entries.append(entry)
            path.append(entry)
        else:
            path[-1].texts.append(line.strip())


def _read_events(found: Description, block: Sequence[tuple[int, str]], received_at: int) -> None:
    table: Table | None = None
    for number, line in block:
        plain = line.expandtabs()
        if table is None and event_table(plain):
            table = event_table(plain)
        elif table and line[:1] in (" ", "\t") and (row := row_of(table.row(plain), number, received_at)):
            found.rows.append(row)
        elif not line.strip() or set(line) <= {" ", "-", "\t"}:
            continue
        elif table and found.rows and block[number - block[0][0] - 1][1].strip():
            # A message of several lines goes on without indentation.
            found.rows[-1] = found.rows[-1]._replace(message=f"{found.rows[-1].message}\n{line.strip()}")
        else:
            found.unread.append((number, line))


def pod_of(found: Description) -> dict[str, Any]:
    """The pod as the API would give it, as far as it was described."""
    root = found.root
    containers = [*_containers(root.of("Containers"))]
    inits = [*_containers(root.of("Init Containers"))]
    return {
        "metadata": {"name": root.text("Name"), "namespace": root.text("Namespace")},
        "spec": {
            "nodeName": root.text("Node").partition("/")[0],
            "containers": [spec for spec, _ in containers],
            "initContainers": [spec for spec, _ in inits],
        },
        "status": {
            "phase": root.text("Status").partition(" ")[0],
            "reason": root.text("Reason"),
            "message": root.text("Message"),
            "startTime": root.text("Start Time"),
            "qosClass": root.text("QoS Class"),
            "conditions": [*_conditions(root.of("Conditions"))],
            "containerStatuses": [status for _, status in containers],
            "initContainerStatuses": [status for _, status in inits],
        },
    }


def _conditions(section: Entry) -> Iterator[dict[str, str]]:
    for text in section.texts:
        kind, _, status = text.partition(" ")
        if status.strip() in ("True", "False", "Unknown"):
            yield {"type": kind, "status": status.strip()}


def _containers(section: Entry) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Specification and status of each container."""
    for entry in section.entries:
        spec: dict[str, Any] = {"name": entry.key, "image": entry.text("Image")}
        spec["resources"] = {
            "limits": {limit.key: limit.value for limit in entry.of("Limits").entries},
            "requests": {request.key: request.value for request in entry.of("Requests").entries},
        }
        for name in ("Startup", "Liveness", "Readiness"):
            if text := entry.text(name):
                spec[f"{name.lower()}Probe"] = _probe(text)
        restarts = entry.text("Restart Count")
        yield (
            spec,
            {
                "name": entry.key,
                "image": entry.text("Image"),
                "imageID": entry.text("Image ID"),
                "ready": entry.text("Ready") == "True",
                "restartCount": int(restarts) if restarts.isdecimal() else 0,
                "state": _state(entry.of("State")),
                "lastState": _state(entry.of("Last State")),
            },
        )


def _state(entry: Entry) -> dict[str, Any]:
    if not entry.value:
        return {}
    code = entry.text("Exit Code")
    parts: dict[str, Any] = {
        "line": entry.line,
        "reason": entry.text("Reason"),
        "message": entry.text("Message"),
        "startedAt": entry.text("Started"),
        "finishedAt": entry.text("Finished"),
    }
    if code.lstrip("-").isdecimal():
        parts["exitCode"] = int(code)
    return {entry.value.lower(): {key: value for key, value in parts.items() if value != ""}}


def _probe(text: str) -> dict[str, Any]:
    names = {"delay": "initialDelaySeconds", "timeout": "timeoutSeconds", "period": "periodSeconds"}
    numbers = {**names, "#success": "successThreshold", "#failure": "failureThreshold"}
    found: dict[str, Any] = {"action": text.partition(" delay=")[0].strip()}
    for key, value in re.findall(r"(delay|timeout|period|#success|#failure)=(\d{1,9})", text):
        found[numbers[key]] = int(value)
    return found
