"""What a parsed launch is made of: the plain values that flow from parsers through analysis to storage and charts.

Every time is an integer of nanoseconds since the Unix epoch (UTC), every duration an integer of nanoseconds.
Nothing here knows Django, Celery or HTTP. What comes by the hundred thousand is a ``msgspec.Struct``, the rest a
dataclass: both are frozen, but a struct takes an eighth of the time to make and nothing of the garbage collector's.
"""

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


class Verdict(StrEnum):
    REGRESSED = "regressed"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    NOT_ENOUGH_DATA = "not enough data"


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


class PlacedPhase(msgspec.Struct, frozen=True, gc=False):
    """A phase with its place in the launch: where it nests, what it took itself, and whether it bounds the launch.

    ``critical_time`` is the part of the critical path that this phase itself (not a child) owns: over a launch these
    and ``LaunchAnalysis.waiting`` sum to the total, exactly. ``slack`` is by how much it could grow for free.
    """

    phase: Phase
    parent: int | None
    depth: int
    path: str
    self_time: int
    slack: int
    critical: bool
    critical_time: int


class Interval(msgspec.Struct, frozen=True, gc=False):
    """A stretch of time, ``start`` included and ``end`` not."""

    start: int
    end: int

    @property
    def duration(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class LaunchAnalysis:
    """Everything the time structure of one launch says on its own, without history.

    ``unaccounted`` are the stretches between start and ready that no phase covers; ``total`` is their length plus
    the covered time. ``ready_by`` names the milestone that ended the launch, or ``""`` for the end of the last phase.
    """

    start_time: int
    ready_time: int
    ready_by: str
    status: LaunchStatus
    phases: Sequence[PlacedPhase]
    unaccounted: Sequence[Interval]
    critical_path: Sequence[int]  # positions, in the order of the path
    waiting: int  # time on the critical path during which no phase of the path ran

    @property
    def total(self) -> int:
        return self.ready_time - self.start_time

    @property
    def unaccounted_time(self) -> int:
        return sum(gap.duration for gap in self.unaccounted)

    @property
    def coverage(self) -> float:
        """Share of the total that phases cover, 0..1; a launch of no length is fully covered."""
        return 1.0 if self.total <= 0 else 1.0 - self.unaccounted_time / self.total


@dataclass(frozen=True, slots=True)
class Sample:
    """One launch as statistics see it, in nanoseconds: its total, and by phase path what each phase took.

    ``critical_times`` and ``waiting`` (path time that no phase owns) sum to ``total``. A path that the launch does not
    have is absent from both mappings. ``run`` names what it shares its luck with (a deploy, a day, a machine); launches
    without a name are one run. ``censored``: it never got ready, so its total is at least ``total``.
    """

    launch: str
    total: int
    waiting: int
    durations: Mapping[str, int]
    critical_times: Mapping[str, int]
    run: str = ""
    start_class: str = ""
    censored: bool = False


@dataclass(frozen=True, slots=True)
class Delta:
    """Candidate against baseline for one phase (``phase`` ``None``: the total).

    ``low``/``high`` bound ``ratio`` (candidate / baseline) at 95 %; they, ``q`` and ``least_effect`` (the smallest
    step of the ratio this comparison could have seen) are ``None`` where there is too little data. ``contribution`` is
    the signed part of the total's change laid at this phase's door; all of them, ``unaccounted`` included, sum to it;
    ``contribution_low``/``high`` (ns) bound it at 95 %.
    """

    phase: str | None
    baseline: int | None
    candidate: int | None
    delta: int
    ratio: float | None
    low: float | None
    high: float | None
    q: float | None
    verdict: Verdict
    contribution: int
    least_effect: float | None
    note: str = ""
    contribution_low: int | None = None
    contribution_high: int | None = None
    bimodal: bool = False  # two usual lengths on a side


@dataclass(frozen=True, slots=True)
class LaunchFactor:
    """What all phases changed by together (candidate / baseline, 95 % bounds): the host's mood, told once."""

    ratio: float
    low: float
    high: float
    p: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """``factor`` is ``None`` where there are too few phases or launches to tell one. ``runs``: of each side.

    ``notes`` are sentences on what the whole comparison could not take into account, or left out.
    """

    total: Delta
    phases: Sequence[Delta]  # largest contribution (in size) first
    unaccounted: Delta
    factor: LaunchFactor | None = None
    runs: tuple[int, int] = (1, 1)
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Floors:
    """The least effect worth a flag: both must be exceeded."""

    ratio: float = 0.02
    duration: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Flag:
    """One phase (or the total, ``phase`` ``None``) of a launch beyond the prediction interval of its baseline."""

    phase: str | None
    actual: int
    expected: int  # median of the baseline
    low: int  # prediction interval
    high: int
    runs: int  # launches in the baseline
    verdict: Verdict

    @property
    def ratio(self) -> float:
        return self.actual / self.expected if self.expected else float("inf")
