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
        Limit("TASK_TIME_LIMIT", _("Longest time a worker spends on one task"), _seconds(settings.TASK_TIME_LIMIT)),
        Limit("SWEEP_INTERVAL", _("Time between two looks for forgotten artifacts"), _seconds(settings.SWEEP_INTERVAL)),
        Limit("SWEEP_AGE", _("Age from which an unparsed artifact counts as forgotten"), _seconds(settings.SWEEP_AGE)),
    ]


def _mebibytes(size: int) -> str:
    return f"{size / 1024**2:g} MiB"


def _seconds(seconds: int) -> str:
    return human(seconds * NS_PER_SECOND)
