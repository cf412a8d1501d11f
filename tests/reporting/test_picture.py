"""The PNG of a report: drawn by a real Chromium; without one the report goes out all the same."""

from __future__ import annotations

import pytest

from diagnostics import reporting
from diagnostics.models import Channel, Delivery, Launch
from tests.reporting.conftest import a_schedule


@pytest.mark.django_db
def test_a_report_has_it_attached(channel: Channel, slowed: list[Launch]) -> None:
    reporting.make(reporting.send_now(a_schedule(channels=[channel]), "editor").pk)
    (attachment,) = Delivery.objects.get().message["attachments"]
    assert (attachment["name"], attachment["content_type"]) == ("waterfall.png", "image/png")


@pytest.mark.django_db
def test_without_chromium_the_log_says_so(
    channel: Channel, slowed: list[Launch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    report = reporting.make(reporting.send_now(a_schedule(channels=[channel]), "editor").pk)
    assert report
    assert report.state == "ready"
    assert "Chromium is not installed here" in report.log[0]
    assert Delivery.objects.get().message["attachments"] == []
