"""What fires: the list, one alert with its rule, numbers and proof, and deciding about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from diagnostics.alerting import MOVES, AlertError, decide, mute
from diagnostics.forms.alerts import MUTES
from diagnostics.models import Alert, Mute, Service
from diagnostics.querysets.alerts import AlertQuerySet
from diagnostics.views.access import Visitor, may, needs
from diagnostics.views.regressions import MOST_ID, SERVICES, Choice, actor_of

PAGE = 50
STATES = {
    "live": gettext_lazy("Firing or acknowledged"),
    "firing": gettext_lazy("Firing"),
    "acknowledged": gettext_lazy("Acknowledged"),
    "resolved": gettext_lazy("Resolved"),
    "all": gettext_lazy("All states"),
}
SEVERITIES = {
    "": gettext_lazy("Any severity"),
    "critical": gettext_lazy("Critical"),
    "warning": gettext_lazy("Warning"),
}


def alerts(request: Visitor) -> HttpResponse:
    choices = _choices(request.GET)
    chosen = {choice.name: choice.chosen for choice in choices}
    named = {name: request.GET.get(name, "").replace("\0", "") for name in ("service", "environment", "rule")}
    listed = _narrowed(Alert.objects.listed(), chosen, named)
    context = {
        "section": "alerts",
        "tab": "alerts",
        "page": Paginator(listed, PAGE).get_page(request.GET.get("page")),
        "choices": choices,
        "services": Service.objects.filter(alerts__isnull=False).distinct()[:SERVICES],
        **named,
        "ever": Alert.objects.exists(),
        "mutes": list(Mute.objects.in_force()),
        "may_decide": may(request.user, "editor"),
    }
    return render(request, "alerts/list.html", context)


def _choices(query: QueryDict) -> list[Choice]:
    offered = (("state", _("State"), STATES, "live"), ("severity", _("Severity"), SEVERITIES, ""))
    return [
        Choice(name, label, options, str(query[name]) if query.get(name) in options else usual)
        for name, label, options, usual in offered
    ]


def _narrowed(listed: AlertQuerySet, chosen: dict[str, str], named: dict[str, str]) -> AlertQuerySet:
    if chosen["state"] != "all":
        listed = listed.filter(state=chosen["state"]) if chosen["state"] in MOVES else listed.live()
    if chosen["severity"]:
        listed = listed.filter(severity=chosen["severity"])
    if named["service"]:
        listed = listed.filter(service__name=named["service"])
    if named["environment"]:
        listed = listed.filter(service__environment=named["environment"])
    if named["rule"].isdecimal():
        listed = listed.filter(rule=min(int(named["rule"]), MOST_ID))
    return listed


@require_http_methods(["GET", "HEAD", "POST"])
def alert(request: Visitor, pk: int) -> HttpResponseBase:
    """The page; a POST decides (from here, or from a row of the list, which says so with ``back``)."""
    pk = min(pk, MOST_ID)
    if request.method == "POST":
        return _decided(request, pk)
    shown = get_object_or_404(Alert.objects.listed(), pk=pk)
    together = Alert.objects.listed().filter(incident=shown.incident_id or pk).exclude(pk=pk)
    context = {
        "section": "alerts",
        "tab": "alerts",
        "alert": shown,
        "changes": shown.changes.select_related("user").order_by("-pk"),
        "notices": shown.notices.order_by("pk"),
        "together": together[:PAGE],
        "muted": next((one for one in Mute.objects.in_force() if one.fits(shown)), None),
        "hours": MUTES,
        "may_decide": may(request.user, "editor"),
    }
    return render(request, "alerts/detail.html", context)


@needs("editor")
def _decided(request: Visitor, pk: int) -> HttpResponse:
    try:
        decide(pk, request.POST.get("state", ""), actor_of(request), request.POST.get("text", "").strip())
    except Alert.DoesNotExist:
        messages.error(request, _("This alert is gone."))
        return redirect("alerts")
    except AlertError as error:
        messages.error(request, error.message)
    if "back" in request.POST:
        return redirect(f"{reverse('alerts')}?{request.POST['back']}#{pk}")
    return redirect("alert", pk)


@needs("editor")
@require_POST
def mute_alert(request: Visitor, pk: int) -> HttpResponse:
    """Keep quiet about this alert's subject: of its rule, on its service."""
    shown = get_object_or_404(Alert.objects.select_related("service", "rule"), pk=min(pk, MOST_ID))
    hours = request.POST.get("hours", "")
    about: dict[str, Any] = {"rule": shown.rule, "subject_key": shown.subject_key}
    if request.POST.get("all"):
        about = {}
    try:
        until = timezone.now() + timedelta(hours=int(hours) if hours in dict(MUTES) else 0)
        mute(actor_of(request), until, request.POST.get("reason", ""), shown.service, **about)
        messages.success(request, _("Muted."))
    except AlertError as error:
        messages.error(request, error.message)
    return redirect("alert", pk)
