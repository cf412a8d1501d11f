"""Evidence of a launch: the figure under its waterfall, its telling events as a list, and the files it comes from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from diagnostics import evidence_figures
from diagnostics.analysis.clock import Correction
from diagnostics.charts import duration
from diagnostics.charts.evidence_markers import LOOKS
from diagnostics.charts.serialise import to_json
from diagnostics.clocks import corrections, shifts
from diagnostics.models import Artifact, Launch
from diagnostics.parsers.timestamps import INT64_MAX
from diagnostics.querysets.records import telling_events_within
from diagnostics.records import Event, Interval, Kind
from diagnostics.views.access import Visitor
from diagnostics.views.figure_width import figure_width

EVENTS_SHOWN = 100
REQUESTS_SHOWN = 5
# What tells of a host; a launch's own files tell of the launch alone.
OF_HOSTS = (Kind.HOST_SAMPLES, Kind.SAR, Kind.SADF, Kind.KERNEL_LOG, Kind.DF)


@dataclass(frozen=True, slots=True)
class Joined:
    """A file that tells of the launch; ``first`` and ``last`` are where it lies, in thousandths of the launch."""

    artifact: Artifact
    first: int | None
    last: int | None
    covers: bool
    clock: Correction

    @property
    def width(self) -> int:
        return max(4, (self.last or 0) - (self.first or 0))


@dataclass(frozen=True, slots=True)
class ListedEvent:
    artifact: Artifact
    event: Event
    lane: str
    after: int  # ns since the launch's start

    @property
    def line(self) -> int | None:
        return self.event.line if evidence_figures.has_lines(self.artifact) else None

    @property
    def about(self) -> str:
        return LOOKS[self.event.category].words

    @property
    def off(self) -> str:
        """What its time can be off by, from a second on."""
        return duration.human(self.event.precision) if self.event.precision >= duration.SECOND else ""


@dataclass
class Evidence:
    """What the launch page asks about evidence, each asked once."""

    launch: Launch

    @cached_property
    def artifacts(self) -> list[Artifact]:
        return list(Artifact.objects.evidence_of(self.launch))

    @cached_property
    def files(self) -> list[Joined]:
        clocks = corrections(self.launch, self.artifacts)
        return [_joined(artifact, clocks[artifact.pk], self.launch) for artifact in self.artifacts]

    @cached_property
    def shown_files(self) -> list[Joined]:
        """All but the many requests that spans of one launch may come in, of which the first stand for the rest."""
        requests = [file for file in self.files if file.artifact.kind == Kind.OTLP]
        left_out = {file.artifact.pk for file in requests[REQUESTS_SHOWN:]}
        return [file for file in self.files if file.artifact.pk not in left_out]

    @property
    def more_requests(self) -> int:
        return len(self.files) - len(self.shown_files)

    @property
    def is_correctable(self) -> bool:
        """Whether some file's clock contradicts the launch's, so that its times can be drawn in two places."""
        return any(file.clock.correction for file in self.files)

    @property
    def is_drawable(self) -> bool:
        """Whether any file has something to draw: readings or events."""
        return any(one.counts.get("samples") or one.counts.get("events") for one in self.artifacts)

    @property
    def tells_of_host(self) -> bool:
        return any(one.kind in OF_HOSTS for one in self.artifacts)


def _joined(artifact: Artifact, clock: Correction, launch: Launch) -> Joined:
    if artifact.first_ns is None or artifact.last_ns is None or clock.placing is None or not launch.total_ns:
        return Joined(artifact, None, None, covers=False, clock=clock)
    shift = clock.placing - launch.start_time
    first, last = artifact.first_ns + shift, artifact.last_ns + shift
    places = [round(1000 * min(max(time, 0), launch.total_ns) / launch.total_ns) for time in (first, last)]
    return Joined(artifact, places[0], places[1], covers=first < launch.total_ns and last > 0, clock=clock)


def figure(request: Visitor, launch_id: uuid.UUID) -> HttpResponse:
    """The figure for the stretch of time that the waterfall shows."""
    launch = get_object_or_404(Launch, pk=launch_id)
    window = _window(request, launch)
    if window is None:
        return HttpResponseBadRequest(_("from and to are integer nanoseconds, from before to."))
    corrected = request.GET.get("clock") == "corrected"
    drawn = evidence_figures.evidence(launch, window, figure_width(request), corrected=corrected)
    return HttpResponse(to_json(drawn), content_type="application/json")


def _window(request: Visitor, launch: Launch) -> Interval | None:
    try:
        start = int(request.GET.get("from", launch.start_time))
        end = int(request.GET.get("to", max(launch.ready_time, launch.start_time + 1)))
    except ValueError:
        return None
    return Interval(start, end) if -INT64_MAX < start < end < INT64_MAX else None


def events(request: Visitor, launch_id: uuid.UUID) -> HttpResponse:
    """What the logs said while it started, the telling lines first of all; a part of the launch page."""
    launch = get_object_or_404(Launch, pk=launch_id)
    artifacts = {artifact.pk: artifact for artifact in Artifact.objects.evidence_of(launch)}
    window = Interval(launch.start_time, launch.ready_time)
    placed = shifts(launch, list(artifacts.values()))
    found = telling_events_within(placed, window, EVENTS_SHOWN)
    listed = [_listed(artifacts[artifact], event, launch) for artifact, _position, event in found]
    context = {"launch": launch, "events": listed, "is_cut": len(found) == EVENTS_SHOWN}
    return render(request, "launches/events.html", context)


def _listed(artifact: Artifact, event: Event, launch: Launch) -> ListedEvent:
    lane = evidence_figures.lane_of(artifact.kind)
    return ListedEvent(artifact, event, lane, event.time - launch.start_time)
