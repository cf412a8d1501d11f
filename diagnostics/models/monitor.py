"""Health checks of a service: what to ask and how often, what each answer was, and the times it was down."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from diagnostics.models.catalogue import Service
from diagnostics.querysets.monitors import CheckQuerySet, MonitorQuerySet, OutageQuerySet


class Monitor(models.Model):
    """One address that is asked every ``interval`` seconds, at fixed instants."""

    class State(models.TextChoices):
        NEW = "new"
        UP = "up"
        DOWN = "down"

    METHODS = ("GET", "HEAD", "POST")

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="monitors", db_index=False)
    name = models.TextField()
    url = models.TextField()
    method = models.TextField(choices=[(one, one) for one in METHODS], default="GET", db_default="GET")
    expected_status = models.TextField(default="200-299", db_default="200-299")  # "200", "200-299, 304"
    expected_body = models.TextField(blank=True, default="", db_default="")  # must occur in it; "" is anything
    body_is_regex = models.BooleanField(default=False, db_default=False)
    sealed_headers = models.TextField(blank=True, default="", db_default="")  # encrypted: they hold secrets
    interval = models.IntegerField(default=30, db_default=30)  # seconds
    max_time = models.FloatField(default=5.0, db_default=5.0)  # seconds, over everything
    tls_verify = models.BooleanField(default=True, db_default=True)
    tls_warn_days = models.IntegerField(default=14, db_default=14)  # 0: a certificate may end unannounced
    follow_redirects = models.BooleanField(default=True, db_default=True)
    enabled = models.BooleanField(default=True, db_default=True)

    # The next instant of the grid; only ever moved on by whole intervals.
    next_due = models.DateTimeField()
    # While a check runs: nobody else begins one before this. It outlasts any check, and ends one that got lost.
    busy_until = models.DateTimeField(null=True)
    state = models.TextField(choices=State.choices, default=State.NEW, db_default=State.NEW)
    changed_at = models.DateTimeField(null=True)  # since when it is in this state
    checked_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0, db_default=0)  # in a row, up to now
    last_ns = models.BigIntegerField(null=True)  # latency of the last check
    last_error = models.TextField(blank=True, default="", db_default="")
    certificate_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_by = models.TextField(blank=True, default="", db_default="")

    objects = MonitorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "name"], name="monitor_name_once"),
            models.CheckConstraint(condition=~models.Q(name="") & ~models.Q(url=""), name="monitor_has_name_and_url"),
            models.CheckConstraint(
                condition=models.Q(interval__gte=5, interval__lte=86_400), name="monitor_interval_is_sensible"
            ),
            models.CheckConstraint(
                condition=models.Q(max_time__gt=0, max_time__lte=60), name="monitor_time_is_bounded"
            ),
        ]
        indexes = [
            # What is due, asked for every few seconds.
            models.Index(fields=["next_due"], condition=models.Q(enabled=True), name="monitor_due"),
        ]
        ordering = ["service__name", "service__environment", "name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """What alerts call it."""
        return f"monitor:{self.pk}"

    @property
    def shown_state(self) -> str:
        return self.state if self.enabled else "paused"


class Check(models.Model):
    """One answer, or none. Times of its parts are ns, and add up over redirects; null where it did not come so far."""

    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, related_name="checks", db_index=False)
    due = models.DateTimeField()  # the instant of the grid that it stands for
    at = models.DateTimeField()  # when it began
    ok = models.BooleanField()
    status = models.SmallIntegerField(null=True)
    reason = models.TextField(blank=True, default="", db_default="")  # a word: see outbound.Reason; "status", "body"
    error = models.TextField(blank=True, default="", db_default="")  # a sentence
    dns_ns = models.BigIntegerField(null=True)
    connect_ns = models.BigIntegerField(null=True)
    tls_ns = models.BigIntegerField(null=True)
    first_byte_ns = models.BigIntegerField(null=True)
    total_ns = models.BigIntegerField()

    objects = CheckQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two beats, or a worker that comes too late, cannot make two checks of one instant.
            models.UniqueConstraint(fields=["monitor", "due"], name="check_once"),
            models.CheckConstraint(
                condition=models.Q(ok=True, error="") | (models.Q(ok=False) & ~models.Q(error="")),
                name="check_failed_says_why",
            ),
        ]
        indexes = [
            # Strips, charts and lists of one monitor.
            models.Index(fields=["monitor", "-at"], name="check_newest", include=["ok", "total_ns"]),
            # Retention: rows are written in the order of time.
            BrinIndex(fields=["at"], name="check_at"),
        ]

    def __str__(self) -> str:
        return f"{self.monitor_id} {self.at:%Y-%m-%dT%H:%M:%S} {'ok' if self.ok else self.reason}"

    @property
    def parts(self) -> list[tuple[str, Any]]:
        return [
            ("dns", self.dns_ns),
            ("connect", self.connect_ns),
            ("tls", self.tls_ns),
            ("first byte", self.first_byte_ns),
        ]


class Outage(models.Model):
    """From the first failed check to the first good one after it; outlives its checks."""

    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, related_name="outages", db_index=False)
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()  # of its last failed check
    ended_at = models.DateTimeField(null=True)
    checks = models.IntegerField(default=1, db_default=1)
    error = models.TextField()  # of its first check: what broke

    objects = OutageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["monitor"], condition=models.Q(ended_at__isnull=True), name="outage_one_at_a_time"
            ),
        ]
        indexes = [
            # The monitor's page, and what a launch followed on.
            models.Index(fields=["monitor", "-began_at"], name="outage_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.monitor_id} {self.began_at:%Y-%m-%dT%H:%M:%S}"
