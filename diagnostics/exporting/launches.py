"""One launch as a file."""

from __future__ import annotations

from diagnostics.clocks import shifts
from diagnostics.exporting.exported import Exported, file_name
from diagnostics.exporting.standalone import launch_page
from diagnostics.exports import FORMATS
from diagnostics.exports.told import Told
from diagnostics.models import Artifact, Launch
from diagnostics.querysets.phases import placed_phases
from diagnostics.querysets.records import events_within
from diagnostics.records import Event, Interval

MOST_PHASES, MOST_EVENTS = 1_000_000, 5_000
HTML = "html"
LAUNCH_FORMATS = (*FORMATS, HTML)


def export_launch(launch: Launch, wanted: str) -> Exported:
    """``wanted`` is one of ``LAUNCH_FORMATS``."""
    name = [launch.service.name, launch.version, str(launch.pk)[:8]]
    if wanted == HTML:
        return Exported(launch_page(launch), "text/html; charset=utf-8", file_name(*name, "html"))
    form = FORMATS[wanted]
    return Exported(form.write(told(launch)), form.content_type, file_name(*name, form.ending))


def told(launch: Launch) -> Told:
    """A launch with all its phases, and what its own files (not its host's) told of it."""
    return Told(
        id=launch.pk,
        service=launch.service.name,
        environment=launch.service.environment,
        version=launch.version,
        host=launch.host.name if launch.host else "",
        boot_id=launch.boot_id,
        boot_time=launch.boot_time,
        status=launch.status,
        start_class=launch.start_class,
        start_time=launch.start_time,
        total=launch.total_ns or 0,
        phases=placed_phases(launch.pk, MOST_PHASES),
        milestones=launch.milestones,
        labels=launch.labels,
        config=launch.config,
        events=_events(launch),
    )


def _events(launch: Launch) -> list[Event]:
    artifacts = [one for one in Artifact.objects.evidence_of(launch) if one.launch_id == launch.pk]
    moved = shifts(launch, artifacts)
    window = Interval(launch.start_time, launch.ready_time)
    return [event for _, _, event in events_within(moved, window, MOST_EVENTS)]
