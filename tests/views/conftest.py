"""People of each role, and launches that went the whole way: accepted, parsed, judged."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from diagnostics import detection, ingest
from diagnostics.models import Launch
from tests.data.snapshots import Document, encoded, phase, snapshot

PASSWORD = "correct horse battery"  # a made-up one


def person(role: str, name: str = "") -> User:
    user = User.objects.create_user(name or role, password=PASSWORD)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def viewer(db: None) -> Client:
    return signed_in(person("viewer"))


@pytest.fixture
def editor(db: None) -> Client:
    return signed_in(person("editor"))


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in(person("admin"))


def received(document: Document | list[Document], **given: str) -> ingest.Accepted:
    """Accepted and no more: what a page sees before a worker has come to it."""
    return ingest.accept(ingest.Upload(encoded(document), **given))


def work(accepted: ingest.Accepted) -> None:
    launch_id = ingest.parse(accepted.artifact)
    if launch_id is not None:
        detection.judge(launch_id)


def launched(document: Document | list[Document], **given: str) -> Launch:
    accepted = received(document, **given)
    work(accepted)
    assert accepted.launch is not None
    return Launch.objects.get(pk=accepted.launch)


def usual(number: int, load: int = 1000, **more: Any) -> Document:
    """Launch ``number`` of a series: config, then the weights for ``load`` ms and a little that differs each time."""
    start = number * 3_600_000
    noise = number % 3
    phases = [
        phase("config", start, 100 + noise),
        phase("model", start + 100 + noise, load + 200, id="m"),
        phase("weights", start + 100 + noise, load + noise, parent="m"),
    ]
    return snapshot(*phases, launch_id=str(uuid.UUID(int=number + 1)), **more)


@pytest.fixture
def slowed(db: None) -> list[Launch]:
    """Ten usual launches of 1.0, then five of 2.0 whose weights take twice as long: a regression opens."""
    before = [launched(usual(number, version="1.0")) for number in range(10)]
    return before + [launched(usual(number, 2000, version="2.0")) for number in range(10, 15)]
