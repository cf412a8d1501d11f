"""What a sender or a file tells: the values that flow from parsers to storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

NS_PER_SECOND = 1_000_000_000


class ParseError(Exception):
    """The artifact cannot be read, and sending the same bytes again will not help.

    ``message`` is one sentence for a person; ``where`` names the place (``$.phases[3].duration_ns``, ``line 12``).
    """

    def __init__(self, message: str, where: str = "", code: str = "invalid_artifact") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where


class Kind(StrEnum):
    """What an artifact holds; the key of ``parsers.PARSERS``."""

    SNAPSHOT = "snapshot"
    HOST_SAMPLES = "host-samples"
    PROBE = "probe"
    KERNEL_LOG = "kernel-log"
    SAR = "sar"
    SADF = "sadf"
    CONTAINER_LOG = "container-log"
    K8S_EVENTS = "k8s-events"
    K8S_POD = "k8s-pod"
    SYSTEMD_ANALYZE = "systemd-analyze"
    PYTHON_IMPORTTIME = "python-importtime"
    DF = "df"
    PING = "ping"
    TRACEROUTE = "traceroute"
    CONFIG = "config"
    OTLP = "otlp"
    CHROME_TRACE = "chrome-trace"
    SPEEDSCOPE = "speedscope"
    VLLM_BENCH_STARTUP = "vllm-bench-startup"
    METRICS_SCRAPE = "metrics-scrape"
    JAEGER = "jaeger"
    ZIPKIN = "zipkin"
    SPRING_STARTUP = "spring-startup"
    JVM_LOG = "jvm-log"
    LAMBDA_INIT = "lambda-init"
    BOOTCHART = "bootchart"


# Files that each tell of one launch: sent for a service without naming a launch, such a file makes its own.
OF_ONE_LAUNCH = (
    Kind.CHROME_TRACE,
    Kind.SPEEDSCOPE,
    Kind.VLLM_BENCH_STARTUP,
    Kind.METRICS_SCRAPE,
    Kind.JAEGER,
    Kind.ZIPKIN,
    Kind.SPRING_STARTUP,
    Kind.JVM_LOG,
    Kind.LAMBDA_INIT,
    Kind.BOOTCHART,
)


class PhaseStatus(StrEnum):
    SUCCESS = "success"
    FAILED = "failed"


UNDER_WAY = "under_way"  # attribute of a phase that goes on beyond what its file tells


class LaunchStatus(StrEnum):
    SUCCESS = "success"
    FAILED = "failed"
    RUNNING = "running"


class Milestone(StrEnum):
    """Named instants of a launch that every reader understands; a snapshot may carry others beside them."""

    POD_CREATED = "pod_created"
    PROCESS_START = "process_start"
    READY_LINE = "ready_line"
    HEALTH_OK = "health_ok"
    POD_READY = "pod_ready"
    FIRST_SUCCESS = "first_success"


# A launch is ready at the first of these that it has: what the orchestrator saw beats what the process claimed.
READINESS = (Milestone.POD_READY, Milestone.HEALTH_OK, Milestone.READY_LINE, Milestone.FIRST_SUCCESS)


class Phase(msgspec.Struct, frozen=True, gc=False):
    """A named, timed stage as its sender told it; ``position`` is its place in the snapshot and its identity there."""

    position: int
    name: str
    start_time: int
    duration: int
    status: PhaseStatus = PhaseStatus.SUCCESS
    id: str | None = None
    # Position of the parent. ``None`` with ``is_root`` unset means the sender did not say: time containment decides.
    parent: int | None = None
    is_root: bool = False
    depends_on: tuple[int, ...] = ()
    lane: str = ""
    attributes: Mapping[str, Any] = msgspec.field(default_factory=dict)

    @property
    def end_time(self) -> int:
        return self.start_time + self.duration


class Clock(StrEnum):
    """What a time was read from: the calendar, or seconds since a boot moved onto the calendar by its boot time."""

    WALL = "wall"
    MONOTONIC = "monotonic"


class Category(StrEnum):
    """What an event is about."""

    OOM_KILL = "oom_kill"
    IO_ERROR = "io_error"
    FILESYSTEM = "filesystem"
    NVME = "nvme"
    LINK = "link"
    HUNG_TASK = "hung_task"
    SOFT_LOCKUP = "soft_lockup"
    SEGFAULT = "segfault"
    MCE = "mce"
    GPU = "gpu"
    THROTTLE = "throttle"
    INITCALL = "initcall"
    IMAGE_PULL = "image_pull"
    SCHEDULING = "scheduling"
    PROBE_FAILED = "probe_failed"
    BACKOFF = "backoff"
    CONTAINER = "container"
    ENGINE = "engine"
    OTHER = "other"


class Event(msgspec.Struct, frozen=True, gc=False):
    """An instant in a log, with the line that says so. ``precision`` (ns) is what the stamp's last digit is worth."""

    time: int
    text: str
    source: str = ""
    line: int | None = None
    precision: int = 1
    clock: Clock = Clock.WALL
    level: str = ""
    category: Category = Category.OTHER
    fields: Mapping[str, Any] = msgspec.field(default_factory=dict)


class SampleSeries(msgspec.Struct, frozen=True, gc=False):
    """One host metric over time, ``group.column`` in base words; ``times`` ascend, ns; both lists are as long."""

    metric: str
    instance: str
    times: list[int]
    values: list[float]


@dataclass(frozen=True, slots=True)
class HostFacts:
    name: str
    boot_id: str = ""
    boot_time: int | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """How much of a file was understood; for a snapshot, one phase or event counts as one line."""

    total: int = 0
    read: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser made of one artifact."""

    parser: str
    phases: Sequence[Phase] = ()
    events: Sequence[Event] = ()
    samples: Sequence[SampleSeries] = ()
    milestones: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: str = ""
    host: HostFacts | None = None
    lines: Lines = field(default_factory=Lines)
    facts: Mapping[str, Any] = field(default_factory=dict)
