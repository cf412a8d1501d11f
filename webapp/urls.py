"""The root of all paths: liveness here, everything else in the app."""

from __future__ import annotations

from importlib.util import find_spec

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness only: touching the database here would get a healthy web server killed while the database restarts."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [path("healthz", healthz, name="healthz")]
if find_spec("diagnostics.urls"):
    urlpatterns.append(path("", include("diagnostics.urls")))
