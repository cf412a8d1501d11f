"""What got slower and stayed so: the list, and what people decide about it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from diagnostics.models import Regression
from diagnostics.querysets.regressions import RegressionQuerySet
from diagnostics.views.access import Visitor, may, needs

PAGE = 50
STATES = [
    ("live", gettext_lazy("Open or acknowledged")),
    ("open", gettext_lazy("Open")),
    ("acknowledged", gettext_lazy("Acknowledged")),
    ("resolved", gettext_lazy("Resolved")),
    ("dismissed", gettext_lazy("Dismissed")),
    ("all", gettext_lazy("All")),
]
# What may follow each state; a decision can be taken back.
MOVES = {
    "open": ["acknowledged", "resolved", "dismissed"],
    "acknowledged": ["open", "resolved", "dismissed"],
    "resolved": ["open"],
    "dismissed": ["open"],
}


def regressions(request: Visitor) -> HttpResponse:
    state = request.GET.get("state", "live")
    service = request.GET.get("service", "").replace("\0", "")
    environment = request.GET.get("environment", "").replace("\0", "")
    listed = _in_state(Regression.objects.listed(), state)
    if service:
        listed = listed.filter(service__name=service)
    if environment:
        listed = listed.filter(service__environment=environment)
    context = {
        "section": "regressions",
        "page": Paginator(listed, PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": STATES,
        "service": service,
        "environment": environment,
        "ever": Regression.objects.exists(),
        "may_triage": may(request.user, "editor"),
    }
    return render(request, "regressions/list.html", context)


@needs("editor")
@require_POST
def triage(request: Visitor, pk: int) -> HttpResponse:
    regression = get_object_or_404(Regression, pk=pk)
    wanted = request.POST.get("state", "")
    if wanted in MOVES[regression.state] and _may_reopen(request, regression, wanted):
        Regression.objects.filter(pk=pk).update(state=wanted, updated_at=Now())
    return redirect(f"{reverse('regressions')}?{request.POST.get('back', '')}#{pk}")


def _may_reopen(request: Visitor, regression: Regression, wanted: str) -> bool:
    """One regression of a phase is live at a time; the database would refuse a second."""
    if wanted not in Regression.LIVE or regression.state in Regression.LIVE:
        return True
    same = Regression.objects.live().filter(service=regression.service_id, series=regression.series_id)
    if same.exists():
        messages.error(request, _("A newer regression of this phase is open already; work with that one."))
        return False
    return True


def _in_state(listed: RegressionQuerySet, state: str) -> RegressionQuerySet:
    if state == "all":
        return listed
    return listed.filter(state=state) if state in MOVES else listed.live()
