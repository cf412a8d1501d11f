"""What got slower and stayed so: the list, and deciding about many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models.functions import Now
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from diagnostics.models import ChangePoint, Regression, Service
from diagnostics.querysets.regressions import RegressionQuerySet
from diagnostics.triage import MOVES, Actor, Decision, TriageError, decide
from diagnostics.views.access import Visitor, may, needs

PAGE = 50
SUSPECTED = 20  # shown
SERVICES = 500  # of the filter
MOST_ID = 2**63 - 1
STATES = {
    "live": gettext_lazy("Open or acknowledged"),
    "open": gettext_lazy("Open"),
    "acknowledged": gettext_lazy("Acknowledged"),
    "resolved": gettext_lazy("Resolved"),
    "dismissed": gettext_lazy("Dismissed"),
    "all": gettext_lazy("All states"),
}
SIZES = {
    "": gettext_lazy("Any size"),
    "1.1": gettext_lazy("+10 % or more"),
    "1.5": gettext_lazy("+50 % or more"),
    "2": gettext_lazy("× 2 or more"),
}
AGES = {
    "": gettext_lazy("Any age"),
    "1": gettext_lazy("Last day"),
    "7": gettext_lazy("Last 7 days"),
    "30": gettext_lazy("Last 30 days"),
}
SORTS = {
    "newest": gettext_lazy("Newest first"),
    "oldest": gettext_lazy("Oldest first"),
    "largest": gettext_lazy("Largest ratio first"),
    "costliest": gettext_lazy("Most time first"),
}
ASSIGNEES = {
    "": gettext_lazy("Anybody’s"),
    "me": gettext_lazy("Mine"),
    "nobody": gettext_lazy("Nobody’s"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One select of the filter bar."""

    name: str
    label: str
    options: Mapping[str, str | Promise]
    chosen: str


def regressions(request: Visitor) -> HttpResponse:
    service = request.GET.get("service", "").replace("\0", "")
    environment = request.GET.get("environment", "").replace("\0", "")
    choices = _choices(request.GET)
    chosen = {choice.name: choice.chosen for choice in choices}
    listed = _narrowed(Regression.objects.listed(), chosen, request)
    if service:
        listed = listed.filter(service__name=service)
    if environment:
        listed = listed.filter(service__environment=environment)
    context = {
        "section": "regressions",
        "page": Paginator(_sorted(listed, chosen["sort"]), PAGE).get_page(request.GET.get("page")),
        "choices": choices,
        "services": Service.objects.filter(regressions__isnull=False).distinct()[:SERVICES],
        "service": service,
        "environment": environment,
        "ever": Regression.objects.exists(),
        "suspected": _suspected(service, environment),
        "may_triage": may(request.user, "editor"),
    }
    return render(request, "regressions/list.html", context)


def _suspected(service: str, environment: str) -> list[ChangePoint]:
    """What may have become slower; nobody is told of it."""
    found = ChangePoint.objects.suspected().slower()
    if service:
        found = found.filter(service__name=service)
    if environment:
        found = found.filter(service__environment=environment)
    return list(found[:SUSPECTED])


def _choices(query: QueryDict) -> list[Choice]:
    offered = (
        ("state", _("State"), STATES, "live"),
        ("size", _("Size"), SIZES, ""),
        ("age", _("Age"), AGES, ""),
        ("assignee", _("Whose"), ASSIGNEES, ""),
        ("sort", _("Order"), SORTS, "newest"),
    )
    # A mistyped address still shows the list.
    return [
        Choice(name, label, options, str(query[name]) if query.get(name) in options else usual)
        for name, label, options, usual in offered
    ]


def _narrowed(listed: RegressionQuerySet, chosen: Mapping[str, str], request: Visitor) -> RegressionQuerySet:
    if chosen["state"] != "all":
        listed = listed.filter(state=chosen["state"]) if chosen["state"] in MOVES else listed.live()
    if chosen["size"]:
        listed = listed.at_least(float(chosen["size"]))
    if chosen["age"]:
        listed = listed.filter(opened_at__gte=Now() - timedelta(days=int(chosen["age"])))
    if chosen["assignee"]:
        listed = listed.filter(assignee=request.user if chosen["assignee"] == "me" else None)
    return listed


def _sorted(listed: RegressionQuerySet, sort: str) -> RegressionQuerySet:
    if sort == "largest":
        return listed.largest_first()
    if sort == "costliest":
        return listed.costliest_first()
    return listed.order_by("opened_at", "id") if sort == "oldest" else listed


@needs("editor")
@require_POST
def triage_many(request: Visitor) -> HttpResponse:
    """``ids`` get ``state``; each is decided by itself, and those that cannot be are told."""
    ids = [int(text) for text in request.POST.getlist("ids") if text.isdecimal() and len(text) < 19][:1000]
    wanted = Decision(state=request.POST.get("state", ""), reason=request.POST.get("reason"))
    done, refused = 0, []
    for regression_id in dict.fromkeys(ids):
        try:
            decide(regression_id, wanted, actor_of(request))
            done += 1
        except TriageError as error:
            refused.append(error.message)
        except Regression.DoesNotExist:
            refused.append(_("One of them is gone."))
    _tell(request, done, wanted.state or "", refused)
    return redirect(f"{reverse('regressions')}?{request.POST.get('back', '')}")


def _tell(request: Visitor, done: int, state: str, refused: list[str]) -> None:
    words: dict[str, Any] = {"n": done, "state": state}
    if done:
        messages.success(request, ngettext("%(n)d is %(state)s.", "%(n)d are %(state)s.", done) % words)
    for message in dict.fromkeys(refused):
        messages.error(request, message)
    if not done and not refused:
        messages.error(request, _("Nothing was selected."))


def actor_of(request: Visitor) -> Actor:
    return Actor(request.user.get_username(), request.user)
