"""Spans as they come: protobuf and JSON in all their spellings, traces, and the rules that tell them apart."""

from __future__ import annotations

import base64
import time
from typing import Any

import orjson
import pytest
from google.protobuf.json_format import MessageToJson
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from diagnostics.analysis.hierarchy import nest
from diagnostics.parsers import Hints, Source, collect, otlp, sniff
from diagnostics.parsers.otlp import json_form
from diagnostics.parsers.otlp.trace import LAUNCH, REQUEST, Rule, Trace, deciding, parent_chosen_for
from diagnostics.records import Kind, ParseError
from tests.data.spans import TRACE, Told
from tests.data.spans import json_form as as_json
from tests.data.spans import protobuf as as_protobuf
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

NOW = time.time_ns()
HINTS = Hints(NOW + 10**9)
OTLP = [name for name in names("traces") if "resource_spans" in expected(f"traces/{name}")]


@here_only
@pytest.mark.parametrize("name", OTLP)
def test_real_files(name: str) -> None:
    content = (SAMPLES / "traces" / name).read_bytes()
    facts: Any = expected(f"traces/{name}")
    assert sniff(content) is Kind.OTLP
    if not facts["spans"]:
        with pytest.raises(ParseError, match="holds no spans"):
            collect(otlp.parse(Source.of(content), HINTS))
        return
    received = otlp.read_file(content, HINTS.received_at)
    spans = [span for group in received.groups for span in group.spans]
    assert (len(spans), received.rejected) == (facts["spans"], 0)
    assert len(otlp.by_trace(received.groups)) == facts["traces"]
    assert [span.name for span in spans] == facts["names"]
    assert sum(span.status == 2 for span in spans) == facts["error_spans"]
    assert sum(not span.parent for span in spans) == facts["roots"]
    assert min(span.start for span in spans) == int(facts["min_start_ns"])
    assert max(span.end for span in spans) == int(facts["max_end_ns"])


def test_protobuf_and_json_are_read_to_the_same() -> None:
    spans = (
        Told(1, "start", kind=3, events=["ready_line"]),
        Told(2, "load", parent=1, links=[1], failed=True, attributes={"a": [1, "b", True], "c": 1.5, "d": "x"}),
    )
    one, other = (otlp.read_file(body, HINTS.received_at) for body in (as_protobuf(*spans), as_json(*spans)))
    assert one == other


def test_what_generic_protobuf_tools_write() -> None:
    body = as_protobuf(Told(1, "a", kind=2, failed=True), Told(2, "b", parent=1))
    request = ExportTraceServiceRequest.FromString(body)
    wanted = otlp.read_file(request.SerializeToString(), HINTS.received_at)
    for snake_case in (True, False):
        written = MessageToJson(request, preserving_proto_field_name=snake_case, indent=None)
        assert base64.b64encode(bytes.fromhex(TRACE)).decode() in written
        assert otlp.read_file(written.encode(), HINTS.received_at) == wanted
    older = as_json(Told(1)).replace(b'"scopeSpans"', b'"instrumentationLibrarySpans"')
    assert otlp.read_file(older, HINTS.received_at).count == 1


def test_what_the_newer_api_of_jaeger_answers() -> None:
    body = b'{"result": ' + as_json(Told(1, "start")) + b"}"
    assert sniff(body) is Kind.OTLP
    assert [phase.name for phase in collect(otlp.parse(Source.of(body), HINTS)).phases] == ["start"]


def test_a_trace_in_any_order_has_the_same_phases() -> None:
    spans = [Told(n, f"s{n}", 10 * n, 100 - n, parent=n - 1) for n in range(1, 6)]
    there, back = (_phases(*order) for order in (spans, reversed(spans)))
    assert there == back
    assert [phase.parent for phase in there] == [None, 0, 1, 2, 3]


def test_a_deep_chain_can_be_nested() -> None:
    phases = _phases(*(Told(n, "deep", n, 1000 - n, parent=n - 1) for n in range(1, 401)))
    assert max(nest(phases).depths) == 150


def test_lanes_and_labels_and_milestones() -> None:
    about = {"vllm__process_name": "VLLM::Worker_TP1", "k8s__node__name": "n1", "host__name": "p"}
    body = as_protobuf(Told(1, "start", events=["health_ok"]), **about)
    parsed = collect(otlp.parse(Source.of(body), HINTS))
    assert parsed.phases[0].lane == "Worker_TP1"
    assert (parsed.labels["node"], parsed.host and parsed.host.name) == ("n1", "p")
    assert list(parsed.milestones) == ["health_ok"]


@pytest.mark.parametrize(
    ("span", "resource", "verdict"),
    [
        (Told(1, "EngineCoreProc init"), {}, LAUNCH),
        (Told(1, "llm_request", kind=2, attributes={"gen_ai.request.id": "r"}), {}, REQUEST),
        (Told(1, "GET", kind=2, attributes={"http.method": "GET"}), {}, REQUEST),
        (Told(1, "GET", kind=1, attributes={"http.method": "GET"}), {}, LAUNCH),
        (Told(1, "GET", kind=2, attributes={"http.method": "GET"}), {"launchscope__launch": True}, LAUNCH),
        (Told(1, "anything"), {"launchscope__launch": "false"}, REQUEST),
        (Told(1, "GET", kind=2, parent=int(parent_chosen_for(TRACE), 16), attributes={"http.x": 1}), {}, LAUNCH),
        (Told(1, "nightly job"), {}, LAUNCH),
    ],
)
def test_the_rules_that_everybody_begins_with(span: Told, resource: dict[str, Any], verdict: str) -> None:
    assert deciding(otlp.DEFAULT_RULES, _trace(as_protobuf(span, **resource))).verdict == verdict


def test_everything_that_a_rule_names_must_be_so() -> None:
    trace = _trace(as_protobuf(Told(1, "a")))
    assert Rule(LAUNCH, span="a", service="gl?").takes(trace)
    assert not Rule(LAUNCH, span="a", service="other").takes(trace)
    assert not Rule(LAUNCH, kind="server").takes(trace)
    assert Rule(LAUNCH, resource="service.name=g*").takes(trace)


@given(st.binary(max_size=300))
def test_any_bytes_are_spans_or_refused(content: bytes) -> None:
    _read_or_refuse(content)
    _read_or_refuse(as_protobuf(Told(1)) + content)


WORDS = """resourceSpans scopeSpans spans traceId spanId attributes key value name events links status code kind
startTimeUnixNano endTimeUnixNano stringValue arrayValue values resource"""
KEYS = st.sampled_from(WORDS.split())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20) | st.just(TRACE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=30,
)


@given(VALUES)
def test_any_json_is_spans_or_refused(value: Any) -> None:
    try:
        content = orjson.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [value]}], "resource": value}]})
    except TypeError:  # an integer of more than 64 bits, which orjson does not write
        return
    _read_or_refuse(content)


def _read_or_refuse(content: bytes) -> None:
    try:
        received = otlp.read_file(content, HINTS.received_at)
        for trace_id, groups in otlp.by_trace(received.groups).items():
            nest(otlp.phases_of(Trace(trace_id, otlp.merged(groups))))
    except ParseError:
        pass


def test_a_wrong_type_has_its_place() -> None:
    with pytest.raises(ParseError) as error:
        json_form.read({"resourceSpans": [{}, {"scopeSpans": [{"spans": [{"name": 5}]}]}]}, NOW)
    assert error.value.where == "$.resourceSpans[1].scopeSpans[0].spans[0].name"


def _phases(*spans: Told) -> Any:
    return otlp.phases_of(_trace(as_protobuf(*spans)))


def _trace(body: bytes) -> Trace:
    [(trace_id, groups)] = otlp.by_trace(otlp.read_file(body, HINTS.received_at).groups).items()
    return Trace(trace_id, groups)
