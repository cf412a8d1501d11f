"""The first page."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from diagnostics.models import Regression
from tests.data.snapshots import phase, snapshot
from tests.views.conftest import launched, received, usual, work

HTMX = {"HX-Request": "true"}


def test_empty_page_shows_the_first_command_with_this_servers_address(viewer: Client) -> None:
    page = viewer.get("/").content.decode()
    assert "http://testserver/api/v1/launches?service=my-service" in page
    assert "make demo" in page


def test_service_at_a_glance(viewer: Client) -> None:
    for number in range(3):
        launched(usual(number, version="1.0", environment="prod"))
    page = viewer.get("/").content.decode()
    for shown in ("open-autoglm", "prod", "1.3 s", "ls-sparkline", "1.0"):
        assert shown in page


def test_open_regressions_are_counted_where_they_are(viewer: Client, slowed: object) -> None:
    page = viewer.get("/").content.decode()
    opened = Regression.objects.filter(state="open").count()
    assert opened
    assert f"{opened} open" in page
    assert "/regressions/?service=open-autoglm&amp;environment=" in page


@pytest.mark.parametrize(("find", "shown", "hidden"), [("alp", "alpha", "beta"), ("BET", "beta", "alpha")])
def test_filter(viewer: Client, find: str, shown: str, hidden: str) -> None:
    for name in ("alpha", "beta"):
        launched(snapshot(phase("start"), service=name))
    part = viewer.get("/", {"find": find}, headers=HTMX).content.decode()
    assert f">{shown}<" in part
    assert f">{hidden}<" not in part
    assert "<html" not in part


def test_filter_that_matches_nothing_says_so(viewer: Client) -> None:
    launched(snapshot(phase("start"), service="alpha"))
    assert "No service matches “gamma”" in viewer.get("/?find=gamma").content.decode()


@pytest.mark.parametrize(
    ("sort", "first"), [("name", "alpha"), ("p50", "beta"), ("failed", "gamma"), ("junk", "alpha")]
)
def test_sort(viewer: Client, sort: str, first: str) -> None:
    launched(snapshot(phase("start", duration=10), service="alpha"))
    launched(snapshot(phase("start", duration=900), service="beta"))
    launched(snapshot(phase("start", duration=20, status="failed"), service="gamma"))
    page = viewer.get("/", {"sort": sort}).content.decode()
    assert min(("alpha", "beta", "gamma"), key=lambda name: page.index(f">{name}<")) == first


def test_page_asks_again_only_while_something_is_parsed(viewer: Client) -> None:
    accepted = received(usual(1))
    page = viewer.get("/").content.decode()
    assert "parsing…" in page
    assert 'hx-trigger="load delay:1s"' in page
    assert 'hx-trigger="load delay:41s"' in viewer.get("/?asked=19").content.decode()
    assert 'hx-trigger="load' not in viewer.get("/?asked=60").content.decode()
    work(accepted)
    assert 'hx-trigger="load' not in viewer.get("/").content.decode()


def test_rejected_is_not_parsing(viewer: Client) -> None:
    work(received([phase("start", duration=-5)], service="broken"))
    page = viewer.get("/").content.decode()
    assert "rejected" in page
    assert "parsing…" not in page


@pytest.mark.parametrize("name", ["a\nb", "\r\n", "a/b?c#d e%41", "..", "\u2028", "服务 😀"])
def test_a_service_may_have_any_name(viewer: Client, name: str) -> None:
    launched(snapshot(phase("a"), service=name + "!"))
    page = viewer.get("/")
    assert page.status_code == 200
    link = re.findall(r'href="(/services/[^"]+)"', page.content.decode())[0]
    assert viewer.get(unescape(link)).status_code == 200
