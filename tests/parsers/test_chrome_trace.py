"""Chrome traces: exact times, lanes by name, whatever was begun and not ended, and a million calls."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers import Hints, Source, chrome_trace, collect
from diagnostics.parsers.spans import MOST_SPANS
from diagnostics.records import Event, Parsed, ParseError, Phase
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

RECEIVED = 1_795_500_000_000_000_000
BASE = 1_795_000_000_000_000  # µs
FILES = [name for name in names("traces") if name.startswith(("hta-", "speedscope-", "viztracer-"))]


def read(events: Any, **about: Any) -> Parsed:
    document = {"traceEvents": events, **about} if about else events
    return parse(json.dumps(document).encode())


def parse(content: bytes, **hints: Any) -> Parsed:
    return collect(chrome_trace.parse(Source.of(content), Hints(RECEIVED, **hints)))


@here_only
@pytest.mark.parametrize("name", FILES)
def test_samples_are_read_as_is_known_of_them(name: str) -> None:
    facts, content = expected(f"traces/{name}"), (SAMPLES / "traces" / name).read_bytes()
    kinds = facts["phases"]
    if not set(kinds) & set("XBb"):
        with pytest.raises(ParseError):
            parse(content)
        return
    parsed = parse(content)
    spans = kinds.get("X", 0) + kinds.get("B", 0) + kinds.get("b", 0)
    assert (len(parsed.phases), parsed.facts["kinds"]) == (spans, kinds)
    assert parsed.lines.skipped == 0
    if "unmatched_ends" in parsed.facts:
        return  # an end without its begin is the last thing of the file, but of no phase
    first = min(phase.start_time for phase in parsed.phases)
    last = max(phase.end_time for phase in parsed.phases)
    assert (last - first) / 1000 == pytest.approx(facts["max_end_us"] - facts["min_ts_us"], abs=0.5)


def test_microseconds_with_decimals_are_exact() -> None:
    # 2026 in µs with three decimals is beyond what a 64-bit float holds.
    content = (
        b'[{"ph":"X","name":"a","ts":1795000000000001.337,"dur":0.002},{"ph":"X","name":"b","ts":1.795e15,"dur":1}]'
    )
    assert [(p.name, p.start_time, p.duration) for p in parse(content).phases] == [
        ("b", BASE * 1000, 1000),
        ("a", BASE * 1000 + 1337, 2),
    ]


@pytest.mark.parametrize(
    ("about", "hints", "start", "clock"),
    [
        ({"baseTimeNanoseconds": 1_794_000_000_000_000_123}, {}, 1_794_000_000_000_005_123, "wall"),
        ({"viztracer_metadata": {"baseTimeNanoseconds": 1_794 * 10**15}}, {}, 1_794_000_000_000_005_000, "wall"),
        ({"otherData": {"baseTimeNanoseconds": "1794000000000000123"}}, {}, 1_794_000_000_000_005_123, "wall"),
        ({"metadata": {"startTime": "2026-11-01T00:00:00Z"}}, {}, 1_793_491_200_000_000_000, "wall"),
        ({"metadata": {"startTime": "yesterday"}}, {"boot_time": 7 * 10**17}, 7 * 10**17 + 5000, "wall"),
        ({"baseTimeNanoseconds": 9 * 10**18}, {}, RECEIVED - 1000, "received"),
        ({"displayTimeUnit": "ns"}, {}, RECEIVED - 1000, "received"),
    ],
)  # fmt: skip
def test_when_it_was(about: dict[str, Any], hints: dict[str, Any], start: int, clock: str) -> None:
    document = {"traceEvents": [{"ph": "X", "name": "a", "ts": 5, "dur": 1}], **about}
    parsed = parse(json.dumps(document).encode(), **hints)
    assert (parsed.phases[0].start_time, parsed.facts["clock"]) == (start, clock)


def test_what_stands_beside_the_events_may_come_first_and_be_long() -> None:
    document = {"file_info": {"a.py": "x" * 3_000_000}, "deviceProperties": [{"id": 0}]}
    document["traceEvents"] = [{"ph": "X", "name": "é\U0001f600", "ts": n, "dur": 1} for n in range(50_000)]
    content = json.dumps(document, ensure_ascii=False).encode()
    assert len(parse(content).phases) == len(parse(gzip.compress(content)).phases) == 50_000


def test_a_begin_without_end_lasts_to_the_end_and_says_so() -> None:
    parsed = read(
        [
            {"ph": "B", "name": "hangs", "ts": BASE, "pid": 1, "tid": 1},
            {"ph": "X", "name": "done", "ts": BASE + 1, "dur": 9, "pid": 1, "tid": 1},
            {"ph": "E", "name": "other", "ts": BASE + 2, "pid": 1, "tid": 1},
        ]
    )
    told = [(p.name, p.duration, p.parent, dict(p.attributes)) for p in parsed.phases]
    assert told == [("hangs", 10_000, None, {"open": True}), ("done", 9_000, 0, {})]
    assert (parsed.facts["unmatched_begins"], parsed.facts["unmatched_ends"]) == (1, 1)


def test_asynchronous_spans_of_one_id_nest_and_others_do_not() -> None:
    def event(kind: str, name: str, ts: int, number: str, **more: Any) -> dict[str, Any]:
        return {"ph": kind, "name": name, "cat": "net", "ts": BASE + ts, "id": number, "pid": 1, **more}

    parsed = read(
        [
            event("b", "a", 0, "1"),
            event("b", "b", 1, "2"),
            event("b", "c", 2, "1"),
            event("e", "c", 3, "1"),
            event("e", "b", 4, "2"),
            event("e", "a", 9, "1"),
            event("b", "d", 5, "1", scope="s"),
            event("e", "d", 6, "1"),
        ]
    )
    assert [(p.name, p.parent) for p in parsed.phases] == [("a", None), ("b", None), ("c", 0), ("d", None)]
    assert parsed.facts["unmatched_ends"] == parsed.facts["unmatched_begins"] == 1, "another scope is another id"


def test_a_million_calls_are_their_longest() -> None:
    def events() -> Iterator[str]:
        yield '[{"ph":"X","name":"main","ts":0,"dur":20000000}'
        for n in range(120_000):
            yield f',{{"ph":"X","name":"call {n % 7}","ts":{n * 10},"dur":{1 + n % 9}}}'

    content = "".join(events()).encode()
    reading = chrome_trace.parse(Source(lambda: io.BytesIO(content)), Hints(RECEIVED))
    parsed = collect(reading)
    assert len(parsed.phases) == MOST_SPANS
    assert parsed.phases[0].name == "main"
    assert {phase.parent for phase in parsed.phases[1:]} == {0}
    assert parsed.facts["phases_left_out"] == 20_001
    assert parsed.facts["truncated"] is True
    assert "100,000 longest phases: 20,001 of 120,001 spans" in parsed.events[0].text


def test_what_is_broken_in_the_middle_is_counted_with_its_line() -> None:
    good = '{"ph":"X","name":"a","ts":1,"dur":1}'
    parsed = parse(f'[{good},\n{{"ph":"X","name":"b" "ts":1}},\n{good},\n7,\n{{"ts":1}}]'.encode())
    assert len(parsed.phases) == 2
    assert (parsed.lines.total, parsed.lines.skipped) == (5, 3)
    assert [one["line"] for one in parsed.facts["unread"]] == [2, 4, 5]


def test_too_deep_a_recursion_is_cut() -> None:
    parsed = read([{"ph": "X", "name": "f", "ts": BASE + n, "dur": 1000 - 2 * n} for n in range(400)])
    assert len(parsed.phases) == 150
    assert parsed.facts["phases_too_deep"] == 250


def test_counters_are_samples_in_order_of_time() -> None:
    counter = [{"ph": "C", "name": "GPU mem", "ts": BASE + n, "args": {"used": n / 2, "name": "x"}} for n in (3, 1)]
    parsed = read(counter)
    assert [(one.metric, one.instance, one.values) for one in parsed.samples] == [("trace.GPUmem", "used", [0.5, 1.5])]


TIMES = st.integers(0, 10**6)
SPANS = st.lists(st.tuples(TIMES, st.integers(0, 10**5), st.integers(0, 2), st.sampled_from("abc")), min_size=1)


@given(SPANS)
def test_children_lie_within_their_parents_and_nothing_is_lost(spans: list[tuple[int, int, int, str]]) -> None:
    events = [{"ph": "X", "name": n, "ts": BASE + t / 8, "dur": d / 8, "pid": 1, "tid": i} for t, d, i, n in spans]
    parsed = read(events)
    assert len(parsed.phases) == len(spans)
    for position, phase in enumerate(parsed.phases):
        assert phase.position == position
        if phase.parent is not None:
            around = parsed.phases[phase.parent]
            assert around.start_time <= phase.start_time <= phase.end_time <= around.end_time
            assert around.lane == phase.lane


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for start in (b"", b"[", b'{"traceEvents":[{"ph":"X","ts":1,"dur":2},'):
        try:
            records = list(chrome_trace.parse(Source.of(start + content), Hints(RECEIVED)))
        except ParseError:
            continue
        assert any(isinstance(record, (Phase, Event)) or record.times for record in records)
