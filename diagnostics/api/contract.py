"""The API as a whole: its document is complete, and whatever goes wrong is told in the contract's one shape."""

from __future__ import annotations

import http
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from diagnostics.api import otlp
from diagnostics.api.errors import answer
from diagnostics.parsers.snapshot_form import schema_definitions

ERROR = {"$ref": "#/components/schemas/ErrorOut"}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# Matches what no endpoint before it does; added last.
elsewhere = Router(auth=None)


@elsewhere.api_operation(METHODS, "/{any:rest}", include_in_schema=False)
def nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    raise Http404


class ContractAPI(NinjaAPI):
    """Ninja's API, with the snapshot's types among its components and no answer outside the contract."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        document["components"]["schemas"] |= schema_definitions("#/components/schemas/{name}")
        for path, methods in document["paths"].items():
            for operation in methods.values():
                _complete(path, operation)
        document["paths"] |= otlp.DOCUMENT
        return document

    def get_openapi_operation_id(self, operation: Operation) -> str:
        module = operation.view_func.__module__.rpartition(".")[2]
        return f"{module}_{operation.view_func.__name__}"

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        patterns, app_name, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = _with_refusal(pattern.callback)
        return patterns, app_name, namespace


def _complete(path: str, operation: dict[str, Any]) -> None:
    """What any request may be answered, as the handlers of ``errors`` do it, so that no endpoint has to repeat it."""
    told = operation["responses"]
    if "security" not in operation:
        return
    statuses = {400, 401, 403, 422, 503} | ({404} if "{" in path else set())
    statuses |= {413, 415} if "requestBody" in operation else set()
    for status in statuses - told.keys():
        told[status] = {
            "description": http.HTTPStatus(status).phrase,
            "content": {"application/json": {"schema": ERROR}},
        }


def _with_refusal(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ninja answers another method in plain text, before any handler of ours."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        allowed = response["Allow"]
        refusal = answer(
            request, 405, "method_not_allowed", f"{request.method} is not offered here, but {allowed}", request.path
        )
        refusal["Allow"] = allowed
        return refusal

    return told
