"""Callers of the API: Django's test client with a token of each kind."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client

from diagnostics import detection, ingest
from diagnostics.models import ApiToken
from tests.data.snapshots import Document, encoded, phase, snapshot
from tests.durability.instance import Instance, instance


class Caller:
    """A client of the API; answers are (status, JSON)."""

    def __init__(self, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = Client(enforce_csrf_checks=True, headers=headers, raise_request_exception=False)

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        response = self.client.get(f"/api/v1{path}", query)
        return response.status_code, response.json()

    def post(self, document: Any, query: str = "", **headers: str) -> tuple[int, Any]:
        body = document if isinstance(document, bytes) else encoded(document)
        response = self.client.post(f"/api/v1/launches{query}", body, content_type="application/json", headers=headers)
        return response.status_code, response.json()

    def change(self, method: str, path: str, document: Any) -> tuple[int, Any]:
        """PATCH, PUT or POST of a JSON document."""
        response = self.client.generic(method, f"/api/v1{path}", encoded(document), content_type="application/json")
        return response.status_code, response.json()

    def pages(self, path: str, **query: Any) -> list[Any]:
        """All items of a list, page by page."""
        items: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            status, page = self.get(path, **query, **cursor)
            assert status == 200, page
            items += page["items"]
            if page["next"] is None:
                return items
            assert page["items"], "a page that leads on holds something"
            cursor = {"cursor": page["next"]}


def issue(scope: str, *services: str) -> str:
    return ApiToken.objects.issue(name=scope, scope=scope, services=services)[1]


@pytest.fixture
def sender(db: None) -> Caller:
    return Caller(issue("ingest"))


@pytest.fixture
def reader(db: None) -> Caller:
    return Caller(issue("read"))


def work(artifact_id: str) -> None:
    """What the worker does with a message, here and now."""
    launch_id = ingest.parse(uuid.UUID(artifact_id))
    if launch_id is not None:
        detection.judge(launch_id)


def send(sender: Caller, document: Any, query: str = "") -> str:
    """Send a snapshot, have it parsed and judged, and return the launch id."""
    status, accepted = sender.post(document, query)
    assert status == 202, accepted
    work(accepted["artifact"])
    return str(accepted["id"])


@pytest.fixture
def catalogue(sender: Caller) -> dict[str, str]:
    """Six launches, by a letter each; the later the letter, the newer and slower."""
    told: dict[str, Document] = {
        "a": {"service": "x", "version": "1", "labels": {"gpu": "H100", "zone": "a"}},
        "b": {"service": "x", "version": "2", "labels": {"gpu": "H100"}, "host": {"name": "h1"}},
        "c": {"service": "x", "environment": "prod", "version": "2"},
        "d": {"service": "y", "version": "1", "host": {"name": "h2"}},
        "e": {"service": "y", "version": "1=2,&ü", "labels": {"k=v": "é"}},
        "f": {"service": "x", "version": "3"},
    }
    ids = {}
    for number, (letter, outside) in enumerate(told.items()):
        steps = [phase("step", number * 1000, 100 * (number + 1), status="failed" if letter == "d" else "success")]
        ids[letter] = send(sender, snapshot(*steps, **outside))
    return ids


@pytest.fixture(scope="session")
def running(django_db_setup: None) -> Iterator[Instance]:
    """A real web server and a real worker on this run's test database, for all tests that want them."""
    name = settings.DATABASES["default"]["NAME"]
    url = os.environ["DATABASE_URL"].replace("/launchscope?", f"/{name}?")
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    own = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    # One thread: whatever a test left unfinished is over when its next request is answered.
    with instance({**os.environ, **own, "WEB_THREADS": "1"}) as started:
        started.start_web()
        started.start_worker()
        yield started


@pytest.fixture
def served(running: Instance, transactional_db: None) -> Instance:
    """The running instance with an admin's token; what a test sends is committed, and gone after it."""
    running.token = issue("admin")
    return running
