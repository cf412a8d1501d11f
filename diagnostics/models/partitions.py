"""The daily partitions that hold artifacts' raw bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

DAYS_AHEAD = 7
PARENT = "diagnostics_artifactcontent"
LOCK = 0x6C61756E  # an advisory lock's number: one process at a time makes partitions


def ensure_partitions(today: date | None = None) -> None:
    """Make the partitions of today and the coming week. Rows of a day without one wait in the default partition."""
    first = today or datetime.now(UTC).date()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for day in (first + timedelta(days=n) for n in range(DAYS_AHEAD + 1)):
            _ensure(cursor, day)


def _ensure(cursor: Any, day: date) -> None:
    name = f"{PARENT}_{day:%Y%m%d}"
    cursor.execute("SELECT to_regclass(%s) IS NULL", [name])
    if not cursor.fetchone()[0]:
        return
    # PostgreSQL refuses a partition whose rows lie in the default one, so the day's table is filled before it is
    # attached, and nothing may come in between. Names come from a date and cannot carry SQL; DDL takes no parameters.
    until = day + timedelta(days=1)
    cursor.execute(f"LOCK TABLE {PARENT}_default IN ACCESS EXCLUSIVE MODE")
    cursor.execute(f"CREATE TABLE {name} (LIKE {PARENT} INCLUDING STORAGE INCLUDING CONSTRAINTS)")
    cursor.execute(f"INSERT INTO {name} SELECT * FROM {PARENT}_default WHERE day = %s", [day])  # noqa: S608
    cursor.execute(f"DELETE FROM {PARENT}_default WHERE day = %s", [day])  # noqa: S608
    cursor.execute(f"ALTER TABLE {PARENT} ATTACH PARTITION {name} FOR VALUES FROM ('{day}') TO ('{until}')")
