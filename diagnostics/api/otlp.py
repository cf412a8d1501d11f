"""``POST /v1/traces``: OTLP/HTTP as its specification has it, outside the contract of ``/api/v1``.

Requests and answers are protobuf or JSON, errors a ``Status``; a sender tries again after 429 and 503 only.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import unquote

import orjson
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from psycopg_pool import PoolTimeout

from diagnostics import ingest, tasks
from diagnostics.api.auth import Access, Scope, TokenAuth
from diagnostics.api.body import Caps, read_body
from diagnostics.api.errors import ApiError
from diagnostics.records import ParseError

logger = logging.getLogger(__name__)
JSON, PROTOBUF = "application/json", "application/x-protobuf"
READ_ON, PIECE = 64 * 1024**2, 1024**2  # bytes of a request that is too large
TOKEN_HEADER = "X-Launchscope-Token"  # noqa: S105  (the header's name, not a token)
# The codes of gRPC that a Status carries.
INVALID, DENIED, EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED = 3, 7, 8, 12, 13, 14, 16
CODES = {400: INVALID, 401: UNAUTHENTICATED, 403: DENIED, 405: UNIMPLEMENTED, 413: EXHAUSTED, 415: INVALID}
SEND = TokenAuth(Scope.INGEST)
BINARY = {"type": "string", "format": "binary"}
STATUS = {
    "type": "object",
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
    "required": ["code", "message"],
}
SPANS = {"type": "object", "properties": {"resourceSpans": {"type": ["array", "null"], "items": {"type": "object"}}}}
FAILURES = {
    400: "Not OTLP",
    401: "No token, or an unknown one",
    403: "A token of another scope",
    413: "More than OTLP_MAX_BYTES",
    415: "Another Content-Type or Content-Encoding",
    429: "Too much at once; see Retry-After",
    503: "Not able to store; see Retry-After",
}


def _described(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": {JSON: {"schema": schema}, PROTOBUF: {"schema": BINARY}}}


# Its place in the OpenAPI document, which knows paths of the contract alone.
DOCUMENT: dict[str, Any] = {
    "/v1/traces": {
        "post": {
            "operationId": "otlp_traces",
            "summary": "OTLP/HTTP: spans become launches",
            "description": "An ExportTraceServiceRequest; the answer is in the request's encoding.",
            "tags": ["launches"],
            "parameters": [],
            "security": [{"TokenAuth": []}],
            "requestBody": {
                "required": True,
                "content": {JSON: {"schema": SPANS}, PROTOBUF: {"schema": BINARY}},
            },
            "responses": {
                200: _described("Stored; partialSuccess tells what was not", {"type": "object"}),
                **{status: _described(text, STATUS) for status, text in FAILURES.items()},
            },
        }
    }
}


@csrf_exempt
def traces(request: HttpRequest) -> HttpResponse:
    """Keep the spans of this request; a worker makes launches of them."""
    media = _media(request)
    try:
        accepted = _accepted(request, media)
    except ApiError as error:
        return _refusal(media, error.status, CODES.get(error.status, INVALID), error.message)
    except ParseError as error:
        return _refusal(media, 400, INVALID, f"{error.message} ({error.where})" if error.where else error.message)
    except ingest.UploadError as error:
        return _refusal(media, 429, EXHAUSTED, error.message)
    except (OperationalError, InterfaceError, PoolTimeout):
        logger.exception("The database did not answer POST /v1/traces")
        return _refusal(media, 503, UNAVAILABLE, "The database does not answer; try again")
    except Exception:
        logger.exception("Unexpected error in POST /v1/traces")
        return _refusal(media, 500, INTERNAL, "The server made a mistake; it is in its log")
    if accepted.artifact:
        tasks.enqueue_parse(accepted.artifact)
    return _answer(media, accepted)


def _accepted(request: HttpRequest, media: str) -> ingest.TracesAccepted:
    if request.method != "POST":
        raise ApiError(405, "method_not_allowed", f"{request.method} is not offered here, but POST")
    access = _access(request)
    if not media:
        raise ApiError(415, "unsupported_type", f"Send {PROTOBUF} or {JSON} as Content-Type")
    caps = Caps(settings.OTLP_MAX_BYTES, settings.OTLP_MAX_BYTES)
    try:
        body = read_body(request, ends_itself=True, caps=caps)
    except ApiError as error:
        if error.status == 413:
            _read_on(request)
        raise
    return ingest.accept_traces(body, media == JSON, access.services)


def _read_on(request: HttpRequest) -> None:
    """A sender that is cut off in the middle misses the answer, and sends the same again."""
    for _ in range(READ_ON // PIECE):
        if not request.read(PIECE):
            return


def _media(request: HttpRequest) -> str:
    media = (request.content_type or "").lower()
    return {JSON: JSON, PROTOBUF: PROTOBUF, "application/protobuf": PROTOBUF}.get(media, "")


def _access(request: HttpRequest) -> Access:
    # OTEL_EXPORTER_OTLP_HEADERS is URL-encoded, and some senders leave it so.
    told = unquote(request.headers.get("Authorization", "")).strip()
    scheme, _, token = told.partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    token = token or unquote(request.headers.get(TOKEN_HEADER, "")).strip()
    if not token:
        message = f"Send an ingest token: Authorization: Bearer <token>, or {TOKEN_HEADER}: <token>"
        raise ApiError(401, "unauthorized", message, "Authorization")
    return SEND.authenticate(request, token)


def _answer(media: str, accepted: ingest.TracesAccepted) -> HttpResponse:
    if media == JSON:
        # 64-bit integers are text in the JSON of protobuf.
        partial = {"rejectedSpans": str(accepted.rejected), "errorMessage": accepted.reason}
        return _response(media, 200, orjson.dumps({"partialSuccess": partial} if accepted.rejected else {}))
    response = ExportTraceServiceResponse()
    if accepted.rejected:
        response.partial_success.rejected_spans = accepted.rejected
        response.partial_success.error_message = accepted.reason
    return _response(media, 200, response.SerializeToString())


def _refusal(media: str, status: int, code: int, message: str) -> HttpResponse:
    if media == PROTOBUF:
        response = _response(media, status, _status(code, message))
    else:
        response = _response(JSON, status, orjson.dumps({"code": code, "message": message}))
    headers: dict[int, Any] = {401: ("WWW-Authenticate", "Bearer"), 405: ("Allow", "POST")}
    headers |= dict.fromkeys((429, 503), ("Retry-After", "5"))
    if status in headers:
        name, value = headers[status]
        response[name] = value
    return response


def _response(media: str, status: int, body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type=media, status=status)


def _status(code: int, message: str) -> bytes:
    """A ``google.rpc.Status`` on the wire: ``int32 code = 1; string message = 2``."""
    text = message.encode()
    return bytes([0x08, code, 0x12]) + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])
