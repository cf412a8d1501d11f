"""The PNG of a report: drawn by a real Chromium; without one the report goes out all the same."""

from __future__ import annotations

import sys

import pytest

from diagnostics import reporting
from diagnostics.models import Channel, Delivery, Launch
from diagnostics.reporting import picture
from tests.chromium import find
from tests.reporting.conftest import a_schedule

FIGURE = {"data": [{"type": "bar", "x": [1], "y": [2]}], "layout": {"width": 300, "height": 200}}


def test_chromium_draws_it() -> None:
    browser = find()
    assert browser, "Chromium is missing: `make test` installs it"
    image = picture.png(FIGURE, str(browser))
    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20], "big") == 600  # twice the size, for sharp screens


def test_it_is_ended_when_the_time_is_over() -> None:
    with pytest.raises(picture.NoPicture, match="in time"):
        picture.png(FIGURE, str(find() or sys.executable), seconds=0.01)


def test_what_is_no_browser_is_told() -> None:
    with pytest.raises(picture.NoPicture):
        picture.png(FIGURE, "/bin/false", seconds=30)


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
