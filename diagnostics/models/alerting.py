"""Alert rules, what they have seen, what they told, and who silenced them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from diagnostics.models.catalogue import Service
from diagnostics.models.channel import Channel
from diagnostics.models.launch import Launch
from diagnostics.querysets.alerts import AlertQuerySet, AlertRuleQuerySet, MuteQuerySet


class AlertRule(models.Model):
    """When to raise an alert, of whom, and how to tell it. No service is all of them; ``phase`` "" is the total."""

    class Severity(models.TextChoices):
        WARNING = "warning"
        CRITICAL = "critical"

    name = models.TextField()
    kind = models.TextField()  # a key of alerting.KINDS
    service = models.ForeignKey(Service, null=True, on_delete=models.CASCADE, related_name="alert_rules")
    environment = models.TextField(blank=True, db_default="", default="")  # "" is any
    phase = models.TextField(blank=True, db_default="", default="")  # a glob, as in thresholds
    settings = models.JSONField(default=dict)  # what the kind asks for, by name
    severity = models.TextField(choices=Severity.choices, db_default=Severity.WARNING, default=Severity.WARNING)
    for_times = models.IntegerField(db_default=1, default=1)  # launches (checks) in a row that must show it
    for_seconds = models.IntegerField(db_default=0, default=0)  # and how long it must last
    resolve_after = models.IntegerField(db_default=1, default=1)  # launches (checks) in a row back to normal
    cool_down = models.IntegerField(db_default=0, default=0)  # seconds after a message without another of the same
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    quiet_zone = models.TextField(blank=True, db_default="UTC", default="UTC")
    quiet_holds_critical = models.BooleanField(db_default=False, default=False)
    every_channel = models.BooleanField(db_default=True, default=True)  # else those chosen
    channels = models.ManyToManyField(Channel, blank=True, related_name="alert_rules")
    enabled = models.BooleanField(db_default=True, default=True)
    last_fired_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="alert_rule_has_name"),
            models.CheckConstraint(
                condition=models.Q(for_times__gte=1, for_seconds__gte=0, resolve_after__gte=1, cool_down__gte=0),
                name="alert_rule_counts_are_whole",
            ),
            # Hours that begin must end.
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="alert_rule_quiet_hours",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AlertRuleChange(models.Model):
    """Who changed a rule and how, so that a threshold can be followed back; it outlives the rule."""

    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.SET_NULL, related_name="changes")
    rule_name = models.TextField()
    at = models.DateTimeField(db_default=Now())
    actor = models.TextField()
    text = models.TextField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.actor}: {self.text}"


class AlertWatch(models.Model):
    """What a rule has seen of one subject lately: the memory behind ``for`` and "back for N launches"."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="watches", db_index=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    subject_key = models.TextField()
    seen = models.JSONField(default=list)  # see alerting.machine.Track
    began = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "service", "subject_key"], name="alert_watch_once"),
        ]

    def __str__(self) -> str:
        return self.subject_key


class Alert(models.Model):
    """One change that a rule found: told once, then firing → acknowledged → resolved."""

    class State(models.TextChoices):
        FIRING = "firing"
        ACKNOWLEDGED = "acknowledged"
        RESOLVED = "resolved"

    LIVE = (State.FIRING, State.ACKNOWLEDGED)

    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.SET_NULL, related_name="alerts", db_index=False)
    # As they were when it fired: the rule may be changed or deleted since.
    rule_name = models.TextField()
    rule_text = models.TextField()
    kind = models.TextField()
    severity = models.TextField(choices=AlertRule.Severity.choices)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    subject_key = models.TextField()
    subject_name = models.TextField()
    change = models.TextField()  # what it began with: a launch's id, or the instant of a check
    # The alert that the others of the same trouble are told with; the first names itself.
    incident = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.TextField(choices=State.choices, db_default=State.FIRING, default=State.FIRING)
    words = models.TextField()  # English, with %(name)s for the values
    values = models.JSONField(default=dict)
    numbers = models.JSONField(default=list)  # (name, value, unit), the most telling first
    url = models.TextField(blank=True)  # of the proof, as a path of this site
    launch = models.ForeignKey(Launch, null=True, on_delete=models.SET_NULL, related_name="alerts")
    times = models.IntegerField(db_default=1, default=1)  # launches (checks) that showed it since it began
    began_at = models.DateTimeField()
    fired_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(db_default=Now())

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two workers that see the same must not raise it twice,
            models.UniqueConstraint(
                fields=["rule", "service", "subject_key"],
                condition=models.Q(state__in=["firing", "acknowledged"]),
                name="alert_once",
            ),
            # nor may one change be told again after it was resolved.
            models.UniqueConstraint(fields=["rule", "service", "subject_key", "change"], name="alert_once_a_change"),
            models.CheckConstraint(
                condition=models.Q(state="resolved", resolved_at__isnull=False)
                | (~models.Q(state="resolved") & models.Q(resolved_at__isnull=True)),
                name="alert_resolved_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-fired_at"], name="alert_state"),  # /alerts/
            models.Index(fields=["service", "-fired_at"], name="alert_service"),  # a service's alerts, its incidents
            # The number in the top bar of every page.
            models.Index(fields=["service"], condition=models.Q(state="firing"), name="alert_firing"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return self.words % self.values if self.values else self.words

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class AlertChange(models.Model):
    """Who did what to an alert, and when; rows are only ever added."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(db_default=Now())
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.TextField()
    from_state = models.TextField(blank=True)  # "" when it fired
    to_state = models.TextField()
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.actor}: {self.from_state} → {self.to_state}"


class AlertNotice(models.Model):
    """That a change is to be told, and when it was. A row waits while its rule is quiet or it is muted."""

    class Event(models.TextChoices):
        FIRING = "firing"
        RESOLVED = "resolved"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices", db_index=False)
    event = models.TextField(choices=Event.choices)
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    withheld = models.TextField(blank=True, db_default="", default="")  # why it was not told after all
    channel_ids = ArrayField(
        models.BigIntegerField(), default=list
    )  # where it was told: that it is over goes there too

    class Meta:
        constraints = [
            # Each change is reported exactly once, whatever happens to the workers.
            models.UniqueConstraint(fields=["alert", "event"], name="alert_told_once"),
        ]
        indexes = [
            # What waits to be told, looked for after each launch and every minute.
            models.Index(fields=["alert"], condition=models.Q(done_at__isnull=True), name="alert_notice_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.alert_id}"


class Mute(models.Model):
    """Alerts that fit are shown but not told until it ends. No service, rule or subject is all of them."""

    service = models.ForeignKey(Service, null=True, on_delete=models.CASCADE, related_name="+")
    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.CASCADE, related_name="mutes")
    subject_key = models.TextField(blank=True, db_default="", default="")
    until = models.DateTimeField()
    reason = models.TextField()
    actor = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    ended_by = models.TextField(blank=True, db_default="", default="")  # who ended it early

    objects = MuteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="mute_says_why"),
        ]
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.reason

    def fits(self, alert: Alert) -> bool:
        wanted: list[tuple[Any, Any]] = [
            (self.service_id, alert.service_id),
            (self.rule_id, alert.rule_id),
            (self.subject_key, alert.subject_key),
        ]
        return all(own in (None, "", other) for own, other in wanted)


class LaunchEvaluation(models.Model):
    """That the rules have looked at a launch: the sweep looks for current ones without it."""

    launch = models.OneToOneField(Launch, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.launch_id)
