"""Jaeger's and Zipkin's files: one trace of several, both halves of a call, and whatever senders leave out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers import PARSERS, Hints, Source, collect, sniff
from diagnostics.records import Kind, Parsed, ParseError, PhaseStatus

RECEIVED = 1_795_500_000_000_000_000
T = 1_795_000_000_000_000  # µs
TRACE = "5b8efff798038103d269b633813fc60c"


def read(kind: Kind, document: Any, trace: str = "") -> Parsed:
    return collect(PARSERS[kind](Source.of(json.dumps(document).encode()), Hints(RECEIVED, trace=trace)))


def span(own: str, start: int = 0, took: int = 10, parent: str = "", **told: Any) -> dict[str, Any]:
    references = [{"refType": "CHILD_OF", "traceID": TRACE, "spanID": parent}] if parent else []
    about = {"traceID": TRACE, "spanID": own, "operationName": f"s{own}", "references": references, "processID": "p1"}
    return {**about, "startTime": T + start, "duration": took, **told}


def jaeger(*spans: dict[str, Any], **processes: Any) -> Any:
    known = {"p1": {"serviceName": "glm", "tags": []}, **processes}
    return {"data": [{"traceID": TRACE, "spans": list(spans), "processes": known}]}


def half(own: str, start: int | None = 0, took: int | None = 10, parent: str = "", **told: Any) -> dict[str, Any]:
    times = {"timestamp": None if start is None else T + start, "duration": took}
    known = {key: value for key, value in {**times, "parentId": parent}.items() if value not in (None, "")}
    return {"traceId": TRACE, "id": own, "name": f"s{own}", "localEndpoint": {"serviceName": "a"}, **known, **told}


def tree(parsed: Parsed) -> list[tuple[str, str, int | None]]:
    return [(phase.name, phase.lane, phase.parent) for phase in parsed.phases]


def test_processes_of_other_services_are_lanes() -> None:
    other = {"serviceName": "store", "tags": [{"key": "hostname", "value": "disk-1"}]}
    parsed = read(Kind.JAEGER, jaeger(span("1"), span("2", 1, 5, "1", processID="p2"), p2=other))
    assert tree(parsed) == [("s1", "", None), ("s2", "store", 0)]


@pytest.mark.parametrize(
    "tags",
    [
        [{"key": "error", "value": True}],
        [{"key": "error", "value": "true"}],
        [{"key": "otel.status_code", "value": "ERROR"}],
        {"error": "1"},
    ],
)
def test_a_failed_span_is_a_failed_phase(tags: Any) -> None:
    assert read(Kind.JAEGER, jaeger(span("1", tags=tags))).phases[0].status is PhaseStatus.FAILED


def test_what_a_span_followed_is_what_it_waited_for() -> None:
    follows = [{"refType": "FOLLOWS_FROM", "traceID": TRACE, "spanID": "1"}]
    parsed = read(Kind.JAEGER, jaeger(span("1"), span("2", 11, references=follows)))
    assert [(p.parent, p.depends_on) for p in parsed.phases] == [(None, ()), (None, (0,))]


def test_spans_with_their_own_process_and_old_parents() -> None:
    told = span("2", 1, 2, process={"serviceName": "glm"}, parentSpanID="1")
    del told["references"], told["processID"]
    parsed = read(
        Kind.JAEGER, {"traceID": TRACE, "spans": [span("1"), told], "processes": {"p1": {"serviceName": "glm"}}}
    )
    assert tree(parsed) == [("s1", "", None), ("s2", "", 0)]


def test_circles_are_opened() -> None:
    parsed = read(Kind.JAEGER, jaeger(span("1", parent="2"), span("2", parent="1"), span("3", parent="3")))
    assert sorted(str(phase.parent) for phase in parsed.phases) != ["0", "1", "2"]
    for phase in parsed.phases:
        seen, at = set(), phase.parent
        while at is not None:
            assert at not in seen
            seen.add(at)
            at = parsed.phases[at].parent


def several() -> Any:
    return [[half("1")], [{**half("2"), "traceId": "77"}, {**half("3"), "traceId": "77"}]]


def test_of_several_traces_the_largest_or_the_one_that_is_named() -> None:
    parsed = read(Kind.ZIPKIN, several())
    assert len(parsed.phases) == 2
    assert parsed.facts["trace"] == "77".zfill(32)
    assert f"Send it again with trace=ID for another, such as {TRACE}" in parsed.events[0].text
    assert len(read(Kind.ZIPKIN, several(), TRACE.upper()).phases) == 1
    with pytest.raises(ParseError, match=f"trace= one of .*{TRACE}"):
        read(Kind.ZIPKIN, several(), "88")


def test_both_halves_of_a_call_with_and_without_the_mark() -> None:
    client = half("2", 1, 8, "1", kind="CLIENT")
    for mark in ({"shared": True}, {}):
        server = half("2", 2, 6, "1", kind="SERVER", localEndpoint={"serviceName": "b"}, **mark)
        inner = half("3", 3, 1, "2", localEndpoint={"serviceName": "b"})
        own = half("4", 3, 1, "2")
        parsed = read(Kind.ZIPKIN, [half("1"), client, server, inner, own])
        assert tree(parsed) == [("s1", "", None), ("s2", "", 0), ("s2", "b", 1), ("s3", "b", 2), ("s4", "", 1)]


def test_pieces_of_a_span_and_spans_without_an_end() -> None:
    late = {"traceId": TRACE, "id": "1", "duration": 30, "tags": {"b": "2"}}
    parsed = read(Kind.ZIPKIN, [half("1", 5, None, tags={"a": "1"}), late, half("2", 6, None), half("3", None, 4)])
    whole, open_one = parsed.phases
    assert (whole.duration, dict(whole.attributes)) == (30_000, {"a": "1", "b": "2"})
    assert (open_one.duration, dict(open_one.attributes)) == (0, {"open": True})
    assert parsed.lines.skipped == 1, "one has no timestamp"


@pytest.mark.parametrize(
    ("kind", "document", "message"),
    [
        (Kind.JAEGER, {"data": []}, "object with “data”"),
        (Kind.JAEGER, {"data": [{"spans": [], "processes": {}}]}, "No span"),
        (Kind.JAEGER, jaeger(span("0")), "valid span id"),
        (Kind.JAEGER, jaeger({**span("1"), "startTime": "soon"}), "microseconds"),
        (Kind.ZIPKIN, {"traceId": "1"}, "JSON array"),
        (Kind.ZIPKIN, [{"traceId": "1", "id": "1", "binaryAnnotations": []}], "format 1"),
        (Kind.ZIPKIN, [half("1", 10**15)], "cannot be right"),
        (Kind.ZIPKIN, ["x"], "No span"),
    ],
)
def test_what_cannot_be_read_is_told(kind: Kind, document: Any, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        read(kind, document)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (jaeger(span("1")), Kind.JAEGER),
        ([half("1")], Kind.ZIPKIN),
        ([[half("1")], []], Kind.ZIPKIN),
        ({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": TRACE}]}]}]}, Kind.OTLP),
    ],
)
def test_recognised(document: Any, kind: Kind) -> None:
    assert sniff(json.dumps(document).encode()) == kind


IDS = st.integers(1, 6).map(str)


@given(st.lists(st.tuples(IDS, st.one_of(st.just(""), IDS), st.integers(0, 50), st.integers(0, 50)), min_size=1))
def test_every_span_is_one_phase_under_its_parent(spans: list[tuple[str, str, int, int]]) -> None:
    parsed = read(Kind.ZIPKIN, [half(own, start, took, parent) for own, parent, start, took in spans])
    assert len(parsed.phases) == len({own for own, *_ in spans})
    parents = {own: {parent for other, parent, *_ in spans if other == own} for own, *_ in spans}
    for phase in parsed.phases:
        assert phase.duration <= 50_000
        if phase.parent is not None:
            assert parsed.phases[phase.parent].name.removeprefix("s") in parents[phase.name.removeprefix("s")]
