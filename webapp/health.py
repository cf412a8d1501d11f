"""Is it alive, and can it do its work? For load balancers, orchestrators and people at night."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from webapp.celery import app

WORKER_PATIENCE = 1.0  # seconds for a worker to answer a ping; an idle one needs milliseconds


def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness only: touching the database here would get a healthy web server killed while the database restarts."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Readiness: 200 when database, migrations, queue and a worker answer, else 503 with what does not."""
    checks = {name: _outcome(check) for name, check in CHECKS.items()}
    ready = all(outcome == "ok" for outcome in checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _outcome(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:  # whatever a check raises is its answer
        return f"{type(error).__name__}: the check failed"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} migrations are not applied: run manage.py migrate" if missing else "ok"


def _queue() -> str:
    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1)
    return "ok"


def _worker() -> str:
    return "ok" if app.control.ping(timeout=WORKER_PATIENCE, limit=1) else "no worker answers"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "queue": _queue,
    "worker": _worker,
}
