"""What a report says, as data: no words but names, so that it can be told in any language and form.

Stored as JSON with the report. Times are integer ns since 1970 (UTC), or ISO 8601 text where they end in ``_at`` or
bound the period; durations are integer ns, launches their ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Part:
    """What one phase adds to the change of the time to ready; the parts of a regression sum to ``delta_ns``."""

    label: str
    kind: str  # "phase", "others" or "unaccounted"
    change_ns: int
    low_ns: int | None = None  # at 95 %
    high_ns: int | None = None
    count: int = 1  # phases summed in it


@dataclass(frozen=True, slots=True)
class Row:
    """One phase in both launches: [start from the launch's own start, duration], or nothing where it is missing."""

    label: str
    depth: int
    baseline: tuple[int, int] | None
    candidate: tuple[int, int] | None
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The launch of the median total of each side, over each other; of more phases than ``rows`` the longest."""

    baseline: str
    candidate: str
    baseline_ns: int
    candidate_ns: int
    rows: Sequence[Row]

    @property
    def span_ns(self) -> int:
        ends = [sum(side) for row in self.rows for side in (row.baseline, row.candidate) if side]
        return max([1, self.baseline_ns, self.candidate_ns, *ends])


@dataclass(frozen=True, slots=True)
class Reason:
    """The largest finding of the launches since: whose fault it is."""

    reason: str
    layer: str
    text: str
    advice: str
    confidence: float
    launch: str


@dataclass(frozen=True, slots=True)
class Detail:
    """The proof behind a regression: launches compared (ids, newest first), attribution, picture, finding."""

    baseline: Sequence[str]
    candidate: Sequence[str]
    baseline_ns: int | None
    candidate_ns: int | None
    delta_ns: int
    verdict: str
    parts: Sequence[Part]
    waterfall: Waterfall | None
    finding: Reason | None
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Regressed:
    """A regression as it stood at the end of the period. ``change``: "new", "reopened", "continuing", "resolved" or
    "dismissed"; ``low``/``high`` bound the ratio."""

    id: int
    service: str
    environment: str
    phase: str | None  # path; None: the total
    change: str
    baseline_ns: int
    candidate_ns: int
    low: float
    high: float
    first_launch: str
    first_version: str
    first_time: int
    opened_at: str
    layer: str = ""
    marker: str = ""  # the deploy before it began, in its own words
    detail: Detail | None = None

    @property
    def delta_ns(self) -> int:
        return self.candidate_ns - self.baseline_ns

    @property
    def ratio(self) -> float | None:
        return self.candidate_ns / self.baseline_ns if self.baseline_ns else None


@dataclass(frozen=True, slots=True)
class Improved:
    """A total (no phase) or phase that launches of the period were flagged faster for; medians."""

    service: str
    environment: str
    phase: str | None
    launches: int
    baseline_ns: int
    candidate_ns: int
    first_launch: str
    first_version: str

    @property
    def delta_ns(self) -> int:
        return self.candidate_ns - self.baseline_ns

    @property
    def ratio(self) -> float | None:
        return self.candidate_ns / self.baseline_ns if self.baseline_ns else None


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """What the launches of one service were like; the median is of successful ones."""

    service: str
    environment: str
    launches: int
    failed: int
    median_ns: int | None
    classes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SlowHost:
    """A host whose launches of one start class take longer than on the service's other hosts; medians."""

    host: str
    service: str
    environment: str
    start_class: str
    launches: int
    median_ns: int
    others_ns: int

    @property
    def ratio(self) -> float:
        return self.median_ns / max(1, self.others_ns)


@dataclass(frozen=True, slots=True)
class CoverageDrop:
    """Phases tell of less of the launch than before: shares 0..1, medians."""

    service: str
    environment: str
    before: float
    now: float
    launches: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A launch that began and neither got ready nor failed."""

    launch: str
    service: str
    environment: str
    host: str
    version: str
    start_time: int
    last_phase: str


@dataclass(frozen=True, slots=True)
class NotJudged:
    """Launches of a service without a verdict. ``why``: "not enough data", "refused" (with the parser's sentence) or
    "waiting" (for a worker)."""

    service: str
    environment: str
    why: str
    launches: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Lists hold the most telling entries; ``counts`` has how many there are of each in all."""

    name: str
    since: str
    until: str
    time_zone: str
    language: str
    why: str
    missed: int
    made_at: str
    services_in_scope: int
    labels: Mapping[str, str]
    launches: int
    failed: int
    classes: Mapping[str, int]
    counts: Mapping[str, int]
    new: Sequence[Regressed] = ()
    continuing: Sequence[Regressed] = ()
    resolved: Sequence[Regressed] = ()
    improvements: Sequence[Improved] = ()
    services: Sequence[ServiceRow] = ()
    hosts: Sequence[SlowHost] = ()
    coverage: Sequence[CoverageDrop] = ()
    unfinished: Sequence[Unfinished] = ()
    not_judged: Sequence[NotJudged] = ()
    headline: str = ""

    @property
    def failed_share(self) -> float:
        return self.failed / self.launches if self.launches else 0.0

    @property
    def changed(self) -> bool:
        """Whether anything is told that the report before it did not tell."""
        told = ("new", "resolved", "improvements", "coverage", "unfinished")
        return bool(self.failed) or any(self.counts.get(name) for name in told)


def to_data(content: Content) -> dict[str, Any]:
    """As JSON holds it."""
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(content))
    return data


def from_data(data: Mapping[str, Any]) -> Content:
    return msgspec.convert(data, Content)
