"""When reports are due: schedules are made, changed, tried out and sent by hand here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from diagnostics import reporting, tasks
from diagnostics.forms.reports import ScheduleForm, initial
from diagnostics.models import Schedule
from diagnostics.reporting import Asked, Content, ScheduleError
from diagnostics.views.access import Visitor, may, needs

ZONES = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
LENGTHS = {"day": 1, "week": 7, "month": 30}


def schedules(request: Visitor) -> HttpResponse:
    context = {
        "section": "reports",
        "schedules": Schedule.objects.listed(),
        "editable": may(request.user, "editor"),
    }
    return render(request, "reports/schedules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: Visitor, pk: int | None = None) -> HttpResponse:
    """One as a form; a POST saves it, or with ``preview`` shows what the report would say."""
    own = get_object_or_404(Schedule, pk=pk) if pk else Schedule(cron="0 8 * * 1", time_zone="UTC")
    editable = may(request.user, "editor")
    if request.method == "POST" and not editable:
        raise PermissionDenied(_("This needs the role “%(role)s”. Ask an administrator for it.") % {"role": "editor"})
    form = ScheduleForm(request.POST if request.method == "POST" else None, initial=initial(own))
    context: dict[str, Any] = {
        "section": "reports",
        "schedule": own,
        "form": form,
        "editable": editable,
        "zones": ZONES,
    }
    if form.is_bound and form.is_valid():
        if "preview" in request.POST:
            context["content"] = reporting.preview(_asked(form), translation.get_language())
        elif _saved(request, own, form):
            return redirect("schedules")
    return render(request, "reports/schedule.html", context, status=400 if form.errors else 200)


def _saved(request: Visitor, own: Schedule, form: ScheduleForm) -> bool:
    try:
        saved = reporting.save_schedule(own, form.wanted(), request.user.get_username())
    except ScheduleError as error:
        form.refuse(error)
        return False
    messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
    return True


def _asked(form: ScheduleForm) -> Asked:
    """What the form, not saved yet, asks for: its period up to now, or the last day."""
    told, now = form.cleaned_data, datetime.now(UTC)
    return Asked(
        since=now - timedelta(days=LENGTHS.get(told["period"], 1)),
        until=now,
        services=[one.pk for one in told["services"]],
        labels=told["labels"],
        name=told["name"],
        language=told["language"],
    )


def preview(request: Visitor, pk: int) -> HttpResponse:
    """What this schedule's report would say if it were due now."""
    own = get_object_or_404(Schedule, pk=pk)
    context = {"section": "reports", "schedule": own, "content": _content(own)}
    return render(request, "reports/preview.html", context)


def _content(own: Schedule) -> Content:
    return reporting.preview(reporting.asked_now(own), translation.get_language())


@needs("editor")
@require_POST
def send(request: Visitor, pk: int) -> HttpResponse:
    """A report at once; a worker makes it."""
    own = get_object_or_404(Schedule, pk=pk)
    report = reporting.send_now(own, request.user.get_username())
    tasks.enqueue_report(report.pk)
    messages.success(request, _("The report is being made."))
    return redirect("report", report.pk)


@needs("editor")
@require_POST
def switch(request: Visitor, pk: int) -> HttpResponse:
    own = get_object_or_404(Schedule, pk=pk)
    try:
        reporting.set_enabled(own, not own.enabled)
    except ScheduleError as error:
        messages.error(request, error.message)
    return redirect("schedules")


@needs("editor")
@require_POST
def delete(request: Visitor, pk: int) -> HttpResponse:
    """The schedule goes; the reports it has made stay."""
    own = get_object_or_404(Schedule, pk=pk)
    own.delete()
    messages.success(request, _("“%(name)s” is deleted. Its reports are kept.") % {"name": own.name})
    return redirect("schedules")
