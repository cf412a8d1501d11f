"""Reports by API."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from diagnostics import reporting
from diagnostics.models import ApiToken, Launch, Report
from tests.reporting.conftest import a_schedule, slowed

__all__ = ["slowed"]


def bearer(*services: str) -> dict[str, Any]:
    _, clear = ApiToken.objects.issue(name="reader", scope="read", services=list(services))
    return {"HTTP_AUTHORIZATION": f"Bearer {clear}"}


@pytest.fixture
def report(slowed: list[Launch]) -> Report:
    made = reporting.make(reporting.send_now(a_schedule(), "editor").pk)
    assert made
    return made


def test_listed_and_one(report: Report) -> None:
    client, headers = Client(), bearer()
    listed = client.get("/api/v1/reports", **headers).json()
    assert [row["id"] for row in listed["items"]] == [report.pk]
    assert "content" not in listed["items"][0]
    one = client.get(f"/api/v1/reports/{report.pk}", **headers).json()
    assert one["why"] == "by-hand"
    assert {row["phase"] for row in one["content"]["new"]} >= {None}
    assert one["content"]["headline"] == one["headline"]
    assert client.get("/api/v1/reports/999", **headers).status_code == 404
    assert client.get("/api/v1/reports?schedule=999", **headers).json()["items"] == []
    assert client.get("/api/v1/reports").status_code == 401


def test_forms(report: Report) -> None:
    client, headers = Client(), bearer()
    answers = {
        form: client.get(f"/api/v1/reports/{report.pk}?format={form}", **headers) for form in ("csv", "html", "text")
    }
    rows = list(csv.DictReader(io.StringIO(answers["csv"].content.decode())))
    assert {row["since_version"] for row in rows if row["section"] == "new"} == {"2.0"}
    assert "weights" in answers["html"].content.decode()
    assert "sandbox" in answers["html"]["Content-Security-Policy"]
    assert answers["text"]["Content-Type"].startswith("text/plain")
    assert client.get(f"/api/v1/reports/{report.pk}?format=pdf", **headers).status_code == 422
    waiting = reporting.send_now(a_schedule("other"), "editor")
    assert client.get(f"/api/v1/reports/{waiting.pk}?format=csv", **headers).status_code == 409


def test_a_token_bound_to_services_reads_what_is_on_those_only(report: Report) -> None:
    client = Client()
    assert client.get("/api/v1/reports", **bearer("other")).json()["items"] == []
    assert client.get(f"/api/v1/reports/{report.pk}", **bearer("other")).status_code == 404
    assert client.get(f"/api/v1/reports/{report.pk}", **bearer("open-autoglm")).status_code == 200
    told = client.post("/api/v1/reports/preview", "{}", "application/json", **bearer("other")).json()
    assert (told["launches"], told["counts"]["new"]) == (0, 0)


def test_schedules(report: Report) -> None:
    (row,) = Client().get("/api/v1/reports/schedules", **bearer()).json()["items"]
    assert (row["name"], row["cron"], row["services"]) == ("Daily", "0 8 * * *", [])
    assert Client().get("/api/v1/reports/schedules", **bearer("other")).json()["items"] == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 200),
        ({"services": ["open-autoglm"], "language": "zh-hans"}, 200),
        ({"services": ["nobody"]}, 404),
        ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, 422),
        ({"since": "1970-01-01T00:00:00Z"}, 422),
        ({"since": "2026-01-01T00:00:00"}, 422),
        ({"nonsense": 1}, 422),
    ],
)
def test_preview(slowed: list[Launch], asked: dict[str, Any], status: int) -> None:
    answer = Client().post("/api/v1/reports/preview", asked, "application/json", **bearer())
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["counts"]["new"] == 2
    assert not Report.objects.exists()
