"""Every error of the API in one shape, mapped in one place: ``{"error": {"code", "message", "where"}}``."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg_pool import PoolTimeout

from diagnostics.alerting import AlertError
from diagnostics.baselines import PolicyError
from diagnostics.ingest import UploadError
from diagnostics.monitoring import MonitorError
from diagnostics.pictures import NoPicture
from diagnostics.querysets.selector import SelectorError
from diagnostics.records import ParseError
from diagnostics.triage import TriageError

logger = logging.getLogger(__name__)
STATUS = {
    "conflict": 409,
    "content_gone": 410,
    "invalid_parameter": 422,
    "service_not_allowed": 403,
    "body_too_large": 413,
    "unsupported_encoding": 415,
}
NUL = "This text holds a NUL character, which cannot be stored"


class ErrorDetail(Schema):
    code: str
    message: str
    where: str = ""


class ErrorOut(Schema):
    error: ErrorDetail


class ApiError(Exception):
    """An answer other than the wanted one, from the API layer itself."""

    def __init__(self, status: int, code: str, message: str, where: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.where = where


def answer(request: HttpRequest, status: int, code: str, message: str, where: str = "") -> HttpResponse:
    body = orjson.dumps({"error": {"code": code, "message": message, "where": where}})
    response = HttpResponse(body, content_type="application/json", status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if status == 503:
        response["Retry-After"] = "5"
    return response


def _api_error(request: HttpRequest, error: ApiError) -> HttpResponse:
    return answer(request, error.status, error.code, error.message, error.where)


def _refused(
    request: HttpRequest,
    error: ParseError | UploadError | SelectorError | TriageError | PolicyError | MonitorError | AlertError,
) -> HttpResponse:
    return answer(request, STATUS.get(error.code, 400), error.code, error.message, error.where)


def _invalid_parameter(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    message = NUL if first["type"] == "string_pattern_mismatch" and r"\x00" in str(first["msg"]) else str(first["msg"])
    return answer(request, 422, "invalid_parameter", message, str(first["loc"][-1]))


def _unauthorized(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    message = "Send a token: Authorization: Bearer <token>, made under Settings → Tokens"
    return answer(request, 401, "unauthorized", message, "Authorization")


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    # Ninja hides why a body could not be read behind an error of its own.
    if isinstance(error.__cause__, ApiError):
        return _api_error(request, error.__cause__)
    return answer(request, error.status_code, "bad_request", str(error))


def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return answer(request, 413, "body_too_large", "This body is larger than MAX_BODY_BYTES", "body")


def _too_many_parameters(request: HttpRequest, error: TooManyFieldsSent) -> HttpResponse:
    most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    return answer(request, 400, "too_many_parameters", f"The URL has more than {most:,} parameters", "query")


def suspicious(request: HttpRequest, error: Exception) -> HttpResponse:
    """What Django refuses before any endpoint sees it."""
    if isinstance(error, DisallowedHost):
        host = request.META.get("HTTP_HOST", "")[:100]
        return answer(
            request,
            400,
            "unknown_host",
            f"This server does not answer to “{host}”: add the name to ALLOWED_HOSTS",
            "Host",
        )
    return answer(request, 400, "bad_request", "This request cannot be understood", request.path)


def not_found(request: HttpRequest, error: Exception) -> HttpResponse:
    return answer(request, 404, "not_found", "There is no such thing, or this token may not see it", request.path)


def _no_picture(request: HttpRequest, error: NoPicture) -> HttpResponse:
    return answer(request, 503, "no_picture", f"There is no picture: {error}", "format")


def _unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.exception("The database did not answer %s %s", request.method, request.path)
    return answer(request, 503, "database_unavailable", "The database does not answer; try again")


def _unstorable(request: HttpRequest, error: DataError) -> HttpResponse:
    logger.warning("The database refused a value of %s %s: %s", request.method, request.path, error)
    return answer(request, 400, "invalid_value", "A value of this request is not one that the database can hold")


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.exception("Unexpected error in %s %s", request.method, request.path)
    return answer(request, 500, "internal_error", "The server made a mistake; it is in its log")


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    ApiError: _api_error,
    ParseError: _refused,
    UploadError: _refused,
    SelectorError: _refused,
    TriageError: _refused,
    PolicyError: _refused,
    MonitorError: _refused,
    AlertError: _refused,
    ValidationError: _invalid_parameter,
    AuthenticationError: _unauthorized,
    HttpError: _http_error,
    RequestDataTooBig: _too_big,
    TooManyFieldsSent: _too_many_parameters,
    SuspiciousOperation: suspicious,
    Http404: not_found,
    NoPicture: _no_picture,
    DataError: _unstorable,
    OperationalError: _unavailable,
    InterfaceError: _unavailable,
    PoolTimeout: _unavailable,
    Exception: _unexpected,
}


def install(api: NinjaAPI) -> None:
    """Teach the API to answer each exception of the core in the contract's shape."""
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)
