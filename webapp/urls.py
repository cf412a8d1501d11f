"""The root of all paths: health, the API, and the pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from diagnostics.api import api
from webapp.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/v1/", api.urls),
    path("", include("diagnostics.urls")),
]
