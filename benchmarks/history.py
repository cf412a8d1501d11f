"""Months of launches, straight into the tables: 20,000 of 200 phases each, the same ones every time.

Each service's first launch goes through the product; the others are its copies with another id, time and speed, so that
whatever ingest stores beside a phase is there, and consistent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from benchmarks.instance import Instance
from benchmarks.snapshots import Launches

PHASES = 200
SERVICES = ("bench-history", "bench-history-b", "bench-history-c", "bench-history-d")
SHARES = (52, 16, 16, 16)  # of each hundred launches; there is always one service that everybody works on
A_VERSION = 26  # launches that a version lives for
BATCH = 500
# Noise comes from a hash of the launch's number: nothing here is random.
CLONES = """
CREATE TEMP TABLE clone AS SELECT n, %(service)s || '-' || n AS name, md5(%(service)s || n)::uuid AS id,
    md5('artifact ' || %(service)s || n)::uuid AS artifact, n %% 26 = 0 AS flagged,
    1767225600000000000 + n * 1200000000000 AS start, t.id AS template, t.start_time AS origin,
    (1 + 0.05 * (hashint8extended(n, 7) & 1023) / 1023.0)::float8 AS factor
FROM generate_series(%(first)s::int8, %(last)s::int8) n, diagnostics_launch t WHERE t.id = %(template)s
"""
LAUNCH = {
    "id": "c.id",
    "version": "'2026.' || c.n / 26",
    "host_id": "(SELECT min(h.id) + c.n % 50 FROM diagnostics_host h WHERE h.name LIKE 'bench-node-%')",
    "start_time": "c.start",
    "total_ns": "(t.total_ns * c.factor)::int8",
    "unaccounted_ns": "(t.unaccounted_ns * c.factor)::int8",
    "waiting_ns": "(t.waiting_ns * c.factor)::int8",
    "gaps": """(SELECT array_agg(ARRAY[c.start + ((t.gaps[i][1] - c.origin) * c.factor)::int8,
        c.start + ((t.gaps[i][2] - c.origin) * c.factor)::int8]) FROM generate_subscripts(t.gaps, 1) i)""",
    "milestones": "jsonb_build_object('process_start', c.start, 'health_ok', c.start + (t.total_ns * c.factor)::int8)",
    "verdict": "CASE WHEN c.flagged THEN 'regressed' ELSE 'unchanged' END",
}
ARTIFACT = {"id": "c.artifact", "launch_id": "c.id"}
PHASE = {
    "launch_id": "c.id",
    "artifact_id": "c.artifact",
    "start_time": "c.start + ((t.start_time - c.origin) * c.factor)::int8",
    **{name: f"(t.{name} * c.factor)::int8" for name in ("duration_ns", "self_ns", "slack_ns", "critical_ns")},
}
FLAGS = """
INSERT INTO diagnostics_launchflag (launch_id, series_id, verdict, actual_ns, expected_ns, low_ns, high_ns, runs)
SELECT p.launch_id, p.series_id, 'regressed', p.duration_ns, p.duration_ns / 2,
    p.duration_ns / 3, p.duration_ns * 2 / 3, 20
FROM clone c JOIN diagnostics_phase p ON p.launch_id = c.id WHERE c.flagged AND p.position % 40 = 1
"""
HOSTS = "INSERT INTO diagnostics_host (name) SELECT 'bench-node-' || n FROM generate_series(1, 50) n"


class History:
    """Grows to any number of launches; ``newest`` and ``groups`` say what to look at."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.templates = {service: instance.send(Launches(service, PHASES).body()) for service in SERVICES}
        self.counts = dict.fromkeys(SERVICES, 0)
        with instance.connect() as connection:
            connection.execute(HOSTS)

    def grow_to(self, launches: int) -> None:
        """So many launches in all services together."""
        with self.instance.connect() as connection:
            # Copies of stored rows keep every rule: foreign keys need no check, which would take most of the time.
            connection.execute("SET session_replication_role = replica")
            for service, share in zip(SERVICES, SHARES, strict=True):
                self._grow(connection, service, launches * share // 100)
            connection.execute("ANALYZE")

    def _grow(self, connection: psycopg.Connection[Any], service: str, launches: int) -> None:
        for first in range(self.counts[service] + 1, launches + 1, BATCH):
            last = min(first + BATCH - 1, launches)
            place = {"service": service, "first": first, "last": last, "template": self.templates[service]}
            connection.execute(CLONES, place)
            _clone(connection, "diagnostics_launch", "id", LAUNCH)
            _clone(connection, "diagnostics_artifact", "launch_id", ARTIFACT)
            _clone(connection, "diagnostics_phase", "launch_id", PHASE, "c.n, t.position")
            connection.execute(FLAGS)
            connection.execute("DROP TABLE clone")
        self.counts[service] = launches

    def newest(self) -> str:
        """The newest launch of the busiest service; it has flags, and a full baseline before it."""
        with self.instance.connect() as connection:
            row = connection.execute("SELECT md5(%s || %s)::uuid", [SERVICES[0], self._newest_flagged()]).fetchone()
        assert row is not None
        return str(row[0])

    def groups(self) -> tuple[str, str]:
        """Selections of twenty launches of the last two whole versions."""
        version = self._newest_flagged() // A_VERSION - 1
        chosen = f"service={SERVICES[0]},environment=bench,version=2026.{{}},last=20"
        return chosen.format(version - 1), chosen.format(version)

    def _newest_flagged(self) -> int:
        return self.counts[SERVICES[0]] // A_VERSION * A_VERSION


def _clone(
    connection: psycopg.Connection[Any], table: str, of: str, changed: Mapping[str, str], order: str = "c.n"
) -> None:
    """Insert the template's rows again for every clone, with some columns changed."""
    names = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
    columns = [row[0] for row in connection.execute(names, [table]).fetchall()]
    values = ", ".join(changed.get(column, f't."{column}"') for column in columns)
    listed = ", ".join(f'"{column}"' for column in columns)
    rows = f"SELECT {values} FROM clone c JOIN {table} t ON t.{of} = c.template ORDER BY {order}"
    connection.execute(f"INSERT INTO {table} ({listed}) {rows}".encode())
