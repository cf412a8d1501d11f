"""What samples say of a stretch of time: every reading weighed by how much of the stretch it speaks of."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from diagnostics.analysis.diagnosis.case import Case, SeenSeries
from diagnostics.analysis.diagnosis.finding import Proof
from diagnostics.analysis.diagnosis.wording import seconds
from diagnostics.records import NS_PER_SECOND, Interval

# A reading speaks of the time since the one before, unless that is so many usual intervals ago: some are missing then.
MISSING = 2.5
# Readings that speak of less of a stretch than this say nothing of it.
LEAST_COVERAGE = 0.25
HOST = ("all", "", "launch")


@dataclass(frozen=True, slots=True)
class Readings:
    """``weights`` (ns) is how much of the window each of ``values`` speaks of; ``times`` is when they were read."""

    artifact: str
    metric: str
    instance: str
    interval: int
    window: Interval
    times: Sequence[int]
    values: Sequence[float]
    weights: Sequence[int]

    @property
    def covered(self) -> int:
        return sum(self.weights)

    @property
    def coverage(self) -> float:
        """Share of the window that the readings speak of, 0..1."""
        return self.covered / self.window.duration if self.window.duration > 0 else 0.0

    @property
    def mean(self) -> float:
        return sum(v * w for v, w in zip(self.values, self.weights, strict=True)) / (self.covered or 1)

    @property
    def peak(self) -> float:
        return max(self.values, default=0.0)

    @property
    def lowest(self) -> float:
        return min(self.values, default=0.0)

    @property
    def volume(self) -> float:
        """Of a metric per second: the sum over the window."""
        return sum(v * w for v, w in zip(self.values, self.weights, strict=True)) / NS_PER_SECOND

    def share_above(self, level: float) -> float:
        """Share of the covered time during which the value was at least ``level``, 0..1."""
        above = sum(w for v, w in zip(self.values, self.weights, strict=True) if v >= level)
        return above / (self.covered or 1)

    def proof(self, text: str) -> Proof:
        """``text`` with how finely it was measured; its time is the value's peak within the window."""
        top = max(range(len(self.values)), key=lambda n: self.values[n])
        number = len(self.values)
        every = f", {seconds(self.interval)} apart" if number > 1 else f" over {seconds(self.interval)}"
        told = f"{text} ({number} reading{'' if number == 1 else 's'}{every})"
        return Proof(told, self.artifact, time=self.times[top])


def readings(seen: SeenSeries, window: Interval) -> Readings:
    """The readings that speak of some of the window; none when the series does not tell its interval."""
    times, values, interval = seen.series.times, seen.series.values, seen.interval
    kept: list[int] = []
    weights: list[int] = []
    first, last = bisect_right(times, window.start), bisect_left(times, window.end) + 1
    for n in range(first, min(last, len(times))):
        begin = times[n - 1] if n and times[n] - times[n - 1] <= MISSING * interval else times[n] - interval
        weight = min(times[n], window.end) - max(begin, window.start)
        if weight > 0 and math.isfinite(values[n]):
            kept.append(n)
            weights.append(weight)
    return Readings(
        seen.artifact,
        seen.series.metric,
        seen.series.instance,
        interval,
        window,
        [times[n] for n in kept],
        [values[n] for n in kept],
        weights,
    )


def by_instance(
    case: Case, metric: str, window: Interval, instances: Sequence[str] | None = None
) -> dict[str, Readings]:
    """The best readings of every instance of a metric that can tell something of the window: those that cover most
    of it, then the finest. Instances whose samples are further apart than the window is long are left out."""
    found: dict[str, Readings] = {}
    for seen in case.metric(metric):
        if instances is not None and seen.series.instance not in instances:
            continue
        if not 0 < seen.interval <= window.duration:
            continue
        told = readings(seen, window)
        best = found.get(told.instance)
        if told.coverage >= LEAST_COVERAGE and (best is None or _better(told, best)):
            found[told.instance] = told
    return found


def of_host(case: Case, metric: str, window: Interval) -> Readings | None:
    """The best readings of a metric that has one value for the host, or for the launch."""
    told = by_instance(case, metric, window, HOST)
    return next((told[instance] for instance in HOST if instance in told), None)


def cpu_used(case: Case, window: Interval) -> Readings | None:
    """What the launch used, percent of one CPU. A control group that counts nothing is no witness: under version 1
    use is counted by another controller than the limit's."""
    group = of_host(case, "cgroup.cpu_percent", window)
    return group if group and group.peak > 0 else of_host(case, "process.cpu_percent", window)


def _better(one: Readings, other: Readings) -> bool:
    return (round(one.coverage, 2), -one.interval) > (round(other.coverage, 2), -other.interval)
