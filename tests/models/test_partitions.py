from __future__ import annotations

import threading
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from diagnostics.models import ArtifactContent
from diagnostics.models.partitions import DAYS_AHEAD, ensure_partitions

pytestmark = pytest.mark.django_db
FAR = date(2100, 2, 27)  # over a leap day that 2100 does not have


def partitions() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
            "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'diagnostics_artifactcontent'::regclass"
        )
        return dict(cursor.fetchall())


def partition_of(day: date) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM diagnostics_artifactcontent WHERE day = %s", [day])
        return str(cursor.fetchone()[0])


def test_a_fresh_database_has_today_and_the_coming_week() -> None:
    today = datetime.now(UTC).date()
    days = {f"diagnostics_artifactcontent_{today + timedelta(days=n):%Y%m%d}" for n in range(DAYS_AHEAD)}
    assert days <= partitions().keys()
    assert partitions()["diagnostics_artifactcontent_default"] == "DEFAULT"


def test_days_are_made_ahead_and_only_once() -> None:
    before = partitions()
    ensure_partitions(FAR)
    made = partitions().keys() - before.keys()

    ensure_partitions(FAR)

    assert partitions().keys() - before.keys() == made
    assert len(made) == DAYS_AHEAD + 1
    assert partitions()["diagnostics_artifactcontent_21000228"] == ("FOR VALUES FROM ('2100-02-28') TO ('2100-03-01')")


def test_rows_of_a_day_without_a_partition_move_when_it_is_made() -> None:
    kept = [
        ArtifactContent.objects.create(day=FAR, artifact_id=uuid.uuid4(), data=b"x" * n).artifact_id for n in (1, 2)
    ]
    assert partition_of(FAR) == "diagnostics_artifactcontent_default"

    ensure_partitions(FAR)

    assert partition_of(FAR) == "diagnostics_artifactcontent_21000227"
    assert set(ArtifactContent.objects.filter(day=FAR).values_list("artifact_id", flat=True)) == set(kept)
    assert f"diagnostics_artifactcontent_{FAR + timedelta(days=DAYS_AHEAD):%Y%m%d}" in partitions()


def test_bytes_are_stored_outside_and_as_they_come() -> None:
    ensure_partitions(FAR)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text, attstorage::text FROM pg_attribute "
            "WHERE attname = 'data' AND attrelid::regclass::text LIKE 'diagnostics_artifactcontent%'"
        )
        assert {storage for table, storage in cursor.fetchall() if not table.endswith("pkey")} == {"e"}


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once() -> None:
    errors: list[Exception] = []
    together = threading.Barrier(3)

    def make() -> None:
        together.wait()
        try:
            ensure_partitions(date(2101, 1, 1))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert errors == []
        assert sum(name.startswith("diagnostics_artifactcontent_2101") for name in partitions()) == DAYS_AHEAD + 1
    finally:
        with connection.cursor() as cursor:
            for name in partitions():
                if name.startswith("diagnostics_artifactcontent_2101"):
                    cursor.execute(f"DROP TABLE {name}")
