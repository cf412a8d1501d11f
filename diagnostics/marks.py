"""Markers as figures want them. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.charts.deploy_marks import MOST, Deploy
from diagnostics.models import Launch, Marker, Service
from diagnostics.records import Interval

# On a waterfall: what happened while the launch ran, or a moment before it.
BEFORE, MOST_ON_A_LAUNCH = 60 * 10**9, 6


def on_trend(service: Service, starts: Sequence[int]) -> list[Deploy]:
    """What happened to a service from the first launch that is drawn on; ``starts`` are ns."""
    if not starts:
        return []
    rows = Marker.objects.filter(service=service, at__gte=min(starts)).newest_first()[:MOST]
    return [Deploy(row.at, row.kind, row.words) for row in rows]


def on_launch(launch: Launch) -> dict[str, int]:
    """Instants to draw beside a launch's milestones, by their words."""
    window = Interval(launch.start_time - BEFORE, launch.ready_time)
    rows = Marker.objects.filter(service=launch.service_id, at__gte=window.start, at__lte=window.end).newest_first()
    return {f"{row.kind}: {row.words[:60]}": row.at for row in rows[:MOST_ON_A_LAUNCH]}
