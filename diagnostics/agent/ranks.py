"""Puts the ranks of one phase together: they work side by side, so the slowest one is the phase; nothing is added."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, NamedTuple, Tuple

from diagnostics.agent.rule_matching import Span


class Merged(NamedTuple):
    """One phase of a launch: ``slowest`` stands for it, ``spans`` are what its ranks told."""

    slowest: Span
    spans: List[Span]

    def attributes(self) -> Dict[str, Any]:
        """The slowest rank's own, and, where there are several ranks, what each took (ns)."""
        attributes = dict(self.slowest.attributes)
        lanes = sorted({span.lane for span in self.spans})
        if len(lanes) > 1:
            attributes["ranks"] = {lane or "main": max(_durations(self.spans, lane)) for lane in lanes}
            attributes["slowest"] = self.slowest.lane or "main"
        return attributes


def merge(spans: Iterable[Span]) -> List[Merged]:
    """Closed spans → phases in order of start. The n-th time in one rank belongs to the n-th time in the others."""
    times: Dict[Tuple[str, int], List[Span]] = {}
    latest: Dict[Tuple[str, str], Tuple[int, Span]] = {}
    for span in sorted(spans, key=lambda span: (span.start, span.end or 0)):
        number, before = latest.get((span.name, span.lane), (-1, span))
        # Two at once in one lane are replicas, or several processes that do not name themselves.
        if number < 0 or not _together(before, span):
            number += 1
        latest[span.name, span.lane] = (number, span)
        times.setdefault((span.name, number), []).append(span)
    merged = [Merged(max(group, key=_slowness), group) for group in times.values()]
    return sorted(merged, key=lambda phase: (phase.slowest.start, -phase.slowest.duration))


def _slowness(span: Span) -> Tuple[bool, int, int]:
    # A rank that failed is the reason of the launch, whatever the others took.
    return (span.status == "failed", span.duration, span.end or 0)


def _together(one: Span, other: Span) -> bool:
    overlap = min(one.end or 0, other.end or 0) - max(one.start, other.start)
    return overlap * 2 > min(one.duration, other.duration)


def _durations(spans: Iterable[Span], lane: str) -> List[int]:
    return [span.duration for span in spans if span.lane == lane]
