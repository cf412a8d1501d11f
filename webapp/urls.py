"""The root of all paths: health, the API, and the pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from diagnostics.api import api
from diagnostics.api.otlp import traces
from webapp.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/v1/", api.urls),
    path("v1/traces", traces, name="otlp_traces"),
    path("", include("diagnostics.urls")),
]
# Named, not imported: Django looks for them here.
handler400 = "webapp.refusals.bad_request"
handler404 = "webapp.refusals.not_found"
