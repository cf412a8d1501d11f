"""A service, and rules made for a test alone: those a new installation has are out of the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from diagnostics.alerting import KINDS
from diagnostics.models import AlertRule, Service

MakeRule = Callable[..., AlertRule]


@pytest.fixture
def service(db: None) -> Service:
    return Service.objects.create(name="open-autoglm", environment="prod")


@pytest.fixture
def rule(db: None) -> MakeRule:
    AlertRule.objects.all().delete()

    def make(kind: str, **fields: Any) -> AlertRule:
        settings = fields.pop("settings", {})
        return AlertRule.objects.create(name=str(KINDS[kind].label), kind=kind, settings=settings, **fields)

    return make
