"""Settings that the history of a launch's service recommends, asked for when somebody opens them."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from diagnostics import diagnosing
from diagnostics.models import Launch
from diagnostics.views.access import Visitor

TITLES = {
    "startup-probe": gettext_lazy("Startup probe"),
    "resources": gettext_lazy("Requests and limits"),
    "model-load-timeout": gettext_lazy("Time-out for loading the model"),
    "replicas": gettext_lazy("Replicas"),
}


def advice(request: Visitor, launch_id: uuid.UUID) -> HttpResponse:
    """The sentences and their YAML, for htmx."""
    launch = get_object_or_404(Launch.objects.select_related("service", "host"), pk=launch_id, total_ns__isnull=False)
    told = [(topic, TITLES[topic], one) for topic, one in diagnosing.recommended(launch).items()]
    return render(request, "launches/advice_answer.html", {"launch": launch, "advice": told})
