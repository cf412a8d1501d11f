"""Monitors through the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from diagnostics.models import Monitor
from diagnostics.monitoring import record
from diagnostics.querysets.monitors import Due
from tests.api.conftest import Caller, issue
from tests.monitoring.conftest import bad, good
from tests.views.conftest import person

pytestmark = pytest.mark.django_db
WANTED = {
    "service": "open-autoglm",
    "environment": "prod",
    "name": "health",
    "url": "http://127.0.0.1:9/health",
    "expected_body": "OK",
    "headers": {"X-Key": "s3cret"},
}
BEGIN = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _loopback_is_listed(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]


@pytest.fixture
def owner() -> Caller:
    return Caller(issue("admin"))


def test_made_read_changed_and_deleted(owner: Caller, reader: Caller) -> None:
    status, made = owner.change("POST", "/monitors", WANTED)
    assert status == 201, made
    assert (made["state"], made["headers"], made["interval"]) == ("new", ["X-Key"], 30)
    assert "s3cret" not in str(reader.get(f"/monitors/{made['id']}"))
    assert reader.pages("/monitors", service="open-autoglm") == [made]
    assert reader.pages("/monitors", service="other") == []
    status, changed = owner.change("PUT", f"/monitors/{made['id']}", {**WANTED, "headers": None, "interval": 60})
    assert (status, changed["interval"], changed["headers"]) == (200, 60, ["X-Key"])
    assert owner.client.delete(f"/api/v1/monitors/{made['id']}").status_code == 204
    assert reader.get(f"/monitors/{made['id']}")[0] == 404


@pytest.mark.parametrize(
    ("told", "where", "status"),
    [
        ({"url": "http://[fd00:ec2::254]/"}, "url", 422),
        ({"interval": 1}, "interval", 422),
        ({"interval": "often"}, "interval", 422),
        ({"expected_status": "?"}, "expected_status", 422),
        ({"colour": "red"}, "colour", 422),
        ({"service": ""}, "service", 422),
    ],
)
def test_mistakes_name_their_field(owner: Caller, told: dict[str, Any], where: str, status: int) -> None:
    answered, body = owner.change("POST", "/monitors", WANTED | told)
    assert (answered, body["error"]["where"]) == (status, where)
    assert not Monitor.objects.exists()


def test_one_name_a_service(owner: Caller) -> None:
    owner.change("POST", "/monitors", WANTED)
    status, body = owner.change("POST", "/monitors", WANTED)
    assert (status, body["error"]["code"]) == (409, "conflict")


def test_who_may(reader: Caller) -> None:
    assert reader.change("POST", "/monitors", WANTED)[0] == 403
    bound = Caller(issue("admin", "other"))
    assert bound.change("POST", "/monitors", WANTED)[0] == 403
    editor = Client()
    editor.force_login(person("editor"))
    answer = editor.post("/api/v1/monitors", WANTED, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["where"]) == (403, "headers")
    answer = editor.post("/api/v1/monitors", {**WANTED, "headers": None}, content_type="application/json")
    assert answer.status_code == 201
    assert Caller(issue("read", "other")).pages("/monitors") == []


def test_checks(owner: Caller, reader: Caller) -> None:
    monitor = owner.change("POST", "/monitors", WANTED)[1]["id"]
    for n in range(5):
        at = BEGIN + timedelta(seconds=30 * n)
        record(Due(monitor, at, at), at + timedelta(seconds=1), bad() if n == 3 else good())
    checks = reader.pages(f"/monitors/{monitor}/checks", limit=2)
    assert [check["ok"] for check in checks] == [True, False, True, True, True]
    assert checks[1] == {
        "due": "2026-11-23T12:01:30+00:00",
        "at": "2026-11-23T12:01:31+00:00",
        "ok": False,
        "status": None,
        "reason": "connect",
        "error": "No connection to a:80: Connection refused.",
        "dns_ns": None,
        "connect_ns": None,
        "tls_ns": None,
        "first_byte_ns": None,
        "total_ns": 1_000_000,
    }
    assert len(reader.pages(f"/monitors/{monitor}/checks", ok="false")) == 1
    assert len(reader.pages(f"/monitors/{monitor}/checks", since="2026-11-23T12:01:00Z")) == 3
    assert len(reader.pages(f"/monitors/{monitor}/checks", until="2026-11-23T12:01:00Z")) == 2
    status, one = reader.get(f"/monitors/{monitor}")
    assert (status, one["state"], one["latency_ns"], one["failures"]) == (200, "up", 20_000_000, 0)
