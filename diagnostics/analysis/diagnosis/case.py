"""Everything a diagnosis looks at: one launch, the evidence that joins it, and how its service usually starts."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diagnostics.records import Category, Event, Interval, Kind, LaunchAnalysis, SampleSeries


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """An artifact that joins the launch, by its id, by host and time, or both. Spans are ns; times of its records are
    already on the launch's clock, and ``correction`` says by how much they were moved to get there."""

    artifact: str
    kind: Kind
    facts: Mapping[str, Any] = field(default_factory=dict)
    first: int | None = None
    last: int | None = None
    correction: int = 0


@dataclass(frozen=True, slots=True)
class SeenEvent:
    artifact: str
    event: Event


@dataclass(frozen=True, slots=True)
class SeenSeries:
    """A metric as one artifact holds it, cut to the launch with one reading before and one after where there are."""

    artifact: str
    series: SampleSeries

    @property
    def interval(self) -> int:
        """Typical time between readings, ns; 0 for fewer than two."""
        times = self.series.times
        gaps = sorted(b - a for a, b in itertools.pairwise(times))
        return gaps[len(gaps) // 2] if gaps else 0

    def within(self, window: Interval) -> Sequence[float]:
        """Values read in the window: a reading stands for the interval that it ends."""
        first = bisect_right(self.series.times, window.start)
        last = bisect_left(self.series.times, window.end)
        # The reading after the window's end covers its last part.
        return self.series.values[first : last + 1]


@dataclass(frozen=True, slots=True)
class Usual:
    """What the launches before this one took for a phase (or in total): successful, same service and start class."""

    durations: Sequence[int]  # ns, ascending

    def quantile(self, share: float) -> int | None:
        """The value below which ``share`` of the launches lie (nearest rank), ``None`` without launches."""
        if not self.durations:
            return None
        # A share such as 0.07 of a hundred comes out a hair too large.
        rank = max(0, min(len(self.durations), math.ceil(share * len(self.durations) - 1e-9)) - 1)
        return self.durations[rank]


@dataclass(frozen=True, slots=True)
class Case:
    """One launch with its evidence. ``events`` are in time order; ``usual`` is by phase path, ``""`` for the total."""

    launch: LaunchAnalysis
    service: str = ""
    environment: str = ""
    version: str = ""
    host: str = ""
    milestones: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # {"NAME": {"expected": …, "actual": …}}
    start_class: str = ""
    files: Sequence[EvidenceFile] = ()
    events: Sequence[SeenEvent] = ()
    samples: Sequence[SeenSeries] = ()
    usual: Mapping[str, Usual] = field(default_factory=dict)
    warmer: Mapping[str, Usual] = field(default_factory=dict)  # the same of launches that started warmer than this one
    failed_before: int = 0  # of the newest launches before this one, how many failed

    @property
    def window(self) -> Interval:
        return Interval(self.launch.start_time, self.launch.ready_time)

    def of_category(self, *categories: Category) -> Iterator[SeenEvent]:
        return (seen for seen in self.events if seen.event.category in categories)

    def of_kind(self, *kinds: Kind) -> Iterator[EvidenceFile]:
        return (file for file in self.files if file.kind in kinds)

    def metric(self, name: str, instance: str | None = None) -> Iterator[SeenSeries]:
        """Every series of a metric, of one instance or of all."""
        for seen in self.samples:
            if seen.series.metric == name and instance in (None, seen.series.instance):
                yield seen
