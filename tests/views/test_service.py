"""One service: its table of launches, its trend, and the way to a comparison."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from tests.data.snapshots import phase, snapshot
from tests.views.conftest import launched, received, usual, work
from tests.views.test_services import HTMX

PAGE = "/services/open-autoglm/"


def totals(part: str) -> list[str]:
    return re.findall(r'<td class="ls-number"><a href="/launches/[^"]+">([^<]+)</a>', part)


def named(service: str, start: int, duration: int, **more: object) -> dict[str, object]:
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{service}{start}"))
    return snapshot(phase("start", start, duration), service=service, launch_id=identity, **more)


def test_unknown_service_is_not_found(viewer: Client) -> None:
    assert viewer.get("/services/nothing/").status_code == 404
    assert viewer.get("/services/no%00thing/").status_code == 404
    assert viewer.get("/services/nothing/trend.json").status_code == 404


@pytest.mark.parametrize("name", ["a/b", "<script>alert(1)</script>", "自动驾驶", "with space?&#", "100 %"])
def test_any_name_has_a_page_and_is_text(viewer: Client, name: str) -> None:
    launched(named(name, 0, 100))
    listed = viewer.get("/").content.decode()
    assert "<script>alert" not in listed
    address = re.search(r'href="(/services/[^"]+)"', listed)
    assert address is not None
    page = viewer.get(address[1].replace("&amp;", "&"))
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_environments_are_apart(viewer: Client) -> None:
    launched(named("open-autoglm", 0, 100, environment="prod"))
    launched(named("open-autoglm", 5000, 700, environment="staging"))
    assert totals(viewer.get(PAGE).content.decode()) == ["700 ms"]  # the one launched last
    assert totals(viewer.get(PAGE, {"environment": "prod"}).content.decode()) == ["100 ms"]
    assert viewer.get(PAGE, {"environment": "nowhere"}).status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["300 ms", "200 ms", "100 ms"]),
        ({"sort": "fastest"}, ["100 ms", "200 ms", "300 ms"]),
        ({"sort": "slowest"}, ["300 ms", "200 ms", "100 ms"]),
        ({"version": "2"}, ["200 ms"]),
        ({"host": "gpu-1"}, ["100 ms"]),
        ({"status": "failed"}, ["300 ms"]),
        ({"label": "gpu=H100"}, ["100 ms"]),
        ({"label": "gpu=A100"}, []),
        ({"since": "2025-11-25"}, []),
        ({"since": "2025-11-24"}, ["300 ms", "200 ms", "100 ms"]),
        ({"cursor": "not one of ours"}, ["300 ms", "200 ms", "100 ms"]),
    ],
)
def test_filter_and_sort(viewer: Client, query: dict[str, str], expected: list[str]) -> None:
    launched(named("open-autoglm", 0, 100, version="1", host={"name": "gpu-1"}, labels={"gpu": "H100"}))
    launched(named("open-autoglm", 1000, 200, version="2"))
    failed = snapshot(phase("start", 2000, 300, status="failed"), version="3", launch_id=str(uuid.UUID(int=9)))
    launched(failed)
    assert totals(viewer.get(PAGE, query, headers=HTMX).content.decode()) == expected


@pytest.mark.parametrize(
    ("query", "sentence"),
    [({"label": "H100"}, "Give the label as key=value"), ({"since": "yesterday"}, "Enter a valid date")],
)
def test_filter_in_error_says_so_and_shows_the_rest(viewer: Client, query: dict[str, str], sentence: str) -> None:
    launched(named("open-autoglm", 0, 100))
    page = viewer.get(PAGE, query).content.decode()
    assert sentence in page
    assert totals(page) == ["100 ms"]


@pytest.mark.parametrize("sort", ["newest", "slowest", "fastest"])
def test_pages_follow_each_other_without_gap_or_repeat(viewer: Client, sort: str) -> None:
    for number in range(53):
        launched(named("open-autoglm", number * 1000, 100 + number % 7))
    first = viewer.get(PAGE, {"sort": sort}).content.decode()
    following = re.search(r'hx-get="(\?[^"]+)"', first)
    assert following is not None
    second = viewer.get(PAGE + following[1].replace("&amp;", "&"), headers=HTMX).content.decode()
    ids = re.findall(r'name="baseline" value="([^"]+)"', first) + re.findall(r'name="baseline" value="([^"]+)"', second)
    assert len(totals(first)) == 50
    assert len(totals(second)) == 3
    assert len(set(ids)) == 53
    assert "Show more" not in second


def test_empty_after_filtering_offers_the_way_back(viewer: Client) -> None:
    launched(named("open-autoglm", 0, 100))
    assert "No launch matches these filters" in viewer.get(PAGE, {"version": "9"}).content.decode()


def test_two_versions_can_be_compared_at_once(viewer: Client, slowed: object) -> None:
    page = viewer.get(PAGE).content.decode()
    assert '<option value="service=open-autoglm,environment=,version=2.0,last=20" selected>2.0 (5)</option>' in page
    assert "+" in page
    assert "slower" in page


def test_trend_has_every_launch_and_rings_the_flagged(viewer: Client, slowed: object) -> None:
    figure = viewer.get(PAGE + "trend.json", {"width": 600}).json()
    roles = {trace["meta"]["role"]: len(trace["x"]) for trace in figure["data"]}
    assert sum(len(trace["x"]) for trace in figure["data"] if trace["meta"]["role"] == "launches") == 15
    assert roles["flagged"] >= 3


def test_row_asks_until_it_is_parsed(viewer: Client) -> None:
    accepted = received(usual(1))
    row = viewer.get(f"/launches/{accepted.launch}/row").content.decode()
    assert f'hx-get="/launches/{accepted.launch}/row?asked=1"' in row
    assert "hx-get" not in viewer.get(f"/launches/{accepted.launch}/row?asked=60").content.decode()
    work(accepted)
    row = viewer.get(f"/launches/{accepted.launch}/row").content.decode()
    assert "hx-get" not in row
    assert totals(row) == ["1.3 s"]
