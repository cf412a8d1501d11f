"""What is not the file's fault does not cost the file an attempt."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from django.db import connection

from diagnostics import ingest
from diagnostics.models import Artifact
from tests.data.snapshots import sequence
from tests.views.conftest import received

FULL = """
CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER disk_full BEFORE INSERT ON diagnostics_phase EXECUTE FUNCTION disk_full();
"""


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_waited_for() -> None:
    accepted = received(sequence(10, 20))
    with connection.cursor() as cursor:
        cursor.execute(FULL)
    try:
        for _ in range(8):
            with pytest.raises(psycopg.OperationalError, match="no space left"):
                ingest.parse(uuid.UUID(str(accepted.artifact)))
        assert Artifact.objects.get(pk=accepted.artifact).attempts == 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION disk_full() CASCADE")
    assert ingest.parse(accepted.artifact) == accepted.launch
