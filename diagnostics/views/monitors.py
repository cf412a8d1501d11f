"""Monitors: how services answer, and what is asked of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from diagnostics import monitoring
from diagnostics.alerting import KINDS, rules_for
from diagnostics.charts.serialise import to_json
from diagnostics.forms.monitors import MonitorForm, initial
from diagnostics.models import Alert, Check, Monitor, Service
from diagnostics.monitoring.alerts import CERTIFICATE, FAILURES, LATENCY
from diagnostics.records import NS_PER_SECOND, Interval
from diagnostics.views.access import Visitor, may, needs
from diagnostics.views.figure_width import figure_width
from diagnostics.views.regressions import actor_of

PAGE, FAILURES_SHOWN, OUTAGES_SHOWN, POINTS = 50, 10, 10, 500
DAY = timedelta(days=1)
RANGES = {"1h": timedelta(hours=1), "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}


def monitors(request: Visitor) -> HttpResponse:
    """All of them, or with ``?service=`` those of one, and what its agents' probes say of time-outs."""
    wanted = {key: request.GET[key].replace("\0", "") for key in ("service", "environment") if request.GET.get(key)}
    rows = Monitor.objects.listed().filter(
        **{{"service": "service__name"}.get(key, "service__environment"): text for key, text in wanted.items()}
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "monitors",
        "page": page,
        "rows": _rows(list(page.object_list)),
        "ever": bool(wanted) and Monitor.objects.exists(),
        "editable": may(request.user, "editor"),
        **wanted,
        "probes": _probes(wanted),
    }
    return render(request, "monitors/list.html", context)


def monitor(request: Visitor, pk: int) -> HttpResponse:
    one = get_object_or_404(Monitor.objects.select_related("service"), pk=pk)
    now = timezone.now()
    span = request.GET.get("range", "24h")
    context = {
        "section": "monitors",
        "monitor": one,
        "editable": may(request.user, "editor"),
        "strip": Check.objects.strips([one.pk], now)[one.pk],
        "summaries": [(name, Check.objects.summaries([one.pk], now - RANGES[name], now)[one.pk]) for name in RANGES],
        "ranges": list(RANGES),
        "span": span if span in RANGES else "24h",
        "last": Check.objects.filter(monitor=one).order_by("-at").first(),
        "failures": Check.objects.filter(monitor=one, ok=False).order_by("-at")[:FAILURES_SHOWN],
        "outages": one.outages.order_by("-began_at", "-pk")[:OUTAGES_SHOWN],
        "rules": _rules(one.service),
        "alerts": Alert.objects.live().filter(service=one.service_id, subject_key=one.key),
        "headers": monitoring.header_names(one),
    }
    return render(request, "monitors/detail.html", context)


def latencies(request: Visitor, pk: int) -> HttpResponse:
    """The chart of ``?range=``: 1h, 24h, 7d or 30d."""
    from diagnostics.charts.monitor import latencies as drawn  # plotly takes its time to import

    one = get_object_or_404(Monitor.objects.select_related("service"), pk=pk)
    end = timezone.now()
    start = end - RANGES.get(request.GET.get("range", ""), DAY)
    rules = rules_for(LATENCY, one.service)
    limits = sorted({round(KINDS[LATENCY].setting(rule, "limit_s") * NS_PER_SECOND) for rule in rules})
    drawing = drawn(_points(one, start, end), Interval(_ns(start), _ns(end)), limits, figure_width(request))
    return HttpResponse(to_json(drawing), content_type="application/json")


@needs("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def new_monitor(request: Visitor) -> HttpResponse:
    given = {key: request.GET.get(key, "") for key in ("service", "environment")}
    return _form(request, None, given | {"name": "health"})


@needs("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_monitor(request: Visitor, pk: int) -> HttpResponse:
    one = get_object_or_404(Monitor.objects.select_related("service"), pk=pk)
    return _form(request, one, initial(one))


@needs("editor")
@require_POST
def switch_monitor(request: Visitor, pk: int) -> HttpResponse:
    """Pause, or go on with ``enabled=1``."""
    one = get_object_or_404(Monitor, pk=pk)
    monitoring.switch(one, request.POST.get("enabled") == "1", actor_of(request))
    return redirect("monitor", pk)


@needs("editor")
@require_POST
def delete_monitor(request: Visitor, pk: int) -> HttpResponse:
    one = get_object_or_404(Monitor, pk=pk)
    monitoring.delete(one, actor_of(request))
    messages.success(request, _("The monitor “%(name)s” is deleted.") % {"name": one.name})
    return redirect("monitors")


@needs("editor")
@require_POST
def check_monitor(request: Visitor, pk: int) -> HttpResponse:
    """Check now; what comes out is recorded like any other check."""
    check = monitoring.check_now(get_object_or_404(Monitor, pk=pk))
    if check is None:
        messages.info(request, _("A check is running just now."))
    elif check.ok:
        messages.success(request, _("Checked: it answers as expected."))
    else:
        messages.error(request, _("Checked: %(why)s") % {"why": check.error})
    return redirect("monitor", pk)


def _form(request: Visitor, one: Monitor | None, shown: dict[str, Any]) -> HttpResponse:
    form = MonitorForm(request.POST or None, initial=shown, may_set_headers=may(request.user, "admin"))
    if request.method == "POST" and form.is_valid() and (saved := _saved(request, one, form)):
        messages.success(request, _("Saved."))
        return redirect("monitor", saved.pk)
    context = {"section": "monitors", "monitor": one, "form": form, "services": Service.objects.all()[:1000]}
    return render(request, "monitors/form.html", context, status=400 if form.errors else 200)


def _saved(request: Visitor, one: Monitor | None, form: MonitorForm) -> Monitor | None:
    place = form.cleaned_data["service"], form.cleaned_data["environment"]
    try:
        return monitoring.save(place, form.wanted(), actor_of(request), one)
    except monitoring.MonitorError as error:
        form.add_error(error.where if error.where in form.fields else None, error.message)
        return None


def _rows(shown: list[Monitor]) -> list[tuple[Monitor, Any, Any]]:
    if not shown:
        return []
    now, keys = timezone.now(), [one.pk for one in shown]
    strips, summaries = Check.objects.strips(keys, now), Check.objects.summaries(keys, now - DAY, now)
    return [(one, strips[one.pk], summaries[one.pk]) for one in shown]


def _probes(wanted: dict[str, str]) -> list[monitoring.ProbeTable]:
    if "service" not in wanted:
        return []
    services = Service.objects.filter(name=wanted["service"])
    if "environment" in wanted:
        services = services.filter(environment=wanted["environment"])
    return [table for service in services[:5] for table in monitoring.probe_tables(service)]


def _rules(service: Service) -> list[tuple[Any, str]]:
    """The rules on a monitor of this service, each with its condition in words."""
    found = [rule for kind in (FAILURES, LATENCY, CERTIFICATE) for rule in rules_for(kind, service)]
    told = [(rule, *KINDS[rule.kind].sentence(rule)) for rule in found]
    return [(rule, _(words) % values) for rule, words, values in told]


def _points(one: Monitor, start: datetime, end: datetime) -> list[Any]:
    from diagnostics.charts.monitor import LatencyPoint

    return [
        LatencyPoint(
            round(row.at * NS_PER_SECOND),
            row.checks,
            row.failed,
            None if row.median is None else round(row.median),
            row.slowest,
            row.error or "",
        )
        for row in Check.objects.latencies(one.pk, start, end, POINTS)
    ]


def _ns(moment: datetime) -> int:
    return round(moment.timestamp() * NS_PER_SECOND)
