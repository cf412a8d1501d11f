"""The Python client against a real web server, a real queue and a real worker."""

from __future__ import annotations

import uuid

import pytest

from diagnostics.agent.client import ApiError, Client
from tests.data.snapshots import sequence
from tests.durability.instance import Instance


def test_from_a_launch_to_an_export(served: Instance) -> None:
    client = Client(f"http://127.0.0.1:{served.port}", served.token)
    sent = [client.launches_send(sequence(100, 200 + n, number=n), version=str(n))["id"] for n in range(3)]
    assert client.launches_send(sequence(100, 200, number=0), version="0")["id"] == sent[0]
    judged = [client.wait_until_judged(one) for one in sent]
    assert [one["version"] for one in judged] == ["0", "1", "2"]
    listed = list(client.pages(client.launches_listed, service="open-autoglm", limit=1))
    assert [one["id"] for one in listed] == sent[::-1]
    assert client.compare_compare(baseline=sent[0], candidate=sent[2])["candidate"]["launches"] == [sent[2]]
    assert client.exports_export(sent[0], format="csv").startswith(b"")
    assert client.exports_export(sent[0])["launch_id"] == sent[0]
    assert client.artifacts_raw(judged[0]["artifacts"][0], line=1, context=0)["lines"]


def test_what_the_server_refuses_is_an_exception(served: Instance) -> None:
    client = Client(f"http://127.0.0.1:{served.port}", served.token)
    with pytest.raises(ApiError) as caught:
        client.launches_listed(limit=0)
    assert (caught.value.status, caught.value.code, caught.value.where) == (422, "invalid_parameter", "limit")
    with pytest.raises(ApiError) as caught:
        client.launches_one(str(uuid.uuid4()))
    assert caught.value.status == 404
    with pytest.raises(ApiError) as caught:
        Client(client.url, "lsr_unknown").services_listed()
    assert caught.value.code == "unknown_token"


def test_a_monitor_from_making_to_deleting_and_a_marker(served: Instance) -> None:
    client = Client(f"http://127.0.0.1:{served.port}", served.token)
    marker = client.markers_send(service="web", version="1.4.2", id="deploy-17")
    assert client.markers_send(service="web", version="1.4.2", id="deploy-17")["id"] == marker["id"]
    made = client.monitors_create(service="web", name="health", url="http://93.184.216.34/health", enabled=False)
    assert client.monitors_one(made["id"])["state"] == "paused"
    client.monitors_delete(made["id"])
    assert list(client.pages(client.monitors_listed)) == []
