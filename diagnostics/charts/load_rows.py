"""What of a host's readings is drawn under a waterfall: which metrics make a row, and whose readings they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from diagnostics.charts.quantity import KIB
from diagnostics.charts.readings import Column, Step, stepped
from diagnostics.records import Interval, SampleSeries


@dataclass(frozen=True, slots=True)
class HostReadings:
    """One artifact's readings, times already on the launch's clock. ``source`` names it to a person: ``sar``."""

    source: str
    series: Sequence[SampleSeries]
    interval: int = 0  # ns; what the file says, for when it holds a single reading


@dataclass(frozen=True, slots=True)
class Measure:
    """One line or area: the metrics that are summed for it, and how much one of them is in the row's unit."""

    name: str
    metrics: tuple[str, ...]
    color: str = ""
    hatched: bool = False
    factor: float = 1.0
    unit: str = ""  # where it is not the row's: said in the hover only


@dataclass(frozen=True, slots=True)
class RowKind:
    """A row as it may be: ``top`` is the fixed top of its axis; ``aside`` are measures told in the hover."""

    title: str
    unit: str
    measures: tuple[Measure, ...]
    top: float | None = None
    stacked: bool = False
    by_instance: bool = False
    aside: tuple[Measure, ...] = ()
    passed_over: Callable[[str], bool] = field(default=lambda instance: False)


@dataclass(frozen=True, slots=True)
class LoadRow:
    """A row to draw: the values of a step are those of ``measures``, then those of ``aside``."""

    kind: RowKind
    measures: Sequence[Measure]
    aside: Sequence[Measure]
    steps: Sequence[Step]
    interval: int
    source: str
    instance: str = ""
    instances: int = 1


RATE, PERCENT = "bytes/s", "%"
ROWS = (
    RowKind(
        "CPU",
        PERCENT,
        (
            Measure("user", ("cpu.user", "cpu.nice"), "series-1"),
            Measure("system", ("cpu.system", "cpu.irq", "cpu.soft"), "series-4"),
            Measure("iowait", ("cpu.iowait",), "series-2", hatched=True),
            Measure("steal", ("cpu.steal",), "series-6"),
        ),
        top=100,
        stacked=True,
    ),
    RowKind(
        "Memory",
        PERCENT,
        (
            Measure("used", ("memory.used_percent",), "series-1"),
            Measure("swap used", ("swap.used_percent",), "series-6"),
        ),
        top=100,
        aside=(
            Measure("available", ("memory.available_kb",), factor=KIB, unit="bytes"),
            Measure("swapped in", ("swapping.in",), unit="pages/s"),
            Measure("major faults", ("paging.major_faults",), unit="1/s"),
        ),
    ),
    RowKind(
        "Container",
        PERCENT,
        (
            Measure("memory of limit", ("cgroup.memory_percent",), "series-1"),
            Measure("throttled", ("cgroup.throttled_percent",), "series-2"),
        ),
        top=100,
        aside=(Measure("CPU", ("cgroup.cpu_percent",), unit=PERCENT),),
    ),
    RowKind(
        "Disk",
        RATE,
        (
            Measure("read", ("disk.read_kb",), "series-1", factor=KIB),
            Measure("written", ("disk.write_kb",), "series-2", factor=KIB),
        ),
        by_instance=True,
        aside=(
            Measure("busy", ("disk.util_percent",), unit=PERCENT),
            Measure("wait", ("disk.await_ms",), unit="ns", factor=1e6),
        ),
    ),
    RowKind(
        "Network",
        RATE,
        (
            Measure("received", ("network.rx_kb",), "series-1", factor=KIB),
            Measure("sent", ("network.tx_kb",), "series-3", factor=KIB),
        ),
        by_instance=True,
        aside=(Measure("busy", ("network.util_percent",), unit=PERCENT),),
        passed_over=lambda instance: instance == "lo",
    ),
    RowKind(
        "Pressure",
        PERCENT,
        (
            Measure("CPU", ("pressure.cpu_some",), "series-1"),
            Measure("I/O", ("pressure.io_some",), "series-2", hatched=True),
            Measure("memory", ("pressure.memory_some",), "series-6"),
        ),
        top=100,
        aside=(
            Measure("I/O, all tasks", ("pressure.io_full",), unit=PERCENT),
            Measure("memory, all tasks", ("pressure.memory_full",), unit=PERCENT),
        ),
    ),
)


def load_rows(readings: Sequence[HostReadings], window: Interval) -> list[LoadRow]:
    """The rows that have a reading about ``window``. Of several files with the same metric the finest is drawn, of
    several disks or networks the busiest."""
    found = (_best(kind, readings, window) for kind in ROWS)
    return [row for row in found if row is not None]


def _best(kind: RowKind, readings: Sequence[HostReadings], window: Interval) -> LoadRow | None:
    rows = [row for one in readings for row in _candidates(kind, one, window)]
    if not rows:
        return None
    # Files that read at about the same pace, about as much of the time, differ by chance: the busiest then tells most.
    finest = max(len(row.steps) for row in rows)
    rows = [row for row in rows if 2 * len(row.steps) >= finest]
    longest = max(map(_covered, rows))
    return max((row for row in rows if _covered(row) >= 0.9 * longest), key=_volume)


def _candidates(kind: RowKind, readings: HostReadings, window: Interval) -> Iterator[LoadRow]:
    instances = _instances(kind, readings.series)
    for instance in instances:
        by_metric = {one.metric: one for one in readings.series if one.instance == instance}
        measures = [one for one in kind.measures if any(metric in by_metric for metric in one.metrics)]
        aside = [one for one in kind.aside if any(metric in by_metric for metric in one.metrics)]
        told = [*measures, *aside]
        found = stepped([_column(one, by_metric) for one in told], window, readings.interval)
        if found.steps:
            steps = [_scaled(step, told) for step in found.steps]
            yield LoadRow(kind, measures, aside, steps, found.interval, readings.source, instance, len(instances))


def _instances(kind: RowKind, series: Sequence[SampleSeries]) -> list[str]:
    wanted = {metric for measure in kind.measures for metric in measure.metrics}
    found = sorted({one.instance for one in series if one.metric in wanted})
    if kind.by_instance:
        return [one for one in found if not kind.passed_over(one)] or found
    # The whole machine, not one of its processors; a container's own readings have but one instance.
    whole = [one for one in found if one in ("all", "-1", "")]
    return whole[:1] or (found if len(found) == 1 else [])


def _column(measure: Measure, by_metric: dict[str, SampleSeries]) -> Column:
    return [by_metric[metric] for metric in measure.metrics if metric in by_metric]


def _scaled(step: Step, measures: Sequence[Measure]) -> Step:
    values = zip(step.values, measures, strict=True)
    return replace(step, values=tuple(None if value is None else value * one.factor for value, one in values))


def _covered(row: LoadRow) -> int:
    return sum(step.end - step.start for step in row.steps)


def _volume(row: LoadRow) -> float:
    return sum(
        (step.end - step.start) * sum(value or 0.0 for value in step.values[: len(row.measures)]) for step in row.steps
    )
