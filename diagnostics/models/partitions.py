"""The daily partitions that hold artifacts' raw bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import connection

DAYS_AHEAD = 7


def ensure_partitions(today: date | None = None) -> None:
    """Make the partitions of today and the coming week. Rows of a day without one land in the default partition."""
    first = today or datetime.now(UTC).date()
    for day in (first + timedelta(days=n) for n in range(DAYS_AHEAD + 1)):
        _ensure(day)


def _ensure(day: date) -> None:
    name = f"diagnostics_artifactcontent_{day:%Y%m%d}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NULL", [name])
        if not cursor.fetchone()[0]:
            return
        # Day names come from a date, so they cannot carry SQL; DDL takes no parameters.
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF diagnostics_artifactcontent "
            f"FOR VALUES FROM ('{day:%Y-%m-%d}') TO ('{day + timedelta(days=1):%Y-%m-%d}')"
        )
