"""Reports that are due are claimed, made and handed to delivery: each exactly once, however many do it at once.

A claim moves ``next_due`` on and writes the report, waiting, in one transaction. Whoever makes it holds its row;
content and outbox are written in one transaction too. A crash anywhere leaves nothing, or something that beat finds.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from diagnostics import delivery
from diagnostics.models import Report, Schedule
from diagnostics.reporting import blocks, picture, rendering, schedules
from diagnostics.reporting.content import Content, from_data, to_data
from diagnostics.reporting.gathering import Asked, gather
from diagnostics.reporting.schedules import ScheduleError

logger = logging.getLogger(__name__)

BATCH = 100
ATTEMPTS = 5
LOST_AFTER = timedelta(minutes=2)


def claim_due(now: datetime | None = None) -> list[int]:
    """Claim all that is due; returns the ids of the reports to make, those included that somebody claimed and lost."""
    now = now or datetime.now(UTC)
    lost = list(Report.objects.left_waiting(LOST_AFTER)[:BATCH])
    waiting = list(Schedule.objects.due(now)[:BATCH])
    return [*lost, *(report.pk for schedule in waiting if (report := claim(schedule, now)))]


def claim(schedule: Schedule, now: datetime) -> Report | None:
    """The report of the newest due time that has passed, waiting to be made; none if somebody else has claimed it."""
    try:
        due = schedules.due(schedule, now)
    except ScheduleError as error:
        logger.error("The schedule %s cannot be followed: %s", schedule.name, error.message)
        return None
    with transaction.atomic():
        _commit_safely()
        if not Schedule.objects.claim(schedule, due.next, due.at):
            return None
        why = Report.Why.CATCH_UP if due.late else Report.Why.DUE
        return _waiting(schedule, why, due.since, due.at, due=due.at, missed=due.missed)


def send_now(schedule: Schedule, by: str) -> Report:
    """A report on the period so far, at once; the schedule goes on as if nothing had been sent."""
    now = datetime.now(UTC)
    since = schedules.covered_from(schedule, now)
    return _waiting(schedule, Report.Why.BY_HAND, since, now, created_by=by)


def _waiting(schedule: Schedule, why: str, since: datetime, until: datetime, **more: Any) -> Report:
    return Report.objects.create(
        schedule=schedule,
        name=schedule.name,
        why=why,
        since=since,
        until=until,
        language=schedule.language,
        **more,
    )


def asked_by(schedule: Schedule, since: datetime, until: datetime) -> Asked:
    """What this schedule's report on a period is about."""
    return Asked(
        since=since,
        until=until,
        services=list(schedule.services.values_list("pk", flat=True)) if schedule.pk else (),
        labels=schedule.labels,
        name=schedule.name,
        time_zone=schedule.time_zone,
        language=schedule.language,
    )


def make(report_id: int) -> Report | None:
    """Write the content of a waiting report and hand it to its channels; again, it changes nothing.

    What fails is tried again by beat, five times; then the report says so.
    """
    try:
        return _made(report_id)
    except Exception as error:
        logger.exception("Report %s could not be made", report_id)
        _failed(report_id, error)
        return None


@transaction.atomic
def _made(report_id: int) -> Report | None:
    _commit_safely()
    waiting = Report.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=report_id, state="waiting")
    report = waiting.select_related("schedule").first()
    if report is None:
        return None
    content = _write(report)
    with translation.override(report.language):
        log = _hand_over(report, content)
    report.state, report.made_at, report.log = Report.State.READY, datetime.now(UTC), [*report.log, *log]
    report.save()
    return report


def _write(report: Report) -> Content:
    schedule = report.schedule or Schedule(name=report.name, language=report.language)
    asked = asked_by(schedule, report.since, report.until)
    gathered = gather(asked.because(report.why, report.missed))
    content = rendering.worded(gathered.content)
    report.content, report.services = to_data(content), list(gathered.services)
    report.headline = content.headline
    report.html, report.text = rendering.html(content, url_of(report)), rendering.text(content, url_of(report))
    return content


def _hand_over(report: Report, content: Content) -> list[str]:
    """Put the message into the outbox of each channel; returns what the report's log says of it."""
    schedule = report.schedule
    if schedule is None:
        return [_("Its schedule was deleted: sent to nobody.")]
    if schedule.only_when_changed and not content.changed and report.why != Report.Why.BY_HAND:
        return [_("Nothing changed, and this schedule reports only changes: sent to nobody.")]
    channels = list(schedule.channels.filter(enabled=True))
    if not channels:
        return [_("The schedule has no enabled channel: sent to nobody.")]
    mail = any(channel.kind == "email" for channel in channels)
    attachment, told = picture.attachment(content) if mail else (None, "")
    message = message_of(report, content, [attachment] if attachment else [])
    delivery.enqueue(channels, message, once=f"report:{report.pk}")
    report.sent_to = [channel.name for channel in channels]
    handed = _("Handed to %(channels)s.") % {"channels": ", ".join(report.sent_to)}
    return [part for part in (told, handed) if part]


def message_of(report: Report, content: Content, attachments: Sequence[delivery.Attachment] = ()) -> delivery.Message:
    """The report as delivery takes it."""
    sections = [
        delivery.Section(block.heading, block.lines, block.url)
        for block in rendering.sections(content)[: blocks.MOST_BLOCKS]
    ]
    return delivery.Message(
        subject=rendering.subject(content),
        text=report.text,
        url=url_of(report),
        severity=delivery.Severity.WARNING if content.counts["new"] else delivery.Severity.INFO,
        html=report.html,
        sections=sections,
        attachments=attachments,
        language=report.language,
    )


def content_of(report: Report) -> Content | None:
    """What a made report says."""
    return None if report.content is None else from_data(report.content)


def url_of(report: Report) -> str:
    """Where the report is read; empty while nobody has said where this installation is reached (SITE_URL)."""
    return f"{settings.SITE_URL}{reverse('report', args=[report.pk])}" if settings.SITE_URL else ""


def _failed(report_id: int, error: Exception) -> None:
    report = Report.objects.filter(pk=report_id, state=Report.State.WAITING).first()
    if report is None:
        return
    report.attempts += 1
    report.log.append(f"Attempt {report.attempts} failed: {type(error).__name__}: {str(error)[:300]}")
    if report.attempts >= ATTEMPTS:
        report.state = Report.State.FAILED
    report.save(update_fields=["attempts", "log", "state"])


def _commit_safely() -> None:
    """Workers commit without waiting for the disk, for what can be done anew. A message that is out cannot."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
