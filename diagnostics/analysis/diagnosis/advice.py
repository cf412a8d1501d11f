"""Settings from this service's own history: each as a sentence that says where its number is from, and as YAML."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.analysis.diagnosis import patches
from diagnostics.analysis.diagnosis.case import Case, Usual
from diagnostics.analysis.diagnosis.kubernetes import container, container_name
from diagnostics.analysis.diagnosis.limits import GIB, MIB, ROOM, with_room
from diagnostics.analysis.diagnosis.readings import Readings, of_host
from diagnostics.analysis.diagnosis.wording import count, memory, percent, rate, seconds, size
from diagnostics.records import NS_PER_SECOND

# Seconds between two probes where nothing is set: often enough to lose no more than a thirtieth of a launch.
PROBES_A_LAUNCH = 30
MOST_PERIOD = 10
# Of fewer launches the p99 is the longest one.
LEAST_FOR_P99 = 100
LOADING = re.compile(r"model-load|weights?-load|load[-_ ](?:the )?(?:model|weights?)|model-init", re.IGNORECASE)
LOAD_TIMEOUT = re.compile(r"(?:MODEL_?LOAD|WEIGHTS?_?LOAD|LOAD_?MODEL).*TIME_?OUT", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Advice:
    """``text`` is one or two sentences; ``patch`` YAML, or ``""``."""

    text: str
    patch: str = ""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long something may take: ``amount`` ns, and the launches that say so."""

    amount: int
    launches: int
    p99: int
    longest: int
    room: float

    @property
    def because(self) -> str:
        """Where the number is from, without a period."""
        seen = count(self.launches, "launch", "launches")
        longest = f"the longest of {seen} took {seconds(self.longest)}"
        told = f"the p99 of {seen} is {seconds(self.p99)} and {longest}" if self.launches >= LEAST_FOR_P99 else longest
        return f"{told}, and {percent(100 * self.room)} is head-room"


def allowance(usual: Usual | None, *others: int) -> Allowance | None:
    """From the p99 of what was seen, with the head-room that so few launches call for: a quarter, and one by the root
    of their number more. Never below the longest. ``others`` (ns) were seen beside the history."""
    seen = Usual(sorted([*(usual.durations if usual else ()), *(other for other in others if other > 0)]))
    p99 = seen.quantile(0.99)
    if p99 is None:
        return None
    room = ROOM - 1 + 1 / math.sqrt(len(seen.durations))
    longest = seen.durations[-1]
    return Allowance(max(round(p99 * (1 + room)), longest), len(seen.durations), p99, longest, room)


def startup_probe(case: Case) -> Advice | None:
    """``periodSeconds`` and ``failureThreshold`` of the startup probe; ``None`` if no launch tells how long one takes.

    A launch that was killed counts with what it had taken by then: it needed more than that.
    """
    allowed = allowance(case.usual.get(""), case.launch.total)
    if allowed is None:
        return None
    _, facts = container(case)
    told: Mapping[str, Any] = (facts.get("probes") or {}).get("startup") or {}
    middle = case.usual[""].quantile(0.5) if "" in case.usual else None
    period = told.get("period_s") or _period(middle or case.launch.total)
    delay = told.get("initial_delay_s") or 0
    threshold = max(1, math.ceil((allowed.amount / NS_PER_SECOND - delay) / period))
    delayed = f" after initialDelaySeconds {delay}" if delay else ""
    text = (
        f"Set the startupProbe to periodSeconds {period} × failureThreshold {threshold} = {period * threshold} s"
        f"{delayed}: {allowed.because}."
    )
    probe = {"startupProbe": {"periodSeconds": period, "failureThreshold": threshold}}
    return Advice(text, _deployment(case, probe))


def _period(total: int) -> int:
    return max(1, min(MOST_PERIOD, round(total / NS_PER_SECOND / PROBES_A_LAUNCH)))


def timeout(case: Case, setting: str, path: str, *others: int) -> Advice | None:
    """An environment variable that bounds a phase, in seconds; ``others`` (ns) are further lengths the phase had."""
    allowed = allowance(case.usual.get(path), *others)
    if allowed is None:
        return None
    value = math.ceil(allowed.amount / NS_PER_SECOND / 10) * 10
    text = f"Set {setting} to {value} s or more: of {path}, {allowed.because}."
    return Advice(text, _deployment(case, {"env": [{"name": setting, "value": str(value)}]}))


def resources(case: Case) -> Advice | None:
    """Requests and limits from what this launch used; ``None`` if nothing measured it."""
    used = of_host(case, "process.rss_kb", case.window) or of_host(case, "cgroup.memory_kb", case.window)
    cpu = of_host(case, "process.cpu_percent", case.window) or of_host(case, "cgroup.cpu_percent", case.window)
    if used is None and cpu is None:
        return None
    sentences: list[str] = []
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    if used is not None:
        requests["memory"] = limits["memory"] = _memory_text(with_room(used.peak * 1024))
        sentences.append(
            f"Request {memory(with_room(used.peak * 1024))} of memory and limit it there: "
            f"the launch used {memory(used.peak * 1024)} at most."
        )
    if cpu is not None:
        requests["cpu"], limits["cpu"] = _cpus(cpu)
        sentences.append(
            f"Request {requests['cpu']} CPUs and limit them to {limits['cpu']}: "
            f"the launch used {_cores(cpu.mean)} on average, {_cores(cpu.peak)} at most."
        )
    return Advice(" ".join(sentences), _deployment(case, {"resources": {"requests": requests, "limits": limits}}))


def _cpus(told: Readings) -> tuple[str, str]:
    """What it used on average, and at most with room; tenths for a request, halves for a limit."""
    request = max(0.1, math.ceil(told.mean / 10) / 10)
    limit = max(math.ceil(told.peak * ROOM / 50) / 2, request)
    return f"{request:g}", f"{limit:g}"


def _cores(hundredths: float) -> str:
    return f"{hundredths / 100:.1f}"


def _memory_text(amount: float) -> str:
    return f"{amount / GIB:g}Gi" if amount % GIB == 0 else f"{math.ceil(amount / MIB)}Mi"


def pre_warm(case: Case) -> Advice | None:
    """A replica more than the load needs, for a service whose launches take long."""
    usual = case.usual.get("")
    middle, slow = (usual.quantile(0.5), usual.quantile(0.99)) if usual else (None, None)
    if usual is None or middle is None or slow is None:
        return None
    text = (
        f"Keep at least 2 replicas, so that one serves while the other starts: a new one takes {seconds(middle)} "
        f"(median of {count(len(usual.durations), 'launch', 'launches')}; p99 {seconds(slow)}), which no scaling is "
        "faster than."
    )
    return Advice(text, patches.autoscaler(case.service or "main", 2))


def pre_pull(case: Case, image: str, took: int, amount: int) -> Advice:
    """The image on every node before it is needed; ``took`` ns, ``amount`` bytes or 0."""
    speed = f" ({size(amount)} at {rate(amount * NS_PER_SECOND / took)})" if amount and took else ""
    text = (
        f"Keep the image on every node, so that no launch waits for it: {seconds(took)}{speed} less. "
        "Never use imagePullPolicy: Always for it, and a smaller image for nodes that are new."
    )
    return Advice(text, patches.pulled_everywhere(case.service or "main", image) if image else "")


def kept_cache(case: Case, saved: int) -> Advice:
    """Compiled graphs on a volume that outlives the container; ``saved`` ns."""
    mount = "/var/cache/launch"
    text = f"Keep the compile cache on a volume that outlives the pod: {seconds(saved)} less in every later launch."
    places = {"VLLM_CACHE_ROOT": f"{mount}/vllm", "TORCHINDUCTOR_CACHE_DIR": f"{mount}/inductor"}
    return Advice(text, _volume(case, "compile-cache", mount, places))


def kept_weights(case: Case, saved: int) -> Advice:
    """Weights on a volume that outlives the container; ``saved`` ns."""
    mount = "/var/lib/weights"
    text = (
        f"Keep the weights on a volume that outlives the pod, filled before the first launch: {seconds(saved)} less in "
        "every later one."
    )
    return Advice(text, _volume(case, "weights", mount, {"HF_HOME": mount}))


def recommended(case: Case) -> dict[str, Advice]:
    """What the history says of every setting it can speak of, whatever was found: by ``startup-probe``,
    ``resources``, ``model-load-timeout`` and ``replicas``."""
    loading = max(
        (placed for placed in case.launch.phases if LOADING.search(placed.phase.name)),
        key=lambda placed: (placed.phase.duration, -placed.depth),
        default=None,
    )
    name = next((name for name in case.config if LOAD_TIMEOUT.search(name)), "MODEL_LOAD_TIMEOUT")
    found = {
        "startup-probe": startup_probe(case),
        "resources": resources(case),
        "model-load-timeout": timeout(case, name, loading.path) if loading else None,
        "replicas": pre_warm(case),
    }
    return {topic: told for topic, told in found.items() if told is not None}


def settings(case: Case, values: Mapping[str, str]) -> str:
    """A patch that sets environment variables."""
    return _deployment(case, {"env": _env(values)})


def joined(*parts: Advice | None) -> Advice:
    """Several pieces of advice as one: all their sentences, and their YAML as documents one after the other."""
    told: Sequence[Advice] = [part for part in parts if part is not None]
    return Advice(" ".join(part.text for part in told), "---\n".join(part.patch for part in told if part.patch))


def _volume(case: Case, name: str, mount: str, places: Mapping[str, str]) -> str:
    """A patch that mounts a claim of the service's own, and says by environment variables what lies in it."""
    inside: dict[str, Any] = {"env": _env(places), "volumeMounts": [{"name": name, "mountPath": mount}]}
    claim = {"name": name, "persistentVolumeClaim": {"claimName": f"{case.service or 'main'}-{name}"}}
    return _deployment(case, inside, {"volumes": [claim]})


def _env(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _deployment(case: Case, container_settings: Mapping[str, Any], pod: Mapping[str, Any] | None = None) -> str:
    return patches.deployment(case.service, container_name(case), container_settings, pod)
