"""What a parsed launch is made of: the plain values that flow from parsers through analysis to storage and charts.

Every time is an integer of nanoseconds since the Unix epoch (UTC), every duration an integer of nanoseconds.
Nothing here knows Django, Celery or HTTP. What comes by the hundred thousand is a ``msgspec.Struct``, the rest a
dataclass: both are frozen, but a struct takes an eighth of the time to make and nothing of the garbage collector's.
"""

from __future__ import annotations

from diagnostics.records.launch import (
    Interval,
    LaunchAnalysis,
    PlacedPhase,
)
from diagnostics.records.statistics import (
    Comparison,
    Delta,
    Flag,
    Floors,
    LaunchFactor,
    Sample,
    Verdict,
)
from diagnostics.records.told import (
    NS_PER_SECOND,
    OF_ONE_LAUNCH,
    READINESS,
    UNDER_WAY,
    Category,
    Clock,
    Event,
    HostFacts,
    Kind,
    LaunchStatus,
    Lines,
    Milestone,
    Parsed,
    ParseError,
    Phase,
    PhaseStatus,
    SampleSeries,
)

__all__ = [
    "NS_PER_SECOND",
    "OF_ONE_LAUNCH",
    "READINESS",
    "UNDER_WAY",
    "Category",
    "Clock",
    "Comparison",
    "Delta",
    "Event",
    "Flag",
    "Floors",
    "HostFacts",
    "Interval",
    "Kind",
    "LaunchAnalysis",
    "LaunchFactor",
    "LaunchStatus",
    "Lines",
    "Milestone",
    "ParseError",
    "Parsed",
    "Phase",
    "PhaseStatus",
    "PlacedPhase",
    "Sample",
    "SampleSeries",
    "Verdict",
]
