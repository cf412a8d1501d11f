# ruff: noqa: F401, F811 (pytest's fixtures, of another part's tests)
"""GET and PATCH of alerts, and rules by API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from diagnostics.alerting import evaluate
from diagnostics.models import Alert, AlertRule, ApiToken, Service
from tests.alerting.conftest import rule, service
from tests.alerting.launches import launched

RULES = "/api/v1/alert-rules"


@pytest.fixture
def admin(db: None) -> Client:
    _, clear = ApiToken.objects.issue(name="t", scope="admin")
    return Client(headers={"Authorization": f"Bearer {clear}"})


@pytest.fixture
def reader(db: None) -> Client:
    _, clear = ApiToken.objects.issue(name="r", scope="read")
    return Client(headers={"Authorization": f"Bearer {clear}"})


def patched(client: Client, alert: Alert, **body: str) -> Any:
    return client.patch(f"/api/v1/alerts/{alert.pk}", body, content_type="application/json")


def test_alerts_are_listed_and_decided_about(admin: Client, reader: Client, rule: Any, service: Service) -> None:
    rule("launch-limit", settings={"limit_s": 5})
    evaluate(launched(service, 9).pk)
    alert = Alert.objects.get()
    (listed,) = reader.get("/api/v1/alerts?state=firing&service=open-autoglm").json()["items"]
    assert listed["text"] == "the launch took 9.0 s, more than 5.0 s"
    assert listed["rule_text"] == "the launch takes more than 5 s"
    assert listed["url"] == f"/alerts/{alert.pk}/"
    assert reader.get("/api/v1/alerts?severity=critical").json() == {"items": [], "next": None}
    assert patched(reader, alert, state="resolved").status_code == 403
    assert patched(admin, alert, state="acknowledged", text="on it").json()["state"] == "acknowledged"
    answer = patched(admin, alert, state="resolved").json()
    assert [change["to_state"] for change in answer["history"]] == ["firing", "acknowledged", "resolved"]
    assert patched(admin, alert, state="firing").status_code == 409
    assert patched(admin, alert, state="nonsense").status_code == 422
    assert reader.get("/api/v1/alerts/999999999999999999999999").status_code == 404


def test_pages(reader: Client, rule: Any, service: Service) -> None:
    for limit in range(3):
        rule("launch-limit", settings={"limit_s": limit + 1})
    evaluate(launched(service, 9).pk)
    first = reader.get("/api/v1/alerts?limit=2").json()
    second = reader.get(f"/api/v1/alerts?limit=2&cursor={first['next']}").json()
    assert len(first["items"]) == 2
    assert len(second["items"]) == 1
    assert second["next"] is None


def test_rules_are_made_changed_and_deleted(admin: Client, reader: Client, service: Service) -> None:
    body = {"name": "slow", "kind": "launch-limit", "service": "open-autoglm", "environment": "prod"}
    made = admin.post(RULES, {**body, "settings": {"limit_s": 60}}, content_type="application/json")
    assert made.status_code == 201
    rule_id = made.json()["id"]
    assert made.json()["sentence"] == "the launch takes more than 1 m"
    assert rule_id in [one["id"] for one in reader.get(RULES).json()["items"]]
    address = f"{RULES}/{rule_id}"
    again = admin.put(address, {**body, "settings": {"limit_s": 90}, "phase": "w*"}, content_type="application/json")
    assert again.json()["sentence"] == "a phase like “w*” takes more than 90 s"
    assert admin.delete(address).status_code == 204
    assert not AlertRule.objects.filter(pk=rule_id).exists()
    assert reader.delete(address).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"kind": "nonsense"}, "kind"),
        ({"name": " "}, "name"),
        ({"settings": {"limit_s": -1}}, "limit_s"),
        ({"settings": {"nonsense": 1}}, "nonsense"),
        ({"service": "none"}, "service"),
        ({"channels": ["none"]}, "channels"),
        ({"severity": "deadly"}, "severity"),
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_zone": "Mars"}, "quiet_zone"),
        ({"for_times": 0}, "for_times"),
        ({"phase": "x" * 300}, "phase"),
    ],
)
def test_a_wrong_rule_says_where(admin: Client, wrong: dict[str, Any], where: str) -> None:
    body = {"name": "slow", "kind": "launch-limit", **wrong}
    answer = admin.post(RULES, body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["error"]["where"] == where
