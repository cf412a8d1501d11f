"""Schedules, and a series in which something got slower."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.models import Channel, Schedule
from diagnostics.reporting import Wanted, save_schedule
from tests.views.conftest import admin, editor, slowed, viewer

__all__ = ["admin", "editor", "slowed", "viewer"]


def a_schedule(name: str = "Daily", cron: str = "0 8 * * *", **more: Any) -> Schedule:
    return save_schedule(Schedule(), Wanted(name=name, cron=cron, **more), "editor")


@pytest.fixture
def channel(db: None) -> Channel:
    made = Channel(name="mail", kind="email", config={"host": "127.0.0.1", "port": 9, "to": ["a@example.org"]})
    made.save()
    return made
