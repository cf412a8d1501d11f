"""What if a phase were cached, took half, or ran beside another: asked on the launch page, answered in a sentence."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from diagnostics.analysis.launch import analyse
from diagnostics.analysis.what_if import Action, Change, ImpossibleChange, WhatIf, what_if
from diagnostics.models import Launch, PhaseRecord
from diagnostics.querysets.phases import placed_phases
from diagnostics.records import LaunchAnalysis, ParseError
from diagnostics.views.access import Visitor

CHOICES = 200  # phases to choose from: the longest
MOST_PHASES = 20_000  # beyond it, the schedule takes longer to recompute than a page may
PATH_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """``path`` has (name, path, duration then, whether it is new there), heaviest first."""

    result: WhatIf
    path: Sequence[tuple[str, str, int, bool]]

    @property
    def share(self) -> float:
        return self.result.total_after / self.result.total_before if self.result.total_before else 1.0


def ask(request: Visitor, launch_id: uuid.UUID) -> HttpResponse:
    """The answer for htmx: what the launch would take, and which phases bound it then."""
    launch = get_object_or_404(Launch, pk=launch_id)
    try:
        context = {"launch": launch, "answer": _answer(launch, request.GET)}
    except (ImpossibleChange, ParseError) as error:
        context = {"launch": launch, "problem": str(error)}
    return render(request, "launches/what_if_answer.html", context)


def choices(launch: Launch) -> list[PhaseRecord]:
    """Phases worth asking about: critical ones first, then the longest."""
    rows = PhaseRecord.objects.filter(launch=launch, duration_ns__gt=0).prefetch_related("series")
    return list(rows.order_by("-critical", "-critical_ns", "-duration_ns", "position")[:CHOICES])


def _answer(launch: Launch, query: QueryDict) -> Answer:
    if launch.phase_count > MOST_PHASES:
        raise ImpossibleChange(
            _("This launch has %(n)d phases; what if is answered for up to %(most)d.")
            % {"n": launch.phase_count, "most": MOST_PHASES}
        )
    analysis = _analysis(launch)
    result = what_if(analysis, [_change(query)])
    before = set(analysis.critical_path)
    # What only encloses others of the path would name the same time twice.
    around = {analysis.phases[position].parent for position in result.new_critical_path}
    innermost = [position for position in result.new_critical_path if position not in around]
    path = [_bounding(analysis, result, position, before) for position in innermost]
    heaviest = sorted((one for one in path if one[2]), key=lambda one: -one[2])[:PATH_SHOWN]
    return Answer(result, heaviest)


def _change(query: QueryDict) -> Change:
    try:
        action = Action(query.get("change", ""))
        other = int(query.get("with") or -1) if action is Action.PARALLEL else None
        return Change(int(query.get("phase", "")), action, other)
    except ValueError:
        raise ImpossibleChange(_("Choose a phase and what would be different about it.")) from None


def _bounding(analysis: LaunchAnalysis, result: WhatIf, position: int, before: set[int]) -> tuple[str, str, int, bool]:
    place = result.schedule[position]
    placed = analysis.phases[position]
    return placed.phase.name, placed.path, place.duration if place else 0, position not in before


def _analysis(launch: Launch) -> LaunchAnalysis:
    """The launch as it was analysed when it was stored: what is known of its phases decides their order anew."""
    placed = placed_phases(launch.pk, MOST_PHASES)
    return analyse([one.phase for one in placed], launch.milestones)
