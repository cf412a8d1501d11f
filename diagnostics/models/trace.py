"""Traces as they come together from many requests, and the rules that tell launches from requests."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from diagnostics.models.catalogue import Service
from diagnostics.parsers.otlp import Rule
from diagnostics.querysets.traces import TraceQuerySet, TraceRuleQuerySet

VERDICTS = [("launch", "launch"), ("request", "request")]


class OtlpTrace(models.Model):
    """One OpenTelemetry trace. Its id is the launch's, if it is one; a request's is kept for ``diagnose trace``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    service = models.ForeignKey(Service, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    verdict = models.TextField(choices=VERDICTS, blank=True, db_default="")  # "" while nothing has decided yet
    rule = models.TextField(blank=True, db_default="")  # the name of the one that decided
    name = models.TextField(blank=True, db_default="")  # of its root
    start_time = models.BigIntegerField(null=True)
    total_ns = models.BigIntegerField(null=True)
    failed = models.BooleanField(db_default=False)
    spans = models.IntegerField(db_default=0)
    request_ids = ArrayField(models.TextField(), default=list)
    received_at = models.DateTimeField(db_default=Now())
    touched_at = models.DateTimeField(db_default=Now())  # when spans came last
    looked_at = models.DateTimeField(null=True)  # when rows were made of it last
    stored = models.BooleanField(db_default=False)  # all that came is in the rows that are made of it
    settled = models.BooleanField(db_default=False)  # it has been quiet since it was looked at last

    objects = TraceQuerySet.as_manager()

    class Meta:
        db_table = "diagnostics_otlptrace"
        indexes = [
            # Those that wait to be quiet.
            models.Index(fields=["touched_at"], condition=models.Q(settled=False), name="trace_unsettled"),
            # The list under Settings, and the retention of requests.
            models.Index(fields=["-received_at"], name="trace_newest"),
            GinIndex(fields=["request_ids"], name="trace_request_ids"),  # GET /api/v1/traces?request_id=
        ]

    def __str__(self) -> str:
        return self.id.hex


class OtlpSpans(models.Model):
    """Spans of a trace as one request brought them, packed."""

    trace = models.ForeignKey(OtlpTrace, on_delete=models.CASCADE, related_name="parts")
    artifact_id = models.UUIDField(db_index=True)  # of the request; its row may be gone before the trace
    count = models.IntegerField()
    first_event = models.IntegerField()  # number of the first event of these spans among the request's
    with_events = models.BooleanField(db_default=False)  # whether the events are stored as the artifact's
    data = models.BinaryField()

    class Meta:
        db_table = "diagnostics_otlpspans"

    def __str__(self) -> str:
        return f"{self.count} spans"


class TraceRule(models.Model):
    """A line of the list that decides what a trace is; without any, ``DEFAULT_RULES`` do."""

    position = models.IntegerField()
    verdict = models.TextField(choices=VERDICTS)
    name = models.TextField(blank=True, db_default="")
    span = models.TextField(blank=True, db_default="")
    service = models.TextField(blank=True, db_default="")
    kind = models.TextField(blank=True, db_default="")
    attribute = models.TextField(blank=True, db_default="")
    resource = models.TextField(blank=True, db_default="")
    by_agent = models.BooleanField(db_default=False)

    objects = TraceRuleQuerySet.as_manager()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.name} → {self.verdict}"

    def as_rule(self) -> Rule:
        said = {name: getattr(self, name) for name in ("name", "span", "service", "kind", "attribute", "resource")}
        return Rule(self.verdict, **said, by_agent=self.by_agent)
