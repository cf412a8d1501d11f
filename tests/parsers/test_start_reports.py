"""Profiles and reports of one start: what each form says, and that parts within parts are never added up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers import PARSERS, Hints, Source, collect, sniff
from diagnostics.parsers.exposition import read_line
from diagnostics.parsers.trees import DEEPEST, opened
from diagnostics.records import Kind, Parsed, ParseError

RECEIVED = 1_795_500_000_000_000_000
SECOND = 10**9


def read(kind: Kind, content: Any) -> Parsed:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return collect(PARSERS[kind](Source.of(raw), Hints(RECEIVED)))


def profile(**told: Any) -> dict[str, Any]:
    frames = [{"name": name} for name in "abc"]
    return {"shared": {"frames": frames}, "profiles": [{"name": "p", "startValue": 0, **told}]}


@pytest.mark.parametrize(
    ("unit", "ns"), [("nanoseconds", 1), ("microseconds", 10**3), ("milliseconds", 10**6), ("seconds", SECOND)]
)
def test_samples_in_a_row_are_one_phase(unit: str, ns: int) -> None:
    told = profile(type="sampled", unit=unit, samples=[[0, 1], [0, 1, 2], [0, 2], [0]], weights=[1, 2, 3, 4])
    parsed = read(Kind.SPEEDSCOPE, told)
    spans = [(p.name, p.start_time - RECEIVED, p.duration, p.parent) for p in parsed.phases]
    assert spans == [
        ("a", -10 * ns, 10 * ns, None),
        ("b", -10 * ns, 3 * ns, 0),
        ("c", -9 * ns, 2 * ns, 1),
        ("c", -7 * ns, 3 * ns, 0),
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"profiles": []}, "frames are missing"),
        ({"shared": {"frames": []}, "profiles": []}, "lasts any time"),
        (profile(type="sampled", unit="bytes", samples=[[0]], weights=[1]), "count bytes"),
        (profile(type="evented", unit="seconds", events=[{"type": "C", "frame": 0, "at": 1}]), "lasts any time"),
    ],
)
def test_a_profile_that_measures_no_time_is_refused(document: Any, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        read(Kind.SPEEDSCOPE, document)


@given(st.lists(st.tuples(st.lists(st.integers(0, 2), max_size=5), st.integers(0, 50)), min_size=1))
def test_the_outermost_frames_of_samples_cover_what_was_sampled(samples: list[tuple[list[int], int]]) -> None:
    stacks, weights = [stack for stack, _ in samples], [weight for _, weight in samples]
    covered = sum(weight for stack, weight in samples if stack)
    told = profile(type="sampled", unit="nanoseconds", samples=stacks, weights=weights)
    if not covered:
        with pytest.raises(ParseError):
            read(Kind.SPEEDSCOPE, told)
        return
    parsed = read(Kind.SPEEDSCOPE, told)
    assert sum(phase.duration for phase in parsed.phases if phase.parent is None) == covered


@pytest.mark.parametrize("name", ["cold_startup_times", "warm_compilation_times"])
@pytest.mark.parametrize("value", ["x", [1, None], [-1], [True], ["3"], {"a": 1}])
def test_a_wrong_time_of_vllm_is_told_with_its_place(name: str, value: Any) -> None:
    document = {"cold_startup_times": [1.5], "warm_startup_times": [1], name: value}
    with pytest.raises(ParseError) as error:
        read(Kind.VLLM_BENCH_STARTUP, document)
    assert error.value.where.startswith(f"$.{name}")


def test_compilation_is_part_of_its_start() -> None:
    parsed = read(Kind.VLLM_BENCH_STARTUP, {"cold_startup_times": [2.000000001], "cold_compilation_times": [9]})
    start, compiled = parsed.phases
    assert (start.duration, compiled.duration, compiled.parent) == (2_000_000_001, 2_000_000_001, 0)


def scrape(*lines: str) -> Parsed:
    return read(Kind.METRICS_SCRAPE, "\n".join(["# TYPE x gauge", *lines, ""]).encode())


def test_phases_of_a_start_lie_within_each_other_and_are_not_added_up() -> None:
    parsed = scrape(
        'sglang:startup_time_seconds{phase="load_weight"} 30',
        'sglang:startup_time_seconds{phase="e2e"} 50',
        'sglang:startup_time_seconds{phase="scheduler_e2e"} 45',
        'sglang:startup_time_seconds{phase="made_up"} 7',
        'sglang:startup_time_seconds{phase="load_weight",pid="2"} 31',
    )
    told = {phase.name: (phase.duration // SECOND, phase.parent) for phase in parsed.phases}
    assert told == {"e2e": (50, None), "scheduler e2e": (45, 0), "load weight": (31, 1), "made up": (7, 1)}
    begins = min(phase.start_time for phase in parsed.phases)
    assert max(phase.end_time for phase in parsed.phases) - begins == 50 * SECOND


def test_parts_that_do_not_fit_in_a_row_overlap() -> None:
    parsed = scrape(
        "vllm:engine_startup_time 10",
        "vllm:engine_load_weights_time 8",
        "vllm:torch_compile_time_seconds 7",
    )
    assert {phase.start_time for phase in parsed.phases} == {RECEIVED - 10 * SECOND}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["tgi_request_count 1"], "text-generation-inference has none"),
        (["vllm:num_requests_running 0"], "None of its 1 metrics"),
        (["sglang:startup_time_seconds NaN", "sglang:startup_time_seconds 0"], "None of its 1 metrics"),
        (["hello there"], "no scrape"),
    ],
)
def test_a_scrape_that_tells_of_no_start_is_refused(lines: list[str], message: str) -> None:
    with pytest.raises(ParseError, match=message):
        scrape(*lines)


def test_a_histogram_of_several_starts_is_none_of_them() -> None:
    lines = ["ray_serve_replica_startup_latency_ms_sum 100", "ray_serve_replica_startup_latency_ms_count 2"]
    with pytest.raises(ParseError):
        scrape("# TYPE ray_serve_replica_startup_latency_ms histogram", *lines)


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        ("a 1", {}),
        ('a{} 1 1395066363000', {}),
        ('a{b="x\\"y\\\\n,}",c="\\n",} 1e3', {"b": 'x"y\\n,}', "c": "\n"}),
        ('a{b="c"} +Inf # {trace_id="x"} 1', {"b": "c"}),
    ],
)  # fmt: skip
def test_lines_of_an_exposition(line: str, labels: dict[str, str]) -> None:
    told = read_line(line)
    assert told is not None
    assert told.labels == labels


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"cold_startup_times": [1]}', Kind.VLLM_BENCH_STARTUP),
        (b'{"springBootVersion":"3","timeline":{"startTime":"x","events":[]}}', Kind.SPRING_STARTUP),
        (b'{"$schema":"https://www.speedscope.app/file-format-schema.json"}', Kind.SPEEDSCOPE),
        (b'vllm:engine_startup_time{engine="0"} 3\n', Kind.METRICS_SCRAPE),
        (b"# HELP up Up\n# TYPE up gauge\nup 1\n", Kind.METRICS_SCRAPE),
        (b'{"timeline": {"events": 3}}', None),
    ],
)
def test_recognised(content: bytes, kind: Kind | None) -> None:
    assert sniff(content) == kind


@pytest.mark.parametrize(
    ("duration", "ns"),
    [("PT0.026322S", 26_322_000), ("PT1H2M3.5S", 3723_500_000_000), ("P1DT1S", 86_401 * SECOND), (0.25, SECOND // 4)],
)
def test_durations_of_spring(duration: Any, ns: int) -> None:
    event = {"startTime": 1.795e9, "duration": duration, "startupStep": {"name": "a", "id": 1, "parentId": 1}}
    parsed = read(Kind.SPRING_STARTUP, {"timeline": {"events": [event]}})
    assert (parsed.phases[0].duration, parsed.phases[0].parent) == (ns, None)


@given(st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=31, max_size=31))
def test_parents_end_at_a_root_and_circles_are_opened(told: list[int | None]) -> None:
    parents = opened(told)
    for n, parent in enumerate(parents):
        assert parent in (None, told[n])
        steps, at = 0, parent
        while at is not None:
            at, steps = parents[at], steps + 1
            assert steps <= len(told)


def test_what_lies_too_deep_is_hung_higher() -> None:
    parents = opened([None, *range(999)])
    depths = [0]
    for parent in parents[1:]:
        assert parent is not None
        depths.append(depths[parent] + 1)
    assert max(depths) == DEEPEST
