"""Channels and deliveries by API."""

from __future__ import annotations

import pytest
from django.test import Client

from diagnostics.delivery import enqueue
from diagnostics.models import ApiToken, Channel, Delivery
from tests.delivery.conftest import message


@pytest.fixture
def channel(db: None) -> Channel:
    one = Channel(name="ops", kind="slack")
    one.keep_secrets({"url": "https://hooks.slack.com/services/T0/B0/slacktoken"})
    one.save()
    return one


def headers(scope: str) -> dict[str, str]:
    _, clear = ApiToken.objects.issue(name="t", scope=scope)
    return {"Authorization": f"Bearer {clear}"}


def test_channels_are_masked(client: Client, channel: Channel) -> None:
    enqueue([channel], message(), once="a")
    answer = client.get("/api/v1/channels", headers=headers("admin"))
    assert "slacktoken" not in answer.content.decode()
    (told,) = answer.json()["items"]
    assert (told["name"], told["kind"], told["address"]) == ("ops", "slack", "https://hooks.slack.com/•••")
    assert (told["waiting"], told["dead"], told["tested_at"]) == (1, 0, None)


def test_deliveries_are_paged_and_filtered(client: Client, channel: Channel) -> None:
    for n in range(3):
        enqueue([channel], message(f"message {n}"), once=str(n))
    Delivery.objects.filter(once="0").update(state="dead", last_error="It answered 500: nothing")
    admin = headers("admin")
    first = client.get("/api/v1/deliveries", {"limit": 2}, headers=admin).json()
    second = client.get("/api/v1/deliveries", {"limit": 2, "cursor": first["next"]}, headers=admin).json()
    assert [one["subject"] for one in first["items"] + second["items"]] == ["message 2", "message 1", "message 0"]
    assert second["next"] is None
    (dead,) = client.get("/api/v1/deliveries", {"state": "dead"}, headers=admin).json()["items"]
    assert (dead["error"], dead["next_try_at"], dead["channel"]) == ("It answered 500: nothing", None, channel.pk)
    assert client.get("/api/v1/deliveries", {"channel": channel.pk + 1}, headers=admin).json()["items"] == []


@pytest.mark.parametrize("scope", ["read", "ingest"])
@pytest.mark.parametrize("path", ["channels", "deliveries"])
@pytest.mark.django_db
def test_admins_only(client: Client, scope: str, path: str) -> None:
    assert client.get(f"/api/v1/{path}", headers=headers(scope)).status_code == 403
