"""Regressions of before families and reasons are kept, each change once."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = ("diagnostics", "0003_evidence"), ("diagnostics", "0004_triage_and_baselines")


@pytest.mark.django_db(transaction=True)
def test_rows_of_before() -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes("diagnostics")
    executor.migrate([BEFORE])
    try:
        apps = executor.loader.project_state([BEFORE]).apps
        service = apps.get_model("diagnostics", "Service").objects.create(name="x")
        series = apps.get_model("diagnostics", "Series").objects.create(service=service, path="a/b@TP0", name="b")
        launches = apps.get_model("diagnostics", "Launch").objects
        first, other = (launches.create(id=uuid.uuid4(), service=service, start_time=n) for n in (1, 2))
        made = apps.get_model("diagnostics", "Regression").objects
        numbers = {"service": service, "baseline_ns": 1, "candidate_ns": 2, "low": 1.0, "high": 2.0, "rule": "r"}
        for state, launch, of in (
            ("resolved", first, series), ("open", first, series), ("dismissed", other, None), ("resolved", other, None),
        ):  # fmt: skip
            made.create(state=state, first_launch=launch, series=of, **numbers)
        MigrationExecutor(connection).migrate([AFTER])
        from diagnostics.models import Regression

        kept = Regression.objects.order_by("pk").values_list("state", "family", "reason")
        assert list(kept) == [("open", "a/b@TP0", ""), ("resolved", "", "")]
    finally:
        MigrationExecutor(connection).migrate(latest)
