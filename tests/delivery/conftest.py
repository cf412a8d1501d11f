"""Channels to loopback, and what is said through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pytest_django import Settings

from diagnostics.delivery import Message
from diagnostics.models import Channel
from tests.delivery.receivers import Receiver, receiving

MakeChannel = Callable[..., Channel]
Receive = Callable[[str], Receiver]


@pytest.fixture
def make_channel(db: None) -> MakeChannel:
    def make(kind: str = "webhook", name: str = "", secrets: dict[str, str] | None = None, **more: Any) -> Channel:
        channel = Channel(kind=kind, name=name or f"a {kind}", **more)
        channel.keep_secrets(secrets or {"url": "http://127.0.0.1:9/hook", "secret": "s"})
        channel.save()
        return channel

    return make


def message(subject: str = "weights got slower", **more: Any) -> Message:
    return Message(subject, more.pop("text", "weights takes 12 s instead of 8 s"), **more)


@pytest.fixture
def receive(settings: Settings) -> Iterator[Callable[[str], Receiver]]:
    """Starts a receiver of a kind; the operator allows it."""
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    with ExitStack() as stack:
        yield lambda kind: stack.enter_context(receiving(kind))
