"""One launch: what it took, what was out of the ordinary, its waterfall, and what came with it."""

from __future__ import annotations

import statistics
import uuid
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diagnostics.models import Artifact, ChangePoint, Launch, LaunchFlag, PhaseRecord
from diagnostics.records import Kind, LaunchStatus, Milestone, Verdict
from diagnostics.views import findings, what_if
from diagnostics.views.access import Visitor
from diagnostics.views.evidence import Evidence
from diagnostics.views.phase_table import phase_table
from diagnostics.views.polling import asked_before

FLAGS_SHOWN = 5
RAW_FILES_SHOWN = 10
MOST_CHANGES = 10
READY_WORDS = {
    "": gettext_lazy("ready at the end of its last phase"),
    Milestone.POD_READY: gettext_lazy("ready by the orchestrator"),
    Milestone.HEALTH_OK: gettext_lazy("ready by health check"),
    Milestone.READY_LINE: gettext_lazy("ready by its own log line"),
    Milestone.FIRST_SUCCESS: gettext_lazy("ready by its first answer"),
}


@dataclass
class LaunchPage:
    """What the page asks of a launch, each asked once."""

    launch: Launch

    @cached_property
    def flags(self) -> list[LaunchFlag]:
        """The total's first, then those of phases by how much time they changed."""
        flags = list(self.launch.flags.select_related("series"))
        return sorted(flags, key=lambda flag: (flag.series_id is not None, -abs(flag.actual_ns - flag.expected_ns)))

    @property
    def first_flags(self) -> list[LaunchFlag]:
        return self.flags[:FLAGS_SHOWN]

    @property
    def other_flags(self) -> list[LaunchFlag]:
        return self.flags[FLAGS_SHOWN:]

    @property
    def total_flag(self) -> LaunchFlag | None:
        return self.flags[0] if self.flags and self.flags[0].series_id is None else None

    @cached_property
    def artifacts(self) -> list[Artifact]:
        return list(self.launch.artifacts.order_by("received_at", "pk"))

    @property
    def raw_files(self) -> list[Artifact]:
        """For a menu: requests of spans, of which there may be hundreds, come last."""
        return sorted(self.artifacts, key=lambda artifact: artifact.kind == Kind.OTLP)[:RAW_FILES_SHOWN]

    @property
    def unread_artifacts(self) -> list[Artifact]:
        """What was sent for it and is not, or could not be, read."""
        return [artifact for artifact in self.artifacts if artifact.state != Artifact.State.PARSED]

    @cached_property
    def evidence(self) -> Evidence:
        return Evidence(self.launch)

    @cached_property
    def findings(self) -> list[findings.FindingCard]:
        return findings.cards(self.launch, self.evidence.artifacts)

    @cached_property
    def choices(self) -> list[PhaseRecord]:
        """Phases to ask “what if” about."""
        return what_if.choices(self.launch)

    @property
    def rejection(self) -> Artifact | None:
        """The rejected snapshot of a launch that has no better one."""
        if self.launch.state != Launch.State.RECEIVED:
            return None
        states = {artifact.state for artifact in self.artifacts}
        rejected = [artifact for artifact in self.artifacts if artifact.state == Artifact.State.REJECTED]
        return rejected[-1] if rejected and Artifact.State.RECEIVED not in states else None

    @property
    def is_pending(self) -> bool:
        """Whether something about it is still to come."""
        return self.launch.state != Launch.State.JUDGED and self.rejection is None

    @cached_property
    def baseline(self) -> list[tuple[uuid.UUID, int]]:
        """Ids and totals of the successful launches it is judged against, newest first."""
        before = Launch.objects.baseline_of(self.launch, settings.BASELINE_LAUNCHES)
        return [(pk, total) for pk, total in before.values_list("pk", "total_ns") if total is not None]

    @property
    def baseline_p50(self) -> int | None:
        return round(statistics.median(total for _, total in self.baseline)) if self.baseline else None

    @cached_property
    def heaviest(self) -> PhaseRecord | None:
        """The phase that owns the most of the critical path."""
        # Prefetched, not joined: the join would be made for all 100,000 phases of a large launch before one is chosen.
        critical = PhaseRecord.objects.filter(launch=self.launch, critical=True)
        return critical.prefetch_related("series").order_by("-critical_ns", "position").first()

    @property
    def milestones(self) -> list[tuple[str, int, int]]:
        """Name, time and time since the launch's start, in order."""
        ordered = sorted(self.launch.milestones.items(), key=lambda item: item[1])
        return [(name, time, time - self.launch.start_time) for name, time in ordered]

    @cached_property
    def changes(self) -> list[ChangePoint]:
        """Changes of level that begin here, or are suspected to have begun here or before."""
        return list(ChangePoint.objects.about(self.launch)[:MOST_CHANGES])

    @property
    def phase_verdict(self) -> str:
        """Words for a verdict that is about phases while the total stayed within its range."""
        slower = sum(flag.verdict == Verdict.REGRESSED for flag in self.flags)
        if slower:
            return ngettext("%(n)d phase slower", "%(n)d phases slower", slower) % {"n": slower}
        faster = len(self.flags)
        return ngettext("%(n)d phase faster", "%(n)d phases faster", faster) % {"n": faster} if faster else ""

    @property
    def flags_title(self) -> str:
        if self.total_flag is None:
            return self.phase_verdict
        is_slower = self.total_flag.verdict == Verdict.REGRESSED
        return _("Slower than usual") if is_slower else _("Faster than usual")

    @property
    def ready_words(self) -> str:
        if self.launch.status == LaunchStatus.RUNNING:
            return _("not ready as far as its files tell")
        return str(READY_WORDS.get(self.launch.ready_by, "")) or _("ready by “%(milestone)s”") % {
            "milestone": self.launch.ready_by
        }

    @cached_property
    def failed_phase(self) -> PhaseRecord | None:
        if self.launch.status != LaunchStatus.FAILED:
            return None
        failed = PhaseRecord.objects.filter(launch=self.launch, failed=True)
        return failed.prefetch_related("series").order_by("-depth", "start_time").first()


def launch(request: Visitor, launch_id: uuid.UUID) -> HttpResponse:
    shown = get_object_or_404(Launch.objects.newest_first(), pk=launch_id)
    context = {"section": "services", "launch": shown, "page": LaunchPage(shown), "asked": 0}
    context["artifacts_url"] = request.build_absolute_uri("/api/v1/artifacts")
    if request.GET.get("view") == "table":
        context["table"] = phase_table(shown, request.GET)
    return render(request, "launches/detail.html", context)


def phases(request: Visitor, launch_id: uuid.UUID) -> HttpResponse:
    """The table alone, for htmx."""
    shown = get_object_or_404(Launch, pk=launch_id)
    return render(request, "launches/phases.html", {"launch": shown, "table": phase_table(shown, request.GET)})


def found(request: Visitor, launch_id: uuid.UUID) -> HttpResponse:
    """Where phases of a name are, for htmx: a waterfall draws what is too short for a bar of its own as one."""
    shown = get_object_or_404(Launch, pk=launch_id)
    return render(request, "launches/found.html", {"launch": shown, "table": phase_table(shown, request.GET)})


def state(request: Visitor, launch_id: uuid.UUID) -> HttpResponse:
    """Asked while something is still to come: nothing new asks again a little later, anything new reloads the page."""
    shown = get_object_or_404(Launch, pk=launch_id)
    page = LaunchPage(shown)
    if request.GET.get("was") != shown.state or not page.is_pending:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "launches/state.html", {"launch": shown, "page": page, "asked": asked_before(request)})
