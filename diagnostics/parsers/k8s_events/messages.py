"""What the sentences of Kubernetes components say: pulls with durations and sizes, probes, exits, kills.

::

    Successfully pulled image "x" in 370.157088ms (372.1ms including waiting). Image size: 6335174 bytes.
    Container image "x" already present on machine
    Startup probe failed: HTTP probe failed with statuscode: 503
    Memory cgroup out of memory: Killed process 4242 (python3) total-vm:204800kB, anon-rss:51200kB, file-rss:0kB
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.parsers.k8s_events.event import KubeEvent
from diagnostics.parsers.kubernetes.durations import PART, duration
from diagnostics.records import Category

_IMAGE = re.compile(r'[Ii]mage:? "([^"]+)"')
_PULLED = re.compile(rf'pulled image "[^"]*" in ((?:{PART})+)(?: \(((?:{PART})+) including waiting\))?')
_SIZE = re.compile(r"Image size: (\d{1,18}) bytes")
_NODE = re.compile(r"Successfully assigned \S+ to (\S+)")
_PROBE = re.compile(
    r"\b(Startup|Readiness|Liveness)\b probe (?:failed|errored|warning)|failed (startup|readiness|liveness) probe",
    re.IGNORECASE,
)
_EXIT = re.compile(r"exit(?:ed with|_?[ ]?code)?[ :=]*(?:code |status )?(\d{1,3})\b", re.IGNORECASE)
_CONTAINER = re.compile(
    r"(?:Created|Started|Stopping|failed|errored:?) (?:init )?container:? \"?([a-z0-9][a-z0-9.-]*)\"?(?=$|[\s,.])"
)
_KILLED = re.compile(r"[Kk]ill(?:ed)? process (\d{1,10}),?(?: UID \d+,?)? \(([^()]*)\)")
_SYSTEM_OOM = re.compile(r"victim process: ([^,]*), pid: (\d{1,10})")
_SIZES = re.compile(r"(total-vm|anon-rss|file-rss|shmem-rss):(\d{1,15})kB")
_CREATED_POD = re.compile(r"(?:Created pod: |create Pod )([a-z0-9][a-z0-9.-]*)")

_REASONS: Mapping[Category, str] = {
    Category.IMAGE_PULL: "Pulling Pulled ErrImagePull ErrImageNeverPull ImagePullBackOff InspectFailed "
    "InvalidImageName ErrImageInspect RegistryUnavailable FailedToRetrieveImagePullSecret ImageGCFailed",
    Category.SCHEDULING: "Scheduled FailedScheduling Preempted Preempting Nominated TriggeredScaleUp NotTriggerScaleUp "
    "FailedBinding WaitForFirstConsumer WaitForPodScheduled SchedulingGated TaintManagerEviction OutOfcpu OutOfmemory "
    "OutOfpods UnexpectedAdmissionError NodeAffinity",
    Category.PROBE_FAILED: "Unhealthy ProbeError ProbeWarning",
    Category.BACKOFF: "BackOff CrashLoopBackOff BackoffLimitExceeded",
    Category.OOM_KILL: "OOMKilling SystemOOM OOMKilled",
    Category.CONTAINER: "Created Started Killing Failed FailedKillPod FailedCreatePodSandBox FailedCreatePodContainer "
    "FailedSync SandboxChanged FailedPostStartHook FailedPreStopHook PreStopHookError PostStartHookError "
    "ContainerDied ContainerStopped ContainerCannotRun RunContainerError CreateContainerConfigError "
    "CreateContainerError FailedPodSandBoxStatus ExceededGracePeriod Evicted DeadlineExceeded Completed",
}
_CATEGORIES = {reason: category for category, reasons in _REASONS.items() for reason in reasons.split()}

# Of these an exit code is a container's; a mount that failed speaks of the mount program's.
_ENDINGS = (Category.CONTAINER, Category.BACKOFF, Category.PROBE_FAILED)


def category(event: KubeEvent) -> Category:
    """What the event is about: mostly its reason; ``Failed`` is whatever its message says failed."""
    if event.reason == "Failed":
        if "CrashLoopBackOff" in event.message:
            return Category.BACKOFF
        if "pull" in event.message.lower() or "image" in event.message.lower():
            return Category.IMAGE_PULL
    return _CATEGORIES.get(event.reason, Category.OTHER)


def details(event: KubeEvent) -> dict[str, Any]:
    """What the message says in numbers and names; keys that it does not speak of are absent."""
    found = {key: value for key, value in _spoken(event) if value not in (None, "")}
    return {**found, **oom_details(event.message)} if category(event) is Category.OOM_KILL else found


def _spoken(event: KubeEvent) -> Iterator[tuple[str, Any]]:
    text = event.message
    yield "image", _first(_IMAGE, text)
    yield "node", _first(_NODE, text)
    yield "container", event.container or _first(_CONTAINER, text)
    yield "created_pod", _first(_CREATED_POD, text)
    if pull := _PULLED.search(text):
        own, whole = duration(pull[1]), duration(pull[2] or "")
        yield "pull_ns", own
        if own is not None and whole is not None:
            yield from (("total_ns", whole), ("wait_ns", max(0, whole - own)))
    if size := _SIZE.search(text):
        yield "size_bytes", int(size[1])
    if "already present on machine" in text:
        yield "warm", True
    if probe := _PROBE.search(text):
        yield "probe", (probe[1] or probe[2]).lower()
    if category(event) in _ENDINGS and (leave := _EXIT.search(text)):
        yield "exit_code", int(leave[1])


def oom_details(text: str) -> dict[str, Any]:
    """Victim, pid and sizes, named as the kernel log's kills name theirs."""
    found: dict[str, Any] = {}
    if killed := _KILLED.search(text):
        found = {"victim": killed[2], "pid": int(killed[1])}
    elif system := _SYSTEM_OOM.search(text):
        found = {"victim": system[1], "pid": int(system[2]), "scope": "global"}
    for name, size in _SIZES.findall(text):
        found[f"{name.replace('-', '_')}_kb"] = int(size)
    if "emory cgroup out of memory" in text:
        found["scope"] = "memcg"
    elif "Out of memory" in text:
        found["scope"] = "global"
    return found


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""
