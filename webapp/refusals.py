"""Requests that reach no view: programs are told in the API's shape, people on a page."""

from __future__ import annotations

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.loader import render_to_string
from django.views import defaults

from diagnostics.api import errors


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return errors.suspicious(request, exception)
    unknown_host = request.META.get("HTTP_HOST", "") if isinstance(exception, DisallowedHost) else ""
    return HttpResponseBadRequest(render_to_string("400.html", {"unknown_host": unknown_host[:100]}))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return errors.not_found(request, exception)
    return defaults.page_not_found(request, exception)
