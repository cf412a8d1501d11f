"""A service, monitors of it, and a clock that a test drives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from diagnostics.models import Monitor, Service
from diagnostics.monitoring import Seen, WantedMonitor, save
from diagnostics.outbound import Timing
from diagnostics.triage import Actor

BEGIN = datetime(2026, 11, 23, 12, tzinfo=UTC)
BY = Actor("ann")
MakeMonitor = Callable[..., Monitor]
MILLISECOND = 1_000_000


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def good(ms: int = 20, **more: Any) -> Seen:
    return Seen(True, ms * MILLISECOND, 200, timing=Timing(1, 2, 0, 3, ms * MILLISECOND), **more)


def bad(error: str = "No connection to a:80: Connection refused.") -> Seen:
    return Seen(False, MILLISECOND, reason="connect", error=error)


@pytest.fixture(autouse=True)
def _loopback_is_listed(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]


@pytest.fixture
def service(db: None) -> Service:
    return Service.objects.create(name="open-autoglm", environment="prod")


@pytest.fixture
def monitor(service: Service) -> MakeMonitor:
    def make(name: str = "health", url: str = "http://127.0.0.1:9/health", **fields: Any) -> Monitor:
        return save(service, WantedMonitor(name, url, **fields), BY, now=BEGIN)

    return make
