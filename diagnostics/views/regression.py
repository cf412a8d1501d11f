"""One regression: how it went, the rule and the numbers behind it, who did what, and deciding about it."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from diagnostics import tasks
from diagnostics.baselines import begin_anew
from diagnostics.change_history import look
from diagnostics.charts.duration import human
from diagnostics.charts.serialise import to_json
from diagnostics.launch_fields import changes_since
from diagnostics.marks import on_trend
from diagnostics.models import Marker, Regression
from diagnostics.triage import MOVES, Decision, TriageError, decide
from diagnostics.views.access import Visitor, may, needs
from diagnostics.views.compare import changed
from diagnostics.views.figure_width import figure_width
from diagnostics.views.regressions import actor_of
from diagnostics.views.trend_marks import marks, trend_points

TREND_POINTS = 500
MOST_PEOPLE = 500


@require_http_methods(["GET", "HEAD", "POST"])
def regression(request: Visitor, pk: int) -> HttpResponseBase:
    """The page; a POST decides (from here, or from a row of the list, which says so with ``back``)."""
    if request.method == "POST":
        return _decided(request, pk)
    shown = get_object_or_404(Regression.objects.listed(), pk=pk)
    context = {
        "section": "regressions",
        "regression": shown,
        "numbers": list(_numbers(shown)),
        "drift": look(shown.service, shown.phase, TREND_POINTS).drift_of(shown.pk),
        "changes": shown.changes.select_related("user").order_by("-pk"),
        "compare": _comparison(shown),
        **changed(changes_since(shown.first_launch)),
        "deploy": Marker.objects.deployed(shown.service, shown.first_version, shown.first_launch.start_time),
        "policy": getattr(shown.service, "policy", None),
        "people": User.objects.filter(is_active=True).order_by("username")[:MOST_PEOPLE],
        "moves": MOVES[shown.state],
        "may_triage": may(request.user, "editor"),
        "resolve_after": settings.RESOLVE_AFTER,
    }
    return render(request, "regressions/detail.html", context)


@needs("editor")
def _decided(request: Visitor, pk: int) -> HttpResponse:
    told = {name: request.POST[name] for name in ("assignee", "note", "ticket") if name in request.POST}
    state = request.POST.get("state") or None
    try:
        decide(pk, Decision(state=state, reason=request.POST.get("reason"), **told), actor_of(request))
    except Regression.DoesNotExist:
        messages.error(request, _("This regression is gone."))
        return redirect("regressions")
    except TriageError as error:
        messages.error(request, error.message)
    if "back" in request.POST:
        return redirect(f"{reverse('regressions')}?{request.POST['back']}#{pk}")
    return redirect("regression", pk)


@needs("editor")
@require_http_methods(["POST"])
def new_normal(request: Visitor, pk: int) -> HttpResponse:
    """One click: what this regression tells of is how it is now."""
    shown = get_object_or_404(Regression.objects.select_related("first_launch", "service"), pk=pk)
    tasks.judge_again(begin_anew(shown.first_launch, actor_of(request)))
    words = _("The baseline of %(service)s begins anew with its first slower launch.") % {"service": shown.service}
    messages.success(request, words)
    return redirect("regression", pk)


def trend(request: Visitor, pk: int) -> HttpResponse:
    from diagnostics.charts.deploy_marks import with_deploys
    from diagnostics.charts.regression import regression_trend  # plotly takes its time to import

    shown = get_object_or_404(Regression.objects.listed(), pk=pk)
    looked = look(shown.service, shown.phase, TREND_POINTS)
    drawn = regression_trend(
        trend_points(looked.points),
        shown.first_launch.start_time,
        (shown.baseline_ns, shown.candidate_ns),
        figure_width(request),
        marks(looked, without=shown.pk),
    )
    with_deploys(drawn, on_trend(shown.service, [point.start_time for point in looked.points]))
    return HttpResponse(to_json(drawn), content_type="application/json")


def _numbers(shown: Regression) -> Iterable[tuple[str, str]]:
    """The numbers behind the flag as (what, how much), the ones every rule has first."""
    yield _("baseline"), human(shown.baseline_ns)
    yield _("since then"), human(shown.candidate_ns)
    yield _("ratio between"), f"{shown.low:.3g} – {shown.high:.3g}"
    yield _("back at the baseline up to"), human(shown.limit)
    for name, value, unit in shown.numbers:
        yield _(name), _worded(value, unit)


def _worded(value: float | str, unit: str) -> str:
    if unit == "ns" and isinstance(value, int | float):
        return human(round(value))
    if unit == "ratio" and isinstance(value, int | float):
        return f"{value * 100:g} %"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _comparison(shown: Regression) -> str:
    """The query of the comparison: the launches before it began against those since."""
    service, environment = (quote(text, safe="") for text in (shown.service.name, shown.service.environment))
    own, begin = f"service={service},environment={environment}", shown.first_launch.start_time
    before, since = f"{own},until={begin},last=20", f"{own},since={begin},last=20"
    return f"baseline={quote(before)}&candidate={quote(since)}"
