"""Deploys told over HTTP, and alerts as a real Alertmanager sends them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from diagnostics.models import Marker, Service
from tests.api.conftest import Caller, issue
from tests.data.snapshots import phase, snapshot
from tests.views.conftest import launched

pytestmark = pytest.mark.django_db
DEPLOY = {"service": "x", "environment": "prod", "version": "1.4.2", "commit": "abc123", "url": "https://ci.example/7"}


def told(sender: Caller, **more: Any) -> tuple[int, Any]:
    return sender.change("POST", "/markers", DEPLOY | more)


def test_a_deploy_is_stored_once(sender: Caller, reader: Caller) -> None:
    status, first = told(sender, time="2026-11-23T10:00:00Z")
    assert status == 201
    assert first["time"] == 1795428000000000000
    assert told(sender, time="2026-11-23T10:00:00Z") == (200, first)
    assert told(sender, time=1795428000000000001)[0] == 201
    assert told(sender)[0] == 201
    assert told(sender)[0] == 200
    assert len(reader.pages("/markers", service="x", limit=1)) == 3


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"service": ""}, "service"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"time": "yesterday"}, "time"),
        ({"time": 10**19}, "time"),
        ({"time": -5}, "time"),
        ({"kind": "alert"}, "kind"),
        ({"colour": "red"}, "colour"),
        ({"version": "a\0b"}, "version"),
    ],
)
def test_what_cannot_be_is_refused(sender: Caller, change: dict[str, Any], where: str) -> None:
    status, answer = told(sender, **change)
    assert status in (400, 422), answer
    assert where in answer["error"]["where"]
    assert not Marker.objects.exists()


def test_who_may_tell(reader: Caller, sender: Caller) -> None:
    assert told(reader)[0] == 403
    assert told(Caller(issue("ingest", "y")))[0] == 403
    assert told(Caller(issue("ingest", "x")))[0] == 201
    assert Caller(issue("read", "y")).get("/markers")[1]["items"] == []


def message(status: str = "firing", **labels: str) -> dict[str, Any]:
    """As Alertmanager 0.27 writes it."""
    alert = {
        "status": status,
        "labels": {"alertname": "DiskSlow", "severity": "critical", "service": "x", "environment": "prod"} | labels,
        "annotations": {"summary": "await is 400 ms"},
        "startsAt": "2026-11-23T10:00:00.123Z",
        "endsAt": "2026-11-23T10:05:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph?g0.expr=up",
        "fingerprint": "c3b1f0d2e4a59687",
    }
    return {"version": "4", "groupKey": "{}", "status": status, "receiver": "launchscope", "alerts": [alert]}


def test_an_alert_begins_and_ends(sender: Caller, reader: Caller) -> None:
    assert sender.change("POST", "/alertmanager", message()) == (200, {"accepted": 1})
    assert sender.change("POST", "/alertmanager", message("resolved"))[0] == 200
    (alert,) = reader.pages("/markers")
    assert (alert["kind"], alert["text"], alert["severity"]) == ("alert", "DiskSlow: await is 400 ms", "critical")
    assert alert["until"] - alert["time"] == 299_877_000_000


@pytest.mark.parametrize("body", [{}, {"alerts": "x"}, {"alerts": [1]}, {"alerts": [{"labels": {"service": "x"}}]}, []])
def test_a_message_of_another_form_is_refused(sender: Caller, body: Any) -> None:
    assert sender.change("POST", "/alertmanager", body)[0] in (400, 422)
    assert not Service.objects.filter(name="x").exists()


def test_an_alert_without_a_service_goes_to_that_of_the_address(sender: Caller, reader: Caller) -> None:
    body = message()
    del body["alerts"][0]["labels"]["service"]
    assert sender.change("POST", "/alertmanager", body)[1]["error"]["where"] == "alerts[0].labels.service"
    assert sender.change("POST", "/alertmanager?service=z", body)[0] == 200
    assert reader.pages("/markers")[0]["service"] == "z"


def test_markers_are_drawn(sender: Caller, reader: Caller, admin_client: Client) -> None:
    launch = launched(snapshot(phase("load", 0, 5000), service="x", environment="prod", version="1.4.2"))
    told(sender, time=launch.start_time + 10**9, text="<b>rollout</b>")
    told(sender, time=launch.start_time - 3600 * 10**9, text="long before")
    _, waterfall = reader.get(f"/launches/{launch.pk}/waterfall")
    names = [note["text"] for note in waterfall["layout"]["annotations"]]
    assert any("rollout" in name for name in names)
    assert not any("<b>" in name or "long before" in name for name in names)
    trend = admin_client.get("/services/x/trend.json?environment=prod").json()
    assert "rollout" in trend["layout"]["meta"]["summary"]
    assert time.time_ns() > launch.start_time
