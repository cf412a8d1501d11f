"""One execution of a launch sequence, and what its baseline says of it."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models.functions import Now

from diagnostics.models.catalogue import Host, Series, Service
from diagnostics.querysets.launches import LaunchQuerySet
from diagnostics.records import NS_PER_SECOND, LaunchStatus, Verdict


class Launch(models.Model):
    """Start to ready, or to failure. Times and durations are integer nanoseconds."""

    class State(models.TextChoices):
        RECEIVED = "received"
        PARSED = "parsed"
        JUDGED = "judged"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)  # chosen by the sender
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="launches", db_index=False)
    host = models.ForeignKey(Host, null=True, on_delete=models.SET_NULL, related_name="launches", db_index=False)
    boot_id = models.TextField(blank=True, db_default="")
    boot_time = models.BigIntegerField(null=True)
    version = models.TextField(blank=True, db_default="")
    state = models.TextField(choices=State.choices, db_default=State.RECEIVED)
    status = models.TextField(choices=[(s.value, s.value) for s in LaunchStatus], db_default=LaunchStatus.RUNNING)
    start_time = models.BigIntegerField()  # the time of arrival until the snapshot is parsed, so lists have an order
    total_ns = models.BigIntegerField(null=True)
    unaccounted_ns = models.BigIntegerField(null=True)
    waiting_ns = models.BigIntegerField(null=True)
    gaps = ArrayField(ArrayField(models.BigIntegerField(), size=2), default=list)  # unaccounted stretches, in order
    ready_by = models.TextField(blank=True, db_default="")
    # Where it begins: "" at its own first phase, "pod_created" when Kubernetes tells of the time before. Launches that
    # begin at different places have totals of different things, so a baseline holds one sort only.
    begins_with = models.TextField(blank=True, db_default="")
    assembled = models.BooleanField(db_default=False)  # of more than its snapshot: see ingest.assembling
    start_class = models.TextField(blank=True, db_default="")
    start_class_facts = models.JSONField(null=True)  # what decided the class, or why it is unknown
    milestones = models.JSONField(default=dict)
    labels = models.JSONField(default=dict)
    config = models.JSONField(default=dict)
    phase_count = models.IntegerField(db_default=0)
    verdict = models.TextField(blank=True, db_default="")
    headline = models.TextField(blank=True, db_default="")
    diagnosis = models.TextField(blank=True, db_default="")  # the findings in one sentence, or why there are none
    layer = models.TextField(blank=True, db_default="")  # whose fault it is, by the findings
    confidence = models.FloatField(null=True)  # of the layer, 0..1
    received_at = models.DateTimeField(db_default=Now())

    objects = LaunchQuerySet.as_manager()

    artifact_ids: list[uuid.UUID]  # only after ``with_artifact_ids``

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(start_time__gte=0), name="launch_starts_after_1970"),
            models.CheckConstraint(condition=models.Q(total_ns__gte=0), name="launch_total_not_negative"),
            models.CheckConstraint(
                condition=models.Q(state="received") | models.Q(total_ns__isnull=False), name="launch_parsed_has_total"
            ),
        ]
        indexes = [
            models.Index(
                fields=["service", "-start_time", "-id"], name="launch_by_service"
            ),  # the service page, baselines
            models.Index(fields=["-start_time", "-id"], name="launch_newest"),  # GET /api/v1/launches without a service
            # The sweep, for launches whose judging was lost.
            models.Index(fields=["received_at"], condition=models.Q(state="parsed"), name="launch_unjudged"),
            # Launches that evidence of a host joins.
            models.Index(fields=["host", "-start_time"], name="launch_by_host"),
            # Reports, by their period; launches arrive in order, so a few pages of index tell all.
            BrinIndex(fields=["received_at"], name="launch_arrivals", autosummarize=True, pages_per_range=16),
            GinIndex(fields=["labels"], name="launch_labels", opclasses=["jsonb_path_ops"]),  # ?label=k=v
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def coverage(self) -> float | None:
        """Share of the total that phases cover, 0..1; ``None`` before the snapshot is parsed."""
        if self.total_ns is None or self.unaccounted_ns is None:
            return None
        return 1.0 if self.total_ns == 0 else 1.0 - self.unaccounted_ns / self.total_ns

    @property
    def ready_time(self) -> int:
        return self.start_time + (self.total_ns or 0)

    @property
    def start_seconds(self) -> float:
        """For templates' clocks, which need no more than microseconds."""
        return self.start_time / NS_PER_SECOND


class LaunchFlag(models.Model):
    """A launch's total (no series) or one of its phases, beyond the prediction interval of its baseline."""

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="flags", db_index=False)
    series = models.ForeignKey(Series, null=True, on_delete=models.CASCADE, related_name="flags")
    verdict = models.TextField(choices=[(v.value, v.value) for v in (Verdict.REGRESSED, Verdict.IMPROVED)])
    actual_ns = models.BigIntegerField()
    expected_ns = models.BigIntegerField()
    low_ns = models.BigIntegerField()
    high_ns = models.BigIntegerField()
    runs = models.IntegerField()
    rule = models.TextField(blank=True, db_default="")  # what it was held against and by how much it had to differ

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["launch", "series"], name="flag_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{self.phase or 'total'} {self.verdict} ({self.launch_id})"

    @property
    def phase(self) -> str | None:
        return self.series.path if self.series else None

    @property
    def ratio(self) -> float | None:
        return self.actual_ns / self.expected_ns if self.expected_ns else None
