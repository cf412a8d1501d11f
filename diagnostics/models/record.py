"""Parsed records, written by COPY and read back in pages: phases and events."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import RawSQL

from diagnostics.models.artifact import Artifact
from diagnostics.models.catalogue import Series
from diagnostics.models.launch import Launch
from diagnostics.querysets.phases import PhaseQuerySet
from diagnostics.records import PhaseStatus


class PhaseRecord(models.Model):
    """A phase of a launch. ``position`` is its place in the snapshot; parents and dependencies are positions too."""

    pk = models.CompositePrimaryKey("launch_id", "position")
    # The primary key begins with it: an index of its own would only cost.
    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="phase_records", db_index=False)
    position = models.IntegerField()
    # Not checked by the database: that took as long as writing the row, and a series only goes with its service, whose
    # launches go with it; those are checked.
    series = models.ForeignKey(
        Series, on_delete=models.CASCADE, related_name="phase_records", db_index=False, db_constraint=False
    )
    artifact_id = models.UUIDField()
    sender_id = models.TextField(null=True)
    parent = models.IntegerField(null=True)
    depends_on = ArrayField(models.IntegerField(), null=True)
    depth = models.SmallIntegerField()
    lane = models.TextField(db_default="")
    start_time = models.BigIntegerField()
    duration_ns = models.BigIntegerField()
    self_ns = models.BigIntegerField()
    slack_ns = models.BigIntegerField()
    critical_ns = models.BigIntegerField()  # the part of the critical path that this phase itself owns
    critical = models.BooleanField()
    failed = models.BooleanField()
    layer = models.TextField(null=True)
    attributes = models.JSONField(null=True)

    objects = PhaseQuerySet.as_manager()

    class Meta:
        db_table = "diagnostics_phase"
        indexes = [
            # Trends: GET /api/v1/services/{name}/series reads a series in time order from this index alone.
            models.Index(fields=["series", "start_time"], name="phase_series_time", include=["duration_ns", "launch"]),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(duration_ns__gte=0), name="phase_duration_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.launch_id}[{self.position}]"

    @property
    def status(self) -> PhaseStatus:
        return PhaseStatus.FAILED if self.failed else PhaseStatus.SUCCESS


class ArtifactPhase(models.Model):
    """A phase as an artifact other than a snapshot tells it; a launch's own phases are assembled from these."""

    pk = models.CompositePrimaryKey("artifact_id", "position")
    artifact = models.ForeignKey(Artifact, on_delete=models.CASCADE, related_name="phases", db_index=False)
    position = models.IntegerField()
    name = models.TextField()
    sender_id = models.TextField(null=True)
    parent = models.IntegerField(null=True)
    is_root = models.BooleanField()
    depends_on = ArrayField(models.IntegerField(), null=True)
    lane = models.TextField()
    start_time = models.BigIntegerField()
    duration_ns = models.BigIntegerField()
    failed = models.BooleanField()
    attributes = models.JSONField(null=True)

    class Meta:
        db_table = "diagnostics_artifactphase"

    def __str__(self) -> str:
        return self.name

    @property
    def status(self) -> PhaseStatus:
        return PhaseStatus.FAILED if self.failed else PhaseStatus.SUCCESS


class EventRecord(models.Model):
    """An instant that an artifact tells of, with the line that says so."""

    pk = models.CompositePrimaryKey("artifact_id", "position")
    artifact = models.ForeignKey(Artifact, on_delete=models.CASCADE, related_name="event_records", db_index=False)
    position = models.IntegerField()
    time = models.BigIntegerField()
    precision_ns = models.BigIntegerField()
    clock = models.TextField()
    line = models.IntegerField(null=True)
    source = models.TextField()
    level = models.TextField()
    category = models.TextField()
    text = models.TextField()
    fields = models.JSONField(null=True)

    class Meta:
        db_table = "diagnostics_event"
        # Evidence of a launch: the events of an artifact within a span of time.
        indexes = [models.Index(fields=["artifact", "time"], name="event_artifact_time")]

    def __str__(self) -> str:
        return self.text


class SampleRecord(models.Model):
    """One host metric of an artifact: a row of arrays. A long file's series lies in several, one after the other in
    time and position; ``querysets.records.samples_within`` joins them."""

    pk = models.CompositePrimaryKey("artifact_id", "position")
    artifact = models.ForeignKey(Artifact, on_delete=models.CASCADE, related_name="sample_records", db_index=False)
    position = models.IntegerField()
    metric = models.TextField()
    instance = models.TextField()
    times = ArrayField(models.BigIntegerField())
    values = ArrayField(models.FloatField())
    first_ns = models.BigIntegerField()
    last_ns = models.BigIntegerField()

    class Meta:
        db_table = "diagnostics_sample"
        constraints = [
            models.CheckConstraint(
                condition=RawSQL('cardinality(times) = cardinality("values")', [], models.BooleanField()),
                name="sample_as_many_times_as_values",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.instance}"
