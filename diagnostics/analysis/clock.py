"""One clock for everything that tells of a launch.

The launch's own clock, that of the process, is the one that all others are brought onto. Two things are kept apart:

- **Placing** is not a correction: seconds since boot mean nothing on a calendar until a boot time is added.
- A **correction** moves times that were on a calendar already, because they contradict the launch's own. It has a
  reason and can be left out. Only as much is corrected as the contradiction needs: what could be right is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from diagnostics.records import NS_PER_SECOND, Kind, Milestone

CLUSTER = (Kind.K8S_EVENTS, Kind.K8S_POD)
# Two boot times of one boot differ by what the clocks drift and by how long the host slept: not by more than this.
SAME_BOOT = 3600 * NS_PER_SECOND
# Boot times are told in whole seconds by some, so that less is no contradiction.
DRIFT = NS_PER_SECOND
# Readiness is found by asking every second or so, on both sides.
POLLING = 2 * NS_PER_SECOND
WORDED = {
    "ctime": "dmesg -T writes whole seconds, counted from boot without the time the host slept",
    "relative": "dmesg --time-format=reltime tells the minute of some lines and what passed between others",
    "yearless": "stamps of whole seconds without a year",
}
# Times of these are no times: they order what is in the file, and nothing else.
NOT_PLACED = {
    "none": "its lines have no stamps",
    "relative": "its times count from a beginning that the file does not tell",
}
TOLD = {"received": "the file tells no time: it is taken to be of when it was received"}


@dataclass(frozen=True, slots=True)
class FileClock:
    """How a file tells time. ``clock`` is ``wall``, ``boot`` (seconds since boot as ns), ``relative``, ``received`` (it
    tells none: the upload's) or ``none``."""

    kind: str
    clock: str = "wall"
    form: str = ""
    boot_time: int | None = None
    boot_id: str = ""
    is_monotonic: bool = False  # its times are seconds since boot that ``boot_time`` has moved onto the calendar
    interval: int = 0  # ns between samples, 0 for none
    precision: int = 0  # ns, where the file says so itself


@dataclass(frozen=True, slots=True)
class LaunchClock:
    """What the launch itself knows of time, ns; ``instants`` are its milestones, ``cluster`` those of Kubernetes."""

    boot_time: int | None = None
    boot_id: str = ""
    instants: Mapping[str, int] = field(default_factory=dict)
    cluster: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correction:
    """How a file's times get onto the launch's clock, ns. ``placing`` is ``None`` where nothing can place them.

    Times are ``time + placing``, or ``time + placing + correction`` where corrections are wanted; ``precision`` is what
    they are worth, 0 where each record says it. ``reason`` is a sentence, or ``""`` where there is nothing to say.
    """

    placing: int | None = 0
    correction: int = 0
    precision: int = 0
    reason: str = ""


def correction(file: FileClock, launch: LaunchClock) -> Correction:
    """What brings a file's times onto the launch's clock."""
    if file.clock == "boot":
        return _placed(file, launch)
    if file.clock in NOT_PLACED and file.kind not in CLUSTER:
        return Correction(None, reason=NOT_PLACED[file.clock])
    if file.kind in CLUSTER:
        return _skew(file, launch)
    if file.is_monotonic:
        return _drift(file, launch)
    if file.interval:
        said = f"one reading every {_seconds(file.interval)}: shorter than that cannot be told apart"
        return Correction(precision=file.interval, reason=said)
    return Correction(precision=file.precision, reason=WORDED.get(file.form, "") or TOLD.get(file.clock, ""))


def _placed(file: FileClock, launch: LaunchClock) -> Correction:
    boot_time = launch.boot_time if launch.boot_time is not None else file.boot_time
    if file.boot_id and launch.boot_id and file.boot_id != launch.boot_id:
        return Correction(None, reason="seconds since another boot than the launch's")
    if boot_time is None:
        said = (
            "seconds since boot, and neither the launch nor the file says when that was: send boot_time with the file"
        )
        return Correction(None, reason=said)
    whose = "the launch's" if launch.boot_time is not None else "the file's"
    return Correction(boot_time, precision=file.precision, reason=f"seconds since boot, placed by {whose} boot time")


def _drift(file: FileClock, launch: LaunchClock) -> Correction:
    """Two boot times of one boot that differ: the clock was set in between, or the host slept."""
    if file.boot_time is None or launch.boot_time is None:
        return Correction(precision=file.precision)
    apart = launch.boot_time - file.boot_time
    same_boot = file.boot_id == launch.boot_id if file.boot_id and launch.boot_id else abs(apart) <= SAME_BOOT
    if not same_boot or abs(apart) <= DRIFT:
        return Correction(precision=file.precision)
    said = f"the file's boot time lies {_seconds(abs(apart))} {'before' if apart > 0 else 'after'} the launch's"
    return Correction(0, apart, file.precision, f"{said}: the clock was set, or the host has slept, in between")


def _skew(file: FileClock, launch: LaunchClock) -> Correction:
    """Kubernetes against the process: it cannot run before its container starts, nor be ready before it says so."""
    precision = max(file.precision, NS_PER_SECOND)
    if file.clock == "relative":
        return Correction(0, 0, precision, "ages, counted back from when the table was printed or received")
    least, most = _bounds(launch, precision)
    whole = "Kubernetes writes whole seconds"
    if least is not None and most is not None and least > most:
        return Correction(0, 0, precision, f"{whole}, and its start and its end contradict the launch's differently")
    if most is not None and most < 0:
        said = f"the process ran {_seconds(-most)} before Kubernetes says its container started"
    elif least is not None and least > 0:
        said = f"Kubernetes says the pod was ready {_seconds(least)} before the process was"
    else:
        return Correction(0, 0, precision, whole)
    moved = most if most is not None and most < 0 else least or 0
    return Correction(0, moved, precision, f"{said}: the two clocks differ by at least {_seconds(abs(moved))}")


def _bounds(launch: LaunchClock, precision: int) -> tuple[int | None, int | None]:
    """The least and the most that may be added to Kubernetes' times without a contradiction, ``None`` for no bound."""
    started, ready = launch.cluster.get("container_started"), launch.cluster.get(Milestone.POD_READY)
    begun = launch.instants.get(Milestone.PROCESS_START)
    served = [launch.instants[one] for one in (Milestone.READY_LINE, Milestone.HEALTH_OK) if one in launch.instants]
    most = begun - started if begun is not None and started is not None else None
    least = min(served) - ready - precision - POLLING if served and ready is not None else None
    return least, most


def _seconds(duration: int) -> str:
    value = duration / NS_PER_SECOND
    return f"{value:,.0f} s" if value >= 10 else f"{value:.3g} s"
