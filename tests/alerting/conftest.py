"""A service, and rules made for a test alone: those a new installation has are out of the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from diagnostics.alerting import KINDS
from diagnostics.models import AlertRule, Channel, Service
from tests.alerting.launches import LONG_AGO

MakeRule = Callable[..., AlertRule]


@pytest.fixture
def service(db: None) -> Service:
    return Service.objects.create(name="open-autoglm", environment="prod")


@pytest.fixture
def rule(db: None) -> MakeRule:
    AlertRule.objects.all().delete()

    def make(kind: str, **fields: Any) -> AlertRule:
        settings = fields.pop("settings", {})
        named = {"name": str(KINDS[kind].label), "created_at": LONG_AGO, **fields}
        return AlertRule.objects.create(kind=kind, settings=settings, **named)

    return make


@pytest.fixture
def channel(db: None) -> Channel:
    return Channel.objects.create(name="ops", kind="webhook")
