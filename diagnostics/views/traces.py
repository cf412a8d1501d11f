"""Settings › Traces: what tells launches from requests, and how the last traces were told apart."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from diagnostics import forwarding, trace_rules
from diagnostics.forms.trace_rules import KINDS, TraceRuleForm
from diagnostics.models import OtlpTrace, TraceRule
from diagnostics.parsers.otlp import Rule
from diagnostics.views.access import Visitor, may, needs

LAST = 50
STEPS = {"up": -1, "down": 1}


def traces(request: Visitor) -> HttpResponse:
    return _page(request, TraceRuleForm())


@needs("editor")
@require_POST
def add(request: Visitor) -> HttpResponse:
    form = TraceRuleForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    trace_rules.add(form.rule())
    messages.success(request, _("The rule “%(name)s” is first now; it decides on what comes.") % form.cleaned_data)
    return redirect("traces")


@needs("editor")
@require_POST
def change(request: Visitor, place: int, action: str) -> HttpResponse:
    if action == "remove":
        trace_rules.remove(place)
    elif action in STEPS:
        trace_rules.move(place, STEPS[action])
    return redirect("traces")


@needs("editor")
@require_POST
def reset(request: Visitor) -> HttpResponse:
    trace_rules.reset()
    messages.success(request, _("The rules are those that everybody begins with."))
    return redirect("traces")


@needs("editor")
@require_POST
def look_again(request: Visitor, trace_id: UUID) -> HttpResponse:
    trace_rules.look_again(get_object_or_404(OtlpTrace, pk=trace_id))
    messages.success(request, _("The trace is decided on anew within moments, by the rules of now."))
    return redirect("traces")


def _page(request: Visitor, form: TraceRuleForm) -> HttpResponse:
    rules = list(TraceRule.objects.in_force())
    context: dict[str, Any] = {
        "section": "settings",
        "tab": "traces",
        "form": form,
        "rules": [{"rule": rule, "says": _conditions(rule), "is_last": rule is rules[-1]} for rule in rules],
        "are_default": trace_rules.are_default(),
        "traces": OtlpTrace.objects.newest_first()[:LAST],
        "may_edit": may(request.user, "editor"),
        "days": settings.REQUEST_TRACE_DAYS,
        "quiet": f"{settings.OTLP_QUIET:g}",
        "forwarding": forwarding.state(),
    }
    return render(request, "settings/traces.html", context)


def _conditions(rule: Rule) -> list[tuple[str, str]]:
    """What the rule asks for, in words, each with its pattern."""
    kinds = dict(KINDS)
    told = [
        (_("trace chosen by autoglm-debug"), "") if rule.by_agent else None,
        (_("a span named"), rule.span) if rule.span else None,
        (_("root's service"), rule.service) if rule.service else None,
        (_("top span of kind"), str(kinds.get(rule.kind, rule.kind))) if rule.kind else None,
        (_("top span with"), rule.attribute) if rule.attribute else None,
        (_("resource with"), rule.resource) if rule.resource else None,
    ]
    return [one for one in told if one]
