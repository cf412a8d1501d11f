"""``blocked-on-dependency``: time in which the launch computed nothing, read nothing and sent nothing: it waited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.analysis.diagnosis.events import proof
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Proof, Severity
from diagnostics.analysis.diagnosis.history import as_usual, median
from diagnostics.analysis.diagnosis.log_lines import log_lines
from diagnostics.analysis.diagnosis.readings import Readings, by_instance, of_host
from diagnostics.analysis.diagnosis.resolution import sureness
from diagnostics.analysis.diagnosis.stretches import Stretch, weighty
from diagnostics.analysis.diagnosis.wording import percent, rate, seconds
from diagnostics.records import NS_PER_SECOND, LaunchStatus

LEAST_SHARE = 0.1
LEAST = 3 * NS_PER_SECOND
LEAST_READINGS = 3
COVERED = 0.8
# Of one CPU, and of all: less than any program that does something.
IDLE_PROCESS = 5.0
IDLE_HOST = 97.0
QUIET = 100_000.0  # bytes per second, disks and networks


@dataclass(frozen=True, slots=True)
class Quiet:
    """The readings by which a resource was idle; ``text`` tells how idle."""

    readings: Readings
    text: str


def blocked(case: Case) -> Iterator[Finding]:
    least = max(LEAST, round(case.launch.total * LEAST_SHARE))
    for stretch in weighty(case):
        if stretch.cost >= least and not _holds_others(case, stretch):
            cpu, storage, network = _cpu(case, stretch), _storage(case, stretch), _network(case, stretch)
            if cpu and storage and network is not False:
                yield _finding(case, stretch, cpu, storage, network)


def _holds_others(case: Case, stretch: Stretch) -> bool:
    """What has parts of some length is not one stretch of waiting: its parts have their own reasons."""
    placed = stretch.placed
    return placed is not None and placed.self_time < 0.8 * placed.phase.duration


def _cpu(case: Case, stretch: Stretch) -> Quiet | None:
    for metric in ("process.cpu_percent", "cgroup.cpu_percent"):
        told = of_host(case, metric, stretch.window)
        if told is not None and _tells(told):
            return Quiet(told, f"it used {percent(told.mean)} of one CPU") if told.mean < IDLE_PROCESS else None
    idle = of_host(case, "cpu.idle", stretch.window)
    if idle is None or not _tells(idle) or idle.mean < IDLE_HOST:
        return None
    return Quiet(idle, f"the host's CPUs were {percent(idle.mean)} idle")


def _storage(case: Case, stretch: Stretch) -> Quiet | None:
    read, written = (of_host(case, f"process.{way}_kb", stretch.window) for way in ("read", "write"))
    if read is not None and written is not None and _tells(read) and _tells(written):
        moved = (read.mean + written.mean) * 1024
        return Quiet(read, f"it moved {rate(moved)} to and from storage") if moved < QUIET else None
    disks = [
        told
        for way in ("read", "write")
        for told in by_instance(case, f"disk.{way}_kb", stretch.window).values()
        if _tells(told)
    ]
    moved = sum(told.mean for told in disks) * 1024
    return Quiet(disks[0], f"the host's disks moved {rate(moved)}") if disks and moved < QUIET else None


def _network(case: Case, stretch: Stretch) -> Quiet | bool | None:
    """``False``: there was traffic, so it downloaded rather than waited; ``None``: not measured."""
    ways = [
        told
        for way in ("rx", "tx")
        for told in by_instance(case, f"network.{way}_kb", stretch.window).values()
        if _tells(told) and told.instance != "lo"
    ]
    if not ways:
        return None
    moved = sum(told.mean for told in ways) * 1024
    return Quiet(ways[0], f"the host's network carried {rate(moved)}") if moved < QUIET else False


def _tells(told: Readings) -> bool:
    return len(told.values) >= LEAST_READINGS and told.coverage >= COVERED


def _finding(case: Case, stretch: Stretch, cpu: Quiet, storage: Quiet, network: Quiet | bool | None) -> Finding:
    quiet = [cpu, storage, *([network] if isinstance(network, Quiet) else [])]
    failed = case.launch.status is LaunchStatus.FAILED
    usual = median(case, stretch)
    whom = _waited_for(stretch)
    lines = [seen for seen in log_lines(case) if stretch.window.start <= seen.event.time <= stretch.window.end]
    return Finding(
        reason="blocked-on-dependency",
        layer=Layer.DEPENDENCY,
        severity=Severity.WARNING if failed or stretch.cost >= 0.2 * case.launch.total else Severity.NOTICE,
        text=f"{stretch.name} waited {seconds(stretch.cost)}{whom}: no CPU, no I/O"
        f"{', no network' if isinstance(network, Quiet) else ''}.",
        phase=stretch.path,
        expected=float(usual) if usual is not None else None,
        actual=float(stretch.window.duration),
        unit="ns",
        confidence=sureness(0.8 if isinstance(network, Quiet) else 0.6, *(told.readings for told in quiet)),
        cost=stretch.cost,
        evidence_for=[*(one.readings.proof(one.text) for one in quiet), *(proof(seen) for seen in lines[-2:])],
        evidence_against=[
            *as_usual(case, stretch),
            *([] if network else [Proof("The network's load is not measured: it may have been loading something")]),
            Proof("The GPU's load is not measured; work on it mostly keeps a CPU busy, too"),
        ],
        advice="Look at what it says last before that time: a lock, a sleep, a slow service, another rank. "
        "diag-glm init-trace shows what each process waits for.",
    )


def _waited_for(stretch: Stretch) -> str:
    attributes = stretch.placed.phase.attributes if stretch.placed else {}
    for name in ("waiting_for", "peer", "url", "host"):
        if attributes.get(name):
            return f" for {str(attributes[name])[:120]}"
    return ""
