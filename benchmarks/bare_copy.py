"""The limit of ingest: the same rows into an equal table of the same PostgreSQL, with nothing around the COPY."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

ROWS_A_TRANSACTION = 200
COLUMNS = """
SELECT attname, atttypid::int FROM pg_attribute
WHERE attrelid = 'diagnostics_phase'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
NEWEST = "SELECT id FROM diagnostics_launch WHERE phase_count = %s ORDER BY start_time DESC LIMIT 50"


def rows_per_second(connection: psycopg.Connection[Any], seconds: float) -> float:
    """Copy the newest launches' rows, again and again under new launch ids, for so many seconds."""
    columns = dict(connection.execute(COLUMNS).fetchall())
    launches = _stored_rows(connection, columns)
    # Indexes and constraints are the same; foreign keys, which LIKE leaves out, are ours to pay for.
    connection.execute("CREATE TABLE bare_phase (LIKE diagnostics_phase INCLUDING ALL)")
    try:
        copied, begin = 0, time.perf_counter()
        while (passed := time.perf_counter() - begin) < seconds:
            copied += _copy(connection, columns, launches[copied // ROWS_A_TRANSACTION % len(launches)])
        return copied / passed
    finally:
        connection.execute("DROP TABLE bare_phase")


def _stored_rows(connection: psycopg.Connection[Any], columns: dict[str, int]) -> list[list[list[Any]]]:
    """Real rows of up to 50 launches, each launch's in a list, ready to be written."""
    names = ", ".join(f'"{name}"' for name in columns)
    query = f"SELECT {names} FROM diagnostics_phase WHERE launch_id = %s ORDER BY position"
    launches = [row[0] for row in connection.execute(NEWEST, [ROWS_A_TRANSACTION]).fetchall()]
    if not launches:
        raise SystemExit("No launch is stored whose rows could be copied")
    return [[_writable(row) for row in connection.execute(query, [launch]).fetchall()] for launch in launches]


def _writable(row: Sequence[Any]) -> list[Any]:
    return [Jsonb(value) if isinstance(value, dict) else value for value in row]


def _copy(connection: psycopg.Connection[Any], columns: dict[str, int], rows: Sequence[list[Any]]) -> int:
    launch, place = uuid.uuid4(), list(columns).index("launch_id")
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor().copy(f"COPY bare_phase ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(list(columns.values()))
        for row in rows:
            row[place] = launch
            copy.write_row(row)
    return len(rows)
