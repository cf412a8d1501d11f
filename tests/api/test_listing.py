"""Lists: filters, pages, services, series, and what a bound token sees of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from diagnostics.models import Launch
from tests.api.conftest import Caller, issue, send
from tests.api.shapes import LAUNCH
from tests.data.snapshots import MS, T0, Document, phase, snapshot

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "fedcba"),
        ({"service": "x"}, "fcba"),
        ({"service": "nobody"}, ""),
        ({"service": ""}, ""),
        ({"environment": "prod"}, "c"),
        ({"environment": ""}, "fedba"),
        ({"service": "x", "environment": ""}, "fba"),
        ({"version": "1"}, "da"),
        ({"version": "1=2,&ü"}, "e"),
        ({"host": "h1"}, "b"),
        ({"status": "failed"}, "d"),
        ({"status": "success", "service": "y"}, "e"),
        ({"status": "nonsense"}, ""),
        ({"start_class": "cold"}, ""),
        ({"label": "gpu=H100"}, "ba"),
        ({"label": ["gpu=H100", "zone=a"]}, "a"),
        ({"label": "gpu=T4"}, ""),
        ({"since": str(T0 + 2000 * MS)}, "fedc"),
        ({"since": "2025-11-24T16:00:02Z"}, "fedc"),
        ({"since": "2025-11-24T17:00:02.000000001+01:00"}, "fed"),
        ({"until": "2025-11-24T16:00:02Z"}, "ba"),
        ({"since": "2025-11-24T16:00:01Z", "until": "2025-11-24T16:00:03Z"}, "cb"),
        ({"slower-than": 300 * MS}, "fed"),
        ({"slower_than": 300 * MS}, "fed"),
        ({"slower-than": 2**63 - 1}, ""),
        ({"since": str(-(10**18))}, "fedcba"),
        ({"since": str(10**19 - 1)}, ""),
    ],
)
def test_filters(reader: Caller, catalogue: dict[str, str], query: Document, expected: str) -> None:
    assert [launch["id"] for launch in reader.pages("/launches", **query)] == [catalogue[letter] for letter in expected]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 1000])
def test_pages_are_complete_and_without_duplicates(reader: Caller, catalogue: dict[str, str], limit: int) -> None:
    # All at one instant: the id alone decides the order then.
    Launch.objects.exclude(pk=catalogue["a"]).update(start_time=T0)
    listed = reader.pages("/launches", limit=limit)
    assert {launch["id"] for launch in listed} == set(catalogue.values())
    assert len(listed) == 6
    assert all(launch.keys() == LAUNCH for launch in listed)
    assert listed == reader.pages("/launches")


def test_a_page_that_began_is_not_moved_by_what_arrives(
    sender: Caller, reader: Caller, catalogue: dict[str, str]
) -> None:
    first = reader.get("/launches", limit=3)[1]
    send(sender, snapshot(phase("step", 60_000), service="x"))
    second = reader.get("/launches", limit=3, cursor=first["next"])[1]
    assert [launch["id"] for launch in first["items"] + second["items"]] == [catalogue[letter] for letter in "fedcba"]
    assert second["next"] is None


def test_listing_asks_the_database_the_same_however_long(
    reader: Caller, catalogue: dict[str, str], django_assert_num_queries: Any
) -> None:
    reader.get("/launches", limit=1)
    with django_assert_num_queries(2):
        assert len(reader.get("/launches", limit=1)[1]["items"]) == 1
    with django_assert_num_queries(2):
        assert len(reader.get("/launches", limit=6)[1]["items"]) == 6


def test_services(reader: Caller, catalogue: dict[str, str]) -> None:
    status, page = reader.get("/services")
    assert (status, page["next"]) == (200, None)
    assert [(s["name"], s["environment"], s["runs"]) for s in page["items"]] == [
        ("x", "", 3),
        ("x", "prod", 1),
        ("y", "", 2),
    ]
    assert page["items"][0] == {
        "name": "x",
        "environment": "",
        "last_launch": catalogue["f"],
        "last_version": "3",
        "last_status": "success",
        "last_start": T0 + 5000 * MS,
        "last_total_ns": 600 * MS,
        "p50_ns": 200 * MS,
        "p95_ns": 560 * MS,
        "runs": 3,
        "failed_share": 0.0,
        "open_regressions": 0,
    }
    assert page["items"][2]["failed_share"] == 0.5


def test_series(reader: Caller, catalogue: dict[str, str]) -> None:
    status, page = reader.get("/services/x/series", phase="step")
    assert (status, page["change_points"], page["next"]) == (200, [], None)
    assert page["items"] == [
        {
            "launch": catalogue[letter],
            "start_time": T0 + number * 1000 * MS,
            "version": version,
            "status": "success",
            "duration_ns": 100 * (number + 1) * MS,
            "verdict": None,
            "start_class": None,
        }
        for letter, number, version in (("f", 5, "3"), ("b", 1, "2"), ("a", 0, "1"))
    ]
    assert reader.pages("/services/x/series", limit=1) == page["items"]
    assert reader.pages("/services/x/series", phase="step", limit=2) == page["items"]
    assert [p["launch"] for p in reader.pages("/services/x/series", environment="prod")] == [catalogue["c"]]
    assert reader.get("/services/x/series", phase="nowhere")[1]["items"] == []


def test_a_service_may_be_called_anything(sender: Caller, reader: Caller) -> None:
    for name in ("a/b", "a/series", "série <b>", "%2F"):
        launch_id = send(sender, snapshot(phase("step"), service=name))
        response = reader.client.get(f"/api/v1/services/{quote(name)}/series")
        assert [point["launch"] for point in response.json()["items"]] == [launch_id], name


def test_a_bound_token_sees_only_its_services(sender: Caller, catalogue: dict[str, str]) -> None:
    bound = Caller(issue("read", "y"))
    mine, other = catalogue["d"], catalogue["a"]
    artifact = Caller(issue("read")).get(f"/launches/{other}")[1]["artifacts"][0]

    assert [launch["id"] for launch in bound.pages("/launches")] == [catalogue["e"], mine]
    assert bound.get("/launches", service="x")[1]["items"] == []
    assert [service["name"] for service in bound.get("/services")[1]["items"]] == ["y"]
    assert bound.get(f"/launches/{mine}")[0] == 200
    for path in ("", "/phases", "/critical-path", "/waterfall"):
        status, body = bound.get(f"/launches/{other}{path}")
        assert (status, body["error"]["code"]) == (404, "not_found")
    assert bound.get(f"/artifacts/{artifact}")[0] == 404
    assert bound.get(f"/artifacts/{artifact}/raw")[0] == 404
    assert bound.get(f"/artifacts/{artifact}/records")[0] == 404
    assert bound.get("/services/x/series")[0] == 404
    assert bound.get("/compare", baseline=mine, candidate=other)[0] == 400
    assert bound.get("/compare", baseline=mine, candidate="service=x")[0] == 400


@pytest.mark.parametrize(
    "path",
    ["/launches", "/launches/{}", "/launches/{}/phases", "/launches/{}/waterfall", "/services", "/services/x/series",
     "/regressions", "/compare?baseline={}&candidate={}"],
)  # fmt: skip
def test_who_may_read(sender: Caller, catalogue: dict[str, str], path: str) -> None:
    path = path.format(catalogue["a"], catalogue["b"])
    assert Caller(issue("read")).get(path)[0] == 200
    assert Caller(issue("admin")).get(path)[0] == 200
    assert [Caller(t).get(path)[1]["error"]["code"] for t in (None, "lsr_x")] == ["unauthorized", "unknown_token"]
    status, body = sender.get(path)
    assert (status, body["error"]["code"]) == (403, "wrong_scope")
