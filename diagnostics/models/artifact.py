"""Uploaded raw files: what is known of each, and its bytes in a partitioned table of their own."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from diagnostics.models.catalogue import Host
from diagnostics.models.launch import Launch
from diagnostics.querysets.artifacts import ArtifactQuerySet


class Artifact(models.Model):
    """One uploaded file, kept as it came."""

    class State(models.TextChoices):
        RECEIVED = "received"
        PARSED = "parsed"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.TextField()
    state = models.TextField(choices=State.choices, db_default=State.RECEIVED)
    error = models.JSONField(null=True)  # {"code", "message", "where"} when rejected
    launch = models.ForeignKey(Launch, null=True, on_delete=models.CASCADE, related_name="artifacts", db_index=False)
    host = models.ForeignKey(Host, null=True, on_delete=models.SET_NULL, related_name="artifacts", db_index=False)
    size = models.BigIntegerField()  # bytes after decompression
    sha256 = models.CharField(max_length=64)  # of the decompressed bytes, so that a retry may compress differently
    given = models.JSONField(default=dict)  # what the query said, for what the file does not say itself
    told = models.JSONField(null=True)  # what it says of its launch: milestones, labels, config, version, host
    boot_id = models.TextField(blank=True, db_default="")
    boot_time = models.BigIntegerField(null=True)  # ns, as the file says or its sender
    attempts = models.SmallIntegerField(db_default=0)
    parser = models.TextField(blank=True, db_default="")
    lines = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    first_ns = models.BigIntegerField(null=True)
    last_ns = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    previous = models.JSONField(null=True)  # {"parser", "lines", "counts"} of the reading before it was read again
    day = models.DateField()  # the partition that holds the bytes
    received_at = models.DateTimeField(db_default=Now())

    objects = ArtifactQuerySet.as_manager()

    # Only after a worker has claimed it: its bytes, compressed, and its launch's service.
    stored: bytes | None
    service_id: int | None
    # Only after ``evidence_of``: "launch" or "host".
    joined_by: str

    class Meta:
        constraints = [
            # A launch has one snapshot; a rejected one may be replaced by a corrected one.
            models.UniqueConstraint(
                fields=["launch"],
                condition=models.Q(kind="snapshot") & ~models.Q(state="rejected"),
                name="artifact_one_snapshot",
            ),
            models.CheckConstraint(
                condition=models.Q(state="rejected", error__isnull=False)
                | (~models.Q(state="rejected") & models.Q(error__isnull=True)),
                name="artifact_rejected_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["launch"], name="artifact_launch"),  # the launch page
            # Evidence by host and time: what belongs to a launch is found by that, and most of it are snapshots.
            models.Index(
                fields=["host", "first_ns", "last_ns"],
                condition=models.Q(launch__isnull=True),
                name="artifact_host_evidence",
            ),
            # Probes of time-outs, few among many artifacts: the monitors' page.
            models.Index(fields=["-received_at"], condition=models.Q(kind="probe"), name="artifact_probes"),
            # The sweep, which looks every half minute for what a lost queue forgot.
            models.Index(fields=["received_at"], condition=models.Q(state="received"), name="artifact_received"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class ArtifactContent(models.Model):
    """The raw bytes, zstd-compressed; partitioned by day so that retention drops tables instead of deleting rows."""

    pk = models.CompositePrimaryKey("day", "artifact_id")
    day = models.DateField()
    artifact_id = models.UUIDField()
    data = models.BinaryField()

    class Meta:
        managed = False  # made by SQL in the first migration: Django cannot declare partitions
        db_table = "diagnostics_artifactcontent"

    def __str__(self) -> str:
        return str(self.artifact_id)
