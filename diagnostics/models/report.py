"""When reports are due, and the reports that were made."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from diagnostics.models.catalogue import Service
from diagnostics.models.channel import Channel
from diagnostics.querysets.reports import ReportQuerySet, ScheduleQuerySet


class Schedule(models.Model):
    """Which report goes out when, on what, and where to. A disabled one has no ``next_due``."""

    class Period(models.TextChoices):
        """What a report covers; the end is always the time it was due."""

        SINCE_LAST = "since_last", _("Since the report before it")
        DAY = "day", _("The last 24 hours")
        WEEK = "week", _("The last 7 days")
        MONTH = "month", _("The last 30 days")

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    name = models.TextField(unique=True)
    services = models.ManyToManyField(Service, blank=True, related_name="schedules")  # none: all
    labels = models.JSONField(default=dict, blank=True)  # launches must carry all of these; none: any launch
    cron = models.TextField()
    time_zone = models.TextField(default="UTC")
    period = models.TextField(choices=Period.choices, default=Period.SINCE_LAST)
    channels = models.ManyToManyField(Channel, blank=True, related_name="schedules")
    language = models.TextField(choices=Language.choices, default=Language.ENGLISH)
    only_when_changed = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    next_due = models.DateTimeField(null=True)
    covered_until = models.DateTimeField(null=True)  # where the newest due report ends, and the next begins
    created_by = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(enabled=False, next_due__isnull=True)
                | models.Q(enabled=True, next_due__isnull=False),
                name="schedule_enabled_is_due_once",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="schedule_has_name"),
        ]
        # Beat asks several times a minute what is due.
        indexes = [models.Index(fields=["next_due"], condition=models.Q(enabled=True), name="schedule_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Report(models.Model):
    """One report. ``content`` is what it says as data (reporting.content), ``html`` and ``text`` how it was sent."""

    class State(models.TextChoices):
        WAITING = "waiting"  # claimed; a worker makes it
        READY = "ready"
        FAILED = "failed"

    class Why(models.TextChoices):
        DUE = "due"
        CATCH_UP = "catch-up"
        BY_HAND = "by-hand"

    schedule = models.ForeignKey(Schedule, null=True, on_delete=models.SET_NULL, related_name="reports")
    name = models.TextField()  # the schedule's at that time
    why = models.TextField(choices=Why.choices)
    due = models.DateTimeField(null=True)  # none when sent by hand
    missed = models.IntegerField(db_default=0)  # due times before this one that passed while nothing ran
    since = models.DateTimeField()
    until = models.DateTimeField()
    language = models.TextField(choices=Schedule.Language.choices)
    state = models.TextField(choices=State.choices, db_default=State.WAITING)
    attempts = models.SmallIntegerField(db_default=0)
    content = models.JSONField(null=True)
    services = ArrayField(models.TextField(), default=list)  # names of all services in its scope: who may read it
    headline = models.TextField(blank=True, db_default="")
    text = models.TextField(blank=True, db_default="")
    html = models.TextField(blank=True, db_default="")
    log = ArrayField(models.TextField(), default=list)  # what became of it, a sentence each
    sent_to = ArrayField(models.TextField(), default=list)  # names of the channels at that time
    created_by = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    made_at = models.DateTimeField(null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            # However many beats and workers there are, a due time has one report.
            models.UniqueConstraint(fields=["schedule", "due"], name="report_once_a_due_time"),
            models.CheckConstraint(condition=models.Q(since__lte=models.F("until")), name="report_period_in_order"),
            models.CheckConstraint(
                condition=~models.Q(state="ready") | models.Q(content__isnull=False), name="report_ready_has_content"
            ),
            models.CheckConstraint(
                condition=models.Q(why="by-hand", due__isnull=True)
                | ~models.Q(why="by-hand") & models.Q(due__isnull=False),
                name="report_due_unless_by_hand",
            ),
        ]
        indexes = [
            # Beat, for reports whose message was lost.
            models.Index(fields=["created_at"], condition=models.Q(state="waiting"), name="report_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.until:%Y-%m-%d %H:%M})"
