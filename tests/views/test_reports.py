"""The pages of reports and schedules."""

from __future__ import annotations

import pytest
from django.test import Client

from diagnostics import reporting
from diagnostics.models import Launch, Report, Schedule
from tests.reporting.conftest import a_schedule

FORM = {"name": "Weekly", "cron": "0 8 * * 1", "time_zone": "Europe/Berlin", "period": "week", "language": "en"}


def made(schedule: Schedule | None = None) -> Report:
    report = reporting.make(reporting.send_now(schedule or a_schedule(), "editor").pk)
    assert report
    return report


def test_nothing_yet(viewer: Client, editor: Client) -> None:
    for address in ("/reports/", "/reports/schedules/"):
        assert "Add a schedule" in editor.get(address).content.decode()
        assert "Add a schedule" not in viewer.get(address).content.decode()


def test_a_schedule_is_made_changed_switched_and_deleted(editor: Client) -> None:
    assert editor.post("/reports/schedules/new/", FORM | {"enabled": "on"})["Location"] == "/reports/schedules/"
    schedule = Schedule.objects.get()
    assert schedule.next_due
    assert schedule.created_by == "editor"
    assert "Europe/Berlin" in editor.get("/reports/schedules/").content.decode()
    editor.post(f"/reports/schedules/{schedule.pk}/", FORM | {"labels": "gpu=H100, a=b=c", "enabled": "on"})
    assert Schedule.objects.get().labels == {"gpu": "H100", "a": "b=c"}
    editor.post(f"/reports/schedules/{schedule.pk}/switch")
    assert Schedule.objects.get().next_due is None
    editor.post(f"/reports/schedules/{schedule.pk}/switch")
    assert Schedule.objects.get().next_due
    report = made(schedule)
    editor.post(f"/reports/schedules/{schedule.pk}/delete")
    assert not Schedule.objects.exists()
    assert editor.get(f"/reports/{report.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("cron", "61 * * * *", "the minute (first field) must be 0 to 59"),
        ("cron", "often", "needs five fields"),
        ("time_zone", "Mars/Olympus", "is not a time zone"),
        ("labels", "gpu", "write name=value"),
        ("labels", "=x", "write name=value"),
        ("name", "", "required"),
        ("name", "Taken", "There is a schedule of this name already"),
    ],
)
def test_a_wrong_form_is_told_at_its_field(editor: Client, field: str, value: str, told: str) -> None:
    a_schedule("Taken")
    answer = editor.post("/reports/schedules/new/", FORM | {field: value})
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert Schedule.objects.count() == 1


def test_preview_keeps_nothing(editor: Client, viewer: Client, slowed: list[Launch]) -> None:
    page = editor.post("/reports/schedules/new/", FORM | {"preview": "1"}).content.decode()
    assert "not sent, not kept" in page
    assert "2 new regressions" in page
    assert not Schedule.objects.exists()
    page = viewer.get(f"/reports/schedules/{a_schedule().pk}/preview/").content.decode()
    assert "2 new regressions" in page
    assert not Report.objects.exists()


@pytest.mark.usefixtures("queue_is_empty")
def test_send_now(editor: Client, slowed: list[Launch]) -> None:
    answer = editor.post(f"/reports/schedules/{a_schedule().pk}/send")
    report = Report.objects.get()
    assert answer["Location"] == f"/reports/{report.pk}/"
    assert "Being made" in editor.get(f"/reports/{report.pk}/").content.decode()
    reporting.make(report.pk)
    page = editor.get(f"/reports/{report.pk}/").content.decode()
    for told in ("weights", "2.0", "Where the difference comes from", "<plotly-chart", "sent by hand by editor"):
        assert told in page
    assert "style=" not in page.partition("<main")[2]
    assert "2 new regressions" in editor.get("/reports/").content.decode()


def test_the_mail_is_shown_under_a_policy_of_its_own(viewer: Client, slowed: list[Launch]) -> None:
    report = made()
    answer = viewer.get(f"/reports/{report.pk}/mail/")
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "allow-scripts" not in policy
    assert "New regression" not in answer.content.decode() or "weights" in answer.content.decode()


def test_viewers_look_only(viewer: Client) -> None:
    schedule = a_schedule()
    assert viewer.get(f"/reports/schedules/{schedule.pk}/").status_code == 200
    for address in ("", "send", "switch", "delete"):
        assert viewer.post(f"/reports/schedules/{schedule.pk}/{address}", FORM).status_code == 403
    assert viewer.get("/reports/999/").status_code == 404
    assert viewer.get("/reports/99999999999999999999/").status_code == 404
    assert viewer.get("/reports/999/mail/").status_code == 404
    assert Schedule.objects.count() == 1


def test_a_failed_report_says_so(viewer: Client) -> None:
    report = reporting.send_now(a_schedule(), "editor")
    Report.objects.update(state="failed", log=["Attempt 5 failed: RuntimeError: the disk is on fire"])
    page = viewer.get(f"/reports/{report.pk}/").content.decode()
    assert "could not be made" in page
    assert "the disk is on fire" in page


def test_a_person_chooses_the_language(viewer: Client) -> None:
    page = viewer.get("/reports/").content.decode()
    assert 'name="language" value="zh-hans"' in page
    answer = viewer.post("/language/", {"language": "zh-hans", "next": "/reports/"})
    assert answer["Location"] == "/reports/"
    page = viewer.get("/reports/").content.decode()
    assert '<html lang="zh-hans">' in page
    assert "报告计划" in page
    assert viewer.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})["Location"] == "/"
