"""Rules and mutes: the lists, a form for each kind of rule, and trying a rule on the launches of the past."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from diagnostics.alerting import (
    KINDS,
    AlertError,
    Rehearsal,
    delete_rule,
    drafted,
    end_mute,
    mute,
    rehearse,
    save_rule,
    switch_rule,
    why_unused,
)
from diagnostics.alerting.kinds import Kind
from diagnostics.forms.alerts import MuteForm, RuleForm, new_rule, shown_rule
from diagnostics.models import AlertRule, Channel, Mute
from diagnostics.views.access import Visitor, may, needs
from diagnostics.views.regressions import MOST_ID, actor_of

MOST_FOUND = 100
MOST_MUTES = 200


def rules(request: Visitor) -> HttpResponse:
    listed = [(rule, why_unused(rule)) for rule in AlertRule.objects.listed()]
    context = {
        "section": "alerts",
        "tab": "rules",
        "rules": listed,
        "unused": sum(bool(why) for _rule, why in listed),
        "channels": Channel.objects.filter(enabled=True).count(),
        "may_edit": may(request.user, "editor"),
    }
    return render(request, "alerts/rules.html", context)


@needs("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Visitor) -> HttpResponseBase:
    """First the kind, then its form."""
    kind = KINDS.get(request.GET.get("kind", ""))
    if kind is None:
        return render(request, "alerts/kinds.html", {"section": "alerts", "tab": "rules", "kinds": KINDS.values()})
    return _form_page(request, kind, None)


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: Visitor, pk: int) -> HttpResponseBase:
    own = get_object_or_404(AlertRule.objects.select_related("service"), pk=min(pk, MOST_ID))
    kind = KINDS.get(own.kind)
    if kind is None:
        raise Http404
    return _changed(request, kind, own) if request.method == "POST" else _form_page(request, kind, own)


@needs("editor")
def _changed(request: Visitor, kind: Kind, own: AlertRule) -> HttpResponseBase:
    return _form_page(request, kind, own)


def _form_page(request: Visitor, kind: Kind, own: AlertRule | None) -> HttpResponseBase:
    """The form; a POST saves it, or with ``try`` only says what the rule would have done."""
    form = RuleForm(request.POST or None, kind=kind, initial=shown_rule(own) if own else new_rule(kind))
    rehearsal: Rehearsal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if "try" in request.POST:
                rehearsal = rehearse(drafted(form.wanted()))
            else:
                save_rule(form.wanted(), actor_of(request), own.pk if own else None)
                messages.success(request, _("Saved."))
                return redirect("alert_rules")
        except AlertError as error:
            form.refuse(error.where, error.message)
        except AlertRule.DoesNotExist:
            messages.error(request, _("This rule is gone."))
            return redirect("alert_rules")
    context: dict[str, Any] = {
        "section": "alerts",
        "tab": "rules",
        "kind": kind,
        "rule": own,
        "form": form,
        "rehearsal": rehearsal,
        "found": rehearsal.fired[:MOST_FOUND] if rehearsal else [],
        "why": why_unused(own) if own else [],
        "changes": own.changes.order_by("-pk")[:50] if own else [],
        "channels": Channel.objects.filter(enabled=True).count(),
        "may_edit": may(request.user, "editor"),
    }
    return render(request, "alerts/rule.html", context, status=400 if form.errors else 200)


@needs("editor")
@require_POST
def switch(request: Visitor, pk: int) -> HttpResponse:
    try:
        switch_rule(min(pk, MOST_ID), request.POST.get("enabled") == "1", actor_of(request))
    except AlertRule.DoesNotExist:
        messages.error(request, _("This rule is gone."))
    return redirect("alert_rules")


@needs("editor")
@require_POST
def delete(request: Visitor, pk: int) -> HttpResponse:
    try:
        delete_rule(min(pk, MOST_ID), actor_of(request))
        messages.success(request, _("The rule is deleted; its alerts stay in the history."))
    except AlertRule.DoesNotExist:
        messages.error(request, _("This rule is gone."))
    return redirect("alert_rules")


@require_http_methods(["GET", "HEAD", "POST"])
def mutes(request: Visitor) -> HttpResponseBase:
    return _muted(request) if request.method == "POST" else _mutes_page(request, MuteForm())


@needs("editor")
def _muted(request: Visitor) -> HttpResponseBase:
    form = MuteForm(request.POST)
    if form.is_valid():
        clean = form.cleaned_data
        try:
            mute(actor_of(request), form.until(), clean["reason"], clean["service"], clean["rule"])
        except AlertError as error:
            form.add_error(error.where if error.where in form.fields else None, error.message)
        else:
            messages.success(request, _("Muted."))
            return redirect("mutes")
    return _mutes_page(request, form)


def _mutes_page(request: Visitor, form: MuteForm) -> HttpResponse:
    context = {
        "section": "alerts",
        "tab": "mutes",
        "form": form,
        "mutes": Mute.objects.listed()[:MOST_MUTES],
        "may_edit": may(request.user, "editor"),
    }
    return render(request, "alerts/mutes.html", context, status=400 if form.errors else 200)


@needs("editor")
@require_POST
def unmute(request: Visitor, pk: int) -> HttpResponse:
    try:
        end_mute(min(pk, MOST_ID), actor_of(request))
        messages.success(request, _("Not muted any more; what still goes on is told now."))
    except Mute.DoesNotExist:
        messages.error(request, _("This mute is gone."))
    return redirect("mutes")
