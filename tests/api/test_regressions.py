from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from diagnostics.models import Regression
from tests.api.conftest import Caller, issue, send
from tests.ingest.test_detection import SLOW, USUAL, steps

pytestmark = pytest.mark.django_db
SHAPE = {
    "id", "service", "environment", "phase", "state", "ratio", "low", "high", "delta_ns", "first_launch",
    "first_version", "opened_at", "rule", "url", "numbers", "assignee", "reason", "note", "ticket", "updated_at",
}  # fmt: skip


@pytest.fixture
def slower(sender: Caller) -> list[str]:
    """Two services that became slower at their eleventh launch; the ids of the first slow ones."""
    first = []
    for service in ("a", "b"):
        for number in range(13):
            launch = send(
                sender,
                steps(
                    number, SLOW if number >= 10 else USUAL, service=service, environment="prod", version=str(number)
                ),
            )
            if number == 10:
                first.append(launch)
    return first


def test_a_regression(reader: Caller, slower: list[str]) -> None:
    (regression,) = [item for item in reader.pages("/regressions", service="a") if item["phase"]]

    assert regression.keys() == SHAPE
    told = {
        key: regression[key] for key in ("service", "environment", "phase", "state", "first_launch", "first_version")
    }
    assert told == {
        "service": "a",
        "environment": "prod",
        "phase": "step-1",
        "state": "open",
        "first_launch": slower[0],
        "first_version": "10",
    }
    assert regression["low"] < regression["ratio"] < regression["high"]
    assert regression["ratio"] == pytest.approx(1.6, rel=0.03)
    assert regression["delta_ns"] == pytest.approx(600_000_000, rel=0.1)
    assert datetime.fromisoformat(regression["opened_at"]).tzinfo is not None
    assert "3 of the newest 5" in regression["rule"]
    assert {"name": "launches in the baseline", "value": 10, "unit": ""} in regression["numbers"]
    assert regression["url"] == f"/regressions/{regression['id']}/"


def test_the_total_is_a_regression_without_a_phase(reader: Caller, slower: list[str]) -> None:
    assert [r["phase"] for r in reader.pages("/regressions", service="b")].count(None) == 1


def test_filters_and_pages(reader: Caller, slower: list[str]) -> None:
    everything = reader.pages("/regressions")
    assert [r["service"] for r in everything] == ["b", "b", "a", "a"]
    assert [r["id"] for r in everything] == sorted((r["id"] for r in everything), reverse=True)
    assert reader.pages("/regressions", limit=1) == everything
    assert reader.pages("/regressions", limit=3) == everything
    assert len(reader.pages("/regressions", environment="prod")) == 4
    assert reader.pages("/regressions", environment="dev") == []
    Regression.objects.filter(service__name="b").update(state="acknowledged")
    assert {r["service"] for r in reader.pages("/regressions", state="acknowledged")} == {"b"}
    assert reader.pages("/regressions", state="resolved") == []


def test_they_show_where_the_service_is_told_of(reader: Caller, slower: list[str]) -> None:
    services = {s["name"]: s["open_regressions"] for s in reader.get("/services")[1]["items"]}
    assert services == {"a": 2, "b": 2}
    page = reader.get("/services/a/series", phase="step-1", environment="prod")[1]
    assert [point["launch"] for point in page["change_points"]] == [slower[0]]
    assert [point["verdict"] for point in page["items"][:4]] == ["regressed"] * 3 + [None]
    launch = reader.get(f"/launches/{slower[0]}")[1]
    assert (launch["verdict"], launch["state"]) == ("regressed", "judged")
    assert "step-1 took" in launch["headline"]


def test_a_bound_token_sees_only_its_own(slower: list[str]) -> None:
    assert {r["service"] for r in Caller(issue("read", "a")).pages("/regressions")} == {"a"}
    assert Caller(issue("read", "c")).pages("/regressions") == []


def test_listing_asks_the_database_the_same_however_many(
    reader: Caller, slower: list[str], django_assert_num_queries: Any
) -> None:
    reader.get("/regressions", limit=1)
    for limit in (1, 4):
        with django_assert_num_queries(2):
            assert len(reader.get("/regressions", limit=limit)[1]["items"]) == limit
