"""Settings › Limits: the limits in force, read only, each with the variable that sets it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from diagnostics.charts.duration import human
from diagnostics.records import NS_PER_SECOND
from diagnostics.views.access import Visitor, may


@dataclass(frozen=True, slots=True)
class Limit:
    variable: str
    meaning: str | Promise
    value: str


def settings_home(request: Visitor) -> HttpResponse:
    """The first tab this visitor may see."""
    if may(request.user, "admin"):
        return redirect("users")
    return redirect("tokens" if may(request.user, "editor") else "limits")


def limits(request: Visitor) -> HttpResponse:
    return render(request, "settings/limits.html", {"section": "settings", "tab": "limits", "limits": in_force()})


def in_force() -> list[Limit]:
    return [
        Limit("MAX_BODY_BYTES", _("Largest upload, as sent"), _mebibytes(settings.MAX_BODY_BYTES)),
        Limit("MAX_DECOMPRESSED_BYTES", _("Largest upload, decompressed"), _mebibytes(settings.MAX_DECOMPRESSED_BYTES)),
        Limit("FLOOR_RATIO", _("Least change worth a flag, relative"), f"{settings.FLOOR_RATIO * 100:g} %"),
        Limit("FLOOR_NS", _("Least change worth a flag, absolute (both must be exceeded)"), human(settings.FLOOR_NS)),
        Limit("BASELINE_LAUNCHES", _("Successful launches a baseline looks back"), str(settings.BASELINE_LAUNCHES)),
        Limit("BASELINE_LEAST", _("Fewest of them that a launch is judged against"), str(settings.BASELINE_LEAST)),
        Limit(
            "RESOLVE_AFTER", _("Launches back at the baseline that resolve a regression"), str(settings.RESOLVE_AFTER)
        ),
        *_of_traces(),
        Limit("TASK_TIME_LIMIT", _("Longest time a worker spends on one task"), _seconds(settings.TASK_TIME_LIMIT)),
        Limit("SWEEP_INTERVAL", _("Time between two looks for forgotten artifacts"), _seconds(settings.SWEEP_INTERVAL)),
        Limit("SWEEP_AGE", _("Age from which an unparsed artifact counts as forgotten"), _seconds(settings.SWEEP_AGE)),
    ]


def _of_traces() -> list[Limit]:
    return [
        Limit(
            "OTLP_MAX_BYTES",
            _("Largest request of spans, as sent and decompressed"),
            _mebibytes(settings.OTLP_MAX_BYTES),
        ),
        Limit("OTLP_QUIET", _("Time without new spans after which a trace is judged"), _seconds(settings.OTLP_QUIET)),
        Limit(
            "OTLP_MOST_WAITING",
            _("Unparsed uploads above which senders of spans wait"),
            str(settings.OTLP_MOST_WAITING),
        ),
        Limit("REQUEST_TRACE_DAYS", _("Days that traces of requests are kept"), str(settings.REQUEST_TRACE_DAYS)),
        Limit("REQUEST_TRACES_MOST", _("Most traces of requests that are kept"), str(settings.REQUEST_TRACES_MOST)),
        Limit("FORWARD_OTLP_ENDPOINT", _("Where launches are forwarded to"), settings.FORWARD_OTLP_ENDPOINT or "–"),
        Limit("FORWARD_MOST", _("Most launches that wait to be forwarded"), str(settings.FORWARD_MOST)),
    ]


def _mebibytes(size: int) -> str:
    return f"{size / 1024**2:g} MiB"


def _seconds(seconds: float) -> str:
    return human(round(seconds * NS_PER_SECOND))
