"""Schemathesis asks every operation of the OpenAPI document what the document allows, and what it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from diagnostics.api import api
from tests.api.conftest import issue
from tests.api.world import populated

pytestmark = pytest.mark.django_db
SENDS = ("/launches", "/artifacts", "/artifacts/{artifact_id}/parse", "/bundles", "/markers", "/alertmanager")
# fmt: off
# Where a value may be refused that fits its schema, because of what it means.
WINDOW = {"to"}
MEANING = {
    "/api/v1/launches/{launch_id}/evidence": WINDOW,
    "/api/v1/launches/{launch_id}/figure": WINDOW,
    "/api/v1/launches/{launch_id}/waterfall": WINDOW,
    "/api/v1/regressions/{regression_id}": {"assignee", "state", "reason", "note", "ticket"},
    "/api/v1/monitors": {
        "name", "url", "expected_status", "expected_body", "interval", "max_time", "method", "headers", "tls_warn_days",
        "service", "environment",
    },
    "/api/v1/alert-rules": {
        "name",
        "kind",
        "settings",
        "severity",
        "quiet_zone",
        "channels",
        "service",
        "phase",
        "for_times",
        "for_seconds",
        "resolve_after",
        "cool_down",
    },
}
# fmt: on
BINARY = (
    "application/octet-stream",
    "application/gzip",
    "application/zstd",
    "application/zip",
    "application/x-tar",
    "application/x-protobuf",
)  # fmt: skip
for media in BINARY:
    schemathesis.openapi.media_type(media, st.binary(min_size=1, max_size=100))
schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
# Unknown parameters are ignored here, and the token is ours to send.
schema.config.generation.allow_extra_parameters = False
schema.config.generation.with_security_parameters = False


class Undone:
    """The application, every request of which finds the same database: what it wrote is rolled back."""

    def __init__(self) -> None:
        self.inner = get_wsgi_application()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Django lets go of its connection before a request, and with it of all that is not committed.
        request_started.disconnect(close_old_connections)
        try:
            with transaction.atomic():
                content = list(self.inner(environ, start_response))
                transaction.set_rollback(True)
        finally:
            request_started.connect(close_old_connections)
        return content


schema.app = Undone()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """Ids that are there, and a token of each scope."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield {**populated(), **{scope: issue(scope) for scope in ("read", "ingest", "admin")}}
        transaction.set_rollback(True)


@schema.parametrize()
@settings(max_examples=5, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_document(case: Any, world: dict[str, Any]) -> None:
    check(case, world)


def check(case: Any, world: dict[str, Any]) -> None:
    if case.meta.generation.mode == GenerationMode.POSITIVE:
        aim(case, world)
    elif any(None in value for value in case.query.values() if isinstance(value, list)):
        return  # Werkzeug's client sends no None, so that something else would be judged than what is asked
    headers = {"Authorization": f"Bearer {world[least_scope(case)]}"}
    response = case.call(headers=headers)
    excluded = [positive_data_acceptance] if is_refused_for_its_meaning(case, response) else []
    case.validate_response(response, excluded_checks=excluded, headers=headers)


def aim(case: Any, world: dict[str, Any]) -> None:
    """Half of the ids that are made up are replaced by ids that are there."""
    for name, value in case.path_parameters.items():
        if name in world and sum(str(value).encode()) % 2:
            case.path_parameters[name] = world[name]


def least_scope(case: Any) -> str:
    """The scope that is needed; ``admin`` where nothing less will do."""
    if case.operation.method.upper() == "GET":
        return "read"
    return "ingest" if case.path.removeprefix("/api/v1") in (*SENDS, "/v1/traces") else "admin"


def is_refused_for_its_meaning(case: Any, response: Any) -> bool:
    """Whether something else than the types of the document refused it: a selection, a cursor, a broken archive."""
    if response.status_code not in (400, 422):
        return False
    if case.path == "/v1/traces":
        return True  # its bytes are no protobuf
    error = response.json()["error"]
    allowed = next((where for path, where in MEANING.items() if case.path.startswith(path)), set())
    return error["code"] != "invalid_parameter" or error["where"] in allowed
