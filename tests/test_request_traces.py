"""How long traces of requests are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from diagnostics import ingest, request_traces
from diagnostics.models import Artifact, OtlpSpans, OtlpTrace
from tests.data.spans import Told, protobuf

pytestmark = pytest.mark.django_db


def request_of(number: int, age: timedelta) -> None:
    trace = f"{number:032x}"
    accepted = ingest.accept_traces(
        protobuf(Told(1, "GET", kind=2, trace=trace, attributes={"http.route": "/"})), False
    )
    assert accepted.artifact
    ingest.parse(accepted.artifact)
    then = datetime.now(UTC) - age
    OtlpTrace.objects.filter(pk=trace).update(received_at=then)
    Artifact.objects.filter(pk=accepted.artifact).update(received_at=then)


def test_old_requests_go_and_so_do_their_uploads(settings: Any) -> None:
    settings.REQUEST_TRACE_DAYS = 7
    request_of(1, timedelta(days=8))
    request_of(2, timedelta(days=6))
    assert request_traces.prune() == 1
    assert [trace.pk.int for trace in OtlpTrace.objects.all()] == [2]
    assert (OtlpSpans.objects.count(), Artifact.objects.count()) == (1, 1)


def test_there_are_never_more_than_so_many(settings: Any) -> None:
    settings.REQUEST_TRACES_MOST = 2
    for number in range(1, 6):
        request_of(number, timedelta(hours=number))
    assert request_traces.prune() == 3
    assert sorted(trace.pk.int for trace in OtlpTrace.objects.all()) == [1, 2]
