"""Traces of requests: what is kept of them for ``diagnose trace``, for how long, and how one reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from diagnostics.analysis.launch import analyse
from diagnostics.ingest.trace_parts import pieces_of, trace_of
from diagnostics.models import Artifact, Launch, OtlpTrace
from diagnostics.parsers.otlp import LAUNCH, REQUEST, phases_of
from diagnostics.records import Kind, LaunchAnalysis

AT_ONCE = 5_000  # rows a statement deletes


@dataclass(frozen=True, slots=True)
class RequestTrace:
    row: OtlpTrace
    analysis: LaunchAnalysis


def found(request_id: str, visible: Q, most: int) -> list[RequestTrace]:
    """The newest traces of requests that carry an id, as an attribute or as their own."""
    rows = OtlpTrace.objects.requests_with(request_id).filter(visible)[:most]
    read = [(row, pieces_of(row.pk)) for row in rows]
    return [RequestTrace(row, analyse(phases_of(trace_of(row.pk, pieces)), {})) for row, pieces in read if pieces]


def prune() -> int:
    """Delete what is older than ``REQUEST_TRACE_DAYS`` or beyond ``REQUEST_TRACES_MOST``, and the spans of launches
    that are gone; how many traces."""
    old = Q(received_at__lt=Now() - timedelta(days=settings.REQUEST_TRACE_DAYS))
    requests = OtlpTrace.objects.filter(verdict=REQUEST)
    beyond = requests.order_by("-received_at").values_list("received_at", flat=True)[settings.REQUEST_TRACES_MOST :]
    if last := next(iter(beyond[:1]), None):
        old |= Q(received_at__lte=last)
    launches = OtlpTrace.objects.filter(old, verdict=LAUNCH).exclude(pk__in=Launch.objects.values("pk"))
    gone = _delete(requests.filter(old).values_list("pk", flat=True)) + _delete(launches.values_list("pk", flat=True))
    _prune_requests_for_good()
    return gone


def _delete(ids: object) -> int:
    count = 0
    while batch := list(ids[:AT_ONCE]):  # type: ignore[index]
        OtlpTrace.objects.filter(pk__in=batch).delete()
        count += len(batch)
    return count


def _prune_requests_for_good() -> None:
    """Uploads of which no launch was made: their bytes go with their day, their rows with the traces."""
    before = Now() - timedelta(days=settings.REQUEST_TRACE_DAYS)
    old = Artifact.objects.filter(kind=Kind.OTLP, launch=None, received_at__lt=before).exclude(state="received")
    while batch := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        Artifact.objects.filter(pk__in=batch).delete()
