"""Launches stored end to end, and how long the senders waited for the answer meanwhile."""

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
from benchmarks.snapshots import Launches

CLIENTS, PHASES, SECONDS, WARM_UP = 4, 200, 20.0, 3.0
BARE_SECONDS = 3.0
SERVICE, WARM_UP_SERVICE = "bench-ingest", "bench-warm-up"
WAITING = "SELECT count(*) FROM diagnostics_artifact WHERE state = 'received'"
UNJUDGED = "SELECT count(*) FROM diagnostics_launch WHERE state <> 'judged'"
STORED = """
SELECT count(*), coalesce(sum((a.counts->>'phases')::bigint), 0) FROM diagnostics_artifact a
JOIN diagnostics_launch l ON l.id = a.launch_id JOIN diagnostics_service s ON s.id = l.service_id
WHERE s.name = %s AND a.state = 'parsed'
"""
ROWS = """
SELECT count(*) FROM diagnostics_phase p JOIN diagnostics_launch l ON l.id = p.launch_id
JOIN diagnostics_service s ON s.id = l.service_id WHERE s.name = %s
"""

_together: Barrier


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load came to: seconds from the first byte sent, and how long each answer took."""

    latencies: Sequence[float]
    sent: float  # until the clients stopped
    parsed: float  # until nothing waited to be parsed
    judged: float  # until nothing waited to be judged
    phases: int


def measure(instance: Instance) -> Iterator[Measurement]:
    """``ingest`` and ``accept``: one load tells both."""
    _load(instance, WARM_UP_SERVICE, WARM_UP)
    with instance.connect() as connection:
        before = rows_per_second(connection, BARE_SECONDS)
        loaded = _load(instance, SERVICE, SECONDS)
        bare = statistics.mean([before, rows_per_second(connection, BARE_SECONDS)])
        # A bare upload: what was received, made durable by one INSERT.
        durable = _bare_insert(instance)
    yield _ingest(loaded, bare)
    yield _accept(loaded, durable)


def _ingest(loaded: Loaded, bare: float) -> Measurement:
    launches = len(loaded.latencies)
    extra = {
        "launches": launches,
        "phases": loaded.phases,
        "accepted_per_s": round(launches / loaded.sent, 1),
        "sent_s": round(loaded.sent, 1),
        "parsed_s": round(loaded.parsed, 1),
        "judged_s": round(loaded.judged, 1),
    }
    value = loaded.phases / loaded.parsed
    return Measurement("ingest", value, "phases/s", bare, "bare COPY, 200 rows a transaction", 0.20, "ratio", extra)


def _accept(loaded: Loaded, durable: float) -> Measurement:
    p50, p99 = quantile(loaded.latencies, 0.5) * 1000, quantile(loaded.latencies, 0.99) * 1000
    extra = {"p50": round(p50, 2), "p99": round(p99, 2), "requests": len(loaded.latencies)}
    return Measurement("accept", p99, "ms", durable * 1000, "p99 of a bare INSERT of the bytes, idle", 60, extra=extra)


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
        wait_until(lambda: connection.execute(WAITING).fetchone() == (0,), "artifacts to be parsed", 900)
        parsed = time.time() - begin
        wait_until(lambda: connection.execute(UNJUDGED).fetchone() == (0,), "launches to be judged", 900)
        judged = time.time() - begin
        stored, rows = connection.execute(STORED, [service]).fetchone(), connection.execute(ROWS, [service]).fetchone()
    phases = len(latencies) * PHASES
    if stored != (len(latencies), phases) or rows != (phases,):
        raise SystemExit(
            f"{len(latencies)} launches were accepted; artifacts, phases told and stored: {stored}, {rows}"
        )
    return Loaded(latencies, sent, parsed, judged, phases)


def _remember(together: Barrier) -> None:
    """A barrier reaches a process only when it starts."""
    global _together
    _together = together


def _send(port: int, token: str, service: str, number: int, seconds: float) -> tuple[float, list[float]]:
    """One client, in a process of its own: when it began, and how long each answer took, in seconds."""
    launches = Launches(service, PHASES, seed=number)
    client = Client(port, {"Authorization": f"Bearer {token}"})
    _together.wait(60)
    begin, latencies = time.time(), list[float]()
    while time.time() < begin + seconds:
        answer = client.post("/api/v1/launches", launches.body())
        if answer.status != 202:
            raise SystemExit(f"An upload was answered {answer.status}: {answer.body.decode()[:500]}")
        latencies.append(answer.seconds)
    return begin, latencies


def _bare_insert(instance: Instance, times: int = 300) -> float:
    """p99 in seconds of committing one upload's bytes, one after the other, with nothing else going on."""
    body = Launches(SERVICE, PHASES).body()
    passed = []
    with instance.connect() as connection:
        connection.execute("CREATE TABLE bare_upload (id bigserial PRIMARY KEY, data bytea NOT NULL)")
        for _ in range(times):
            begin = time.perf_counter()
            connection.execute("INSERT INTO bare_upload (data) VALUES (%b)", [body])
            passed.append(time.perf_counter() - begin)
        connection.execute("DROP TABLE bare_upload")
    return quantile(passed, 0.99)
