"""The Atom feed: for a session or a token, narrowed by what the token may see."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET

import pytest
from django.test import Client

from diagnostics.models import ApiToken, Launch, Regression

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(content: bytes) -> list[str]:
    return [entry.findtext(f"{ATOM}title") or "" for entry in ET.fromstring(content).iter(f"{ATOM}entry")]


def issued(scope: str = "read", *services: str) -> str:
    return ApiToken.objects.issue(name="feed", scope=scope, services=services)[1]


def test_a_signed_in_browser(viewer: Client, slowed: list[Launch]) -> None:
    answer = viewer.get("/regressions/feed/")
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert len(entries(answer.content)) == 2
    assert any(
        "open-autoglm: model/weights +1." in title and title.endswith("open") for title in entries(answer.content)
    )
    regression = Regression.objects.get(series=None)
    assert f"/regressions/{regression.pk}/" in answer.content.decode()
    assert regression.rule in answer.content.decode()


def test_narrowed(viewer: Client, slowed: list[Launch]) -> None:
    assert entries(viewer.get("/regressions/feed/?service=other").content) == []
    assert entries(viewer.get("/regressions/feed/?state=resolved").content) == []
    assert len(entries(viewer.get("/regressions/feed/?service=open-autoglm&state=open&page=%00").content)) == 2


@pytest.mark.parametrize("way", ["bearer", "basic", "address"])
def test_a_token_three_ways(slowed: list[Launch], way: str) -> None:
    token = issued()
    basic = base64.b64encode(f"any:{token}".encode()).decode()
    headers = {"bearer": {"Authorization": f"Bearer {token}"}, "basic": {"Authorization": f"Basic {basic}"}}
    query = f"?token={token}" if way == "address" else ""
    answer = Client(headers=headers.get(way, {})).get(f"/regressions/feed/{query}")
    assert len(entries(answer.content)) == 2
    assert token not in answer.content.decode()


def test_a_bound_token_sees_its_own(slowed: list[Launch]) -> None:
    answer = Client().get(f"/regressions/feed/?token={issued('read', 'other')}")
    assert entries(answer.content) == []


@pytest.mark.parametrize("header", ["Bearer lsr_no", "Basic ===", "Basic eDp5", "Basic eDo="])
def test_refused(db: None, header: str) -> None:
    answer = Client(headers={"Authorization": header}).get("/regressions/feed/")
    assert (answer.status_code, answer["WWW-Authenticate"][:5]) == (401, "Basic")


def test_an_ingest_token_reads_nothing(db: None) -> None:
    assert Client().get(f"/regressions/feed/?token={issued('ingest')}").status_code == 401


def test_nobody_is_asked_to_log_in(db: None) -> None:
    assert Client().get("/regressions/feed/")["Location"].startswith("/login/")
