"""How long the server takes for each page with a long history behind it, and whether its queries grow with that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from benchmarks.history import SERVICES, History
from benchmarks.http_client import Client
from benchmarks.instance import Instance
from benchmarks.measurement import Measurement, quantile

FEW, MANY = 100, 20_000
WARM_UP, REQUESTS, BAR = 5, 60, 150.0


def measure(instance: Instance) -> Iterator[Measurement]:
    """``pages.<page>`` in ms. A page whose number of queries grows with the rows misses its bar, however fast it is."""
    history = History(instance)
    history.grow_to(FEW)
    few = _queries(instance, _paths(history))
    history.grow_to(MANY)
    many = _queries(instance, _paths(history))
    client = instance.browser()
    nothing = _milliseconds(client, "/healthz")
    for name, path in _paths(history).items():
        passed = _milliseconds(client, path)
        extra = {"p50": round(quantile(passed, 0.5), 1), "requests": REQUESTS, "queries": [few[name], many[name]]}
        bar = BAR if few[name] == many[name] else 0.0
        value, limit = quantile(passed, 0.95), quantile(nothing, 0.95)
        yield Measurement(f"pages.{name}", value, "ms", limit, "p95 of an empty answer (/healthz)", bar, extra=extra)


def _paths(history: History) -> Mapping[str, str]:
    baseline, candidate = history.groups()
    return {
        "services": "/",
        "service": f"/services/{SERVICES[0]}/?environment=bench",
        "launch": f"/launches/{history.newest()}/",
        "compare": f"/compare/?baseline={quote(baseline)}&candidate={quote(candidate)}",
    }


def _milliseconds(client: Client, path: str) -> list[float]:
    for _ in range(WARM_UP):
        _get(client, path)
    return [_get(client, path) * 1000 for _ in range(REQUESTS)]


def _get(client: Client, path: str) -> float:
    answer = client.get(path)
    if answer.status != 200:
        raise SystemExit(f"{path} was answered {answer.status}: {answer.body.decode(errors='replace')[:500]}")
    return answer.seconds


def _queries(instance: Instance, paths: Mapping[str, str]) -> dict[str, int]:
    """How many queries each page makes, session and user included, counted in the product's own code."""
    instance.use_django()
    from django.conf import settings
    from django.db import connection
    from django.test import Client as DjangoClient
    from django.test.utils import CaptureQueriesContext

    visitor = DjangoClient()
    visitor.cookies[settings.SESSION_COOKIE_NAME] = instance.session
    counted = {}
    for name, path in paths.items():
        with CaptureQueriesContext(connection) as captured:
            answer = visitor.get(path, headers={"host": f"127.0.0.1:{instance.port}"})
        if answer.status_code != 200:
            raise SystemExit(f"{path} was answered {answer.status_code}")
        counted[name] = len(captured)
    return counted
