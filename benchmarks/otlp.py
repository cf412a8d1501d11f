"""Spans stored end to end as phases of launches, and how long the senders waited for the answer meanwhile."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier

from benchmarks.bare_copy import rows_per_second
from benchmarks.http_client import Client
from benchmarks.instance import Instance, wait_until
from benchmarks.measurement import Measurement, quantile
from benchmarks.traces import MEDIA, Traces

CLIENTS, SPANS, SECONDS, WARM_UP, BARE_SECONDS = 4, 200, 15.0, 3.0, 3.0
SERVICE, WARM_UP_SERVICE = "bench-otlp", "bench-otlp-warm-up"
WAITING = "SELECT count(*) FROM diagnostics_artifact WHERE state = 'received'"
UNSETTLED = "SELECT count(*) FROM diagnostics_otlptrace WHERE NOT settled"
UNJUDGED = "SELECT count(*) FROM diagnostics_launch WHERE state <> 'judged'"
STORED = """
SELECT count(DISTINCT l.id), count(*) FROM diagnostics_phase p JOIN diagnostics_launch l ON l.id = p.launch_id
JOIN diagnostics_service s ON s.id = l.service_id WHERE s.name = %s
"""

_together: Barrier


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load came to: how long each answer took, and seconds from the first byte sent."""

    latencies: Sequence[float]
    sent: float  # until the clients stopped
    stored: float  # until every span was a phase of its launch
    judged: float  # until every trace had been quiet, and its launch was judged


def measure(instance: Instance) -> Iterator[Measurement]:
    """``otlp`` and ``otlp.accept``: one load tells both."""
    _load(instance, WARM_UP_SERVICE, WARM_UP)
    with instance.connect() as connection:
        before = rows_per_second(connection, BARE_SECONDS)
        loaded = _load(instance, SERVICE, SECONDS)
        bare = statistics.mean([before, rows_per_second(connection, BARE_SECONDS)])
    spans = len(loaded.latencies) * SPANS
    extra = {"launches": len(loaded.latencies), "spans": spans, "sent_s": round(loaded.sent, 1)}
    extra |= {"stored_s": round(loaded.stored, 1), "judged_s": round(loaded.judged, 1)}
    rate = spans / loaded.stored
    yield Measurement("otlp", rate, "spans/s", bare, "bare COPY, 200 rows a transaction", 0.15, "ratio", extra)
    p50, p99 = (quantile(loaded.latencies, share) * 1000 for share in (0.5, 0.99))
    about = {"p50": round(p50, 2), "p99": round(p99, 2), "requests": len(loaded.latencies)}
    yield Measurement("otlp.accept", p99, "ms", 60.0, "what senders may have to wait", 60, extra=about)


def _load(instance: Instance, service: str, seconds: float) -> Loaded:
    """Four clients send as fast as they are answered; then everything that waits is waited for."""
    context, token = multiprocessing.get_context("spawn"), instance.credentials["ingest_token"]
    together = context.Barrier(CLIENTS)
    with ProcessPoolExecutor(CLIENTS, context, initializer=_remember, initargs=(together,)) as processes:
        work = [processes.submit(_send, instance.port, token, service, n, seconds) for n in range(CLIENTS)]
        begin = min(one.result()[0] for one in work)
        sent = time.time() - begin
    latencies = [latency for one in work for latency in one.result()[1]]
    with instance.connect() as connection:
        wait_until(lambda: connection.execute(WAITING).fetchone() == (0,), "requests to be parsed", 900)
        stored = time.time() - begin
        told = connection.execute(STORED, [service]).fetchone()
        for query in (UNSETTLED, UNJUDGED):
            wait_until(lambda query=query: connection.execute(query).fetchone() == (0,), "launches to be judged", 900)  # type: ignore[misc]
        judged = time.time() - begin
    if told != (len(latencies), len(latencies) * SPANS):
        raise SystemExit(f"{len(latencies)} traces were accepted; launches and phases stored: {told}")
    return Loaded(latencies, sent, stored, judged)


def _remember(together: Barrier) -> None:
    """A barrier reaches a process only when it starts."""
    global _together
    _together = together


def _send(port: int, token: str, service: str, number: int, seconds: float) -> tuple[float, list[float]]:
    """One client, in a process of its own: when it began, and how long each answer took, in seconds."""
    traces = Traces(service, SPANS, seed=number)
    client = Client(port, {"Authorization": f"Bearer {token}"})
    _together.wait(60)
    begin, latencies = time.time(), list[float]()
    while time.time() < begin + seconds:
        answer = client.post("/v1/traces", traces.body(), MEDIA)
        # A queue that is full is answered 429: then this is not a figure of storing.
        if answer.status != 200:
            raise SystemExit(f"Spans were answered {answer.status}: {answer.body.decode(errors='replace')[:500]}")
        latencies.append(answer.seconds)
    return begin, latencies
