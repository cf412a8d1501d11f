"""AWS Lambda's lines in all their forms: when an init was, that it may be run twice, and whose start it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers import Hints, Source, collect, lambda_init, sniff
from diagnostics.records import Kind, Parsed, ParseError, PhaseStatus

RECEIVED = 1_795_500_000_000_000_000
MS = 1_000_000
AT = 1_794_996_000_000 * MS  # 2026-11-18T10:00:00Z
REPORT = (
    "REPORT RequestId: a\tDuration: 3.52 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tInit Duration: 114.96 ms\t"
)
STREAM = "2026/11/18/[$LATEST]60cefc4c4d174d898e4dbb301f9f10ef"


def read(*lines: str) -> Parsed:
    return collect(lambda_init.parse(Source.of("\n".join(lines).encode()), Hints(RECEIVED)))


def told(parsed: Parsed) -> list[tuple[str, int, int]]:
    return [(phase.name, (phase.start_time - AT) // MS, phase.duration // MS) for phase in parsed.phases]


@pytest.mark.parametrize(
    "start",
    [
        "2026-11-18T10:00:00.200Z START RequestId: a Version: $LATEST",
        f"2026-11-18T10:00:00.200000+00:00 {STREAM} START RequestId: a Version: $LATEST",
        f"{STREAM} 2026-11-18T10:00:00.200000 START RequestId: a Version: $LATEST",
        '1794996000200,"START RequestId: a Version: $LATEST"',
        '{"time":"2026-11-18T10:00:00.200Z","type":"platform.start","record":{"requestId":"a"}}',
    ],
)
def test_an_init_ends_when_the_first_invocation_starts(start: str) -> None:
    stamp = start.split("START")[0] if "START" in start and not start.startswith("1") else "2026-11-18T10:00:00.300Z "
    report = stamp.replace(".200", ".300") + REPORT
    assert told(read(start, report)) == [("init", 85, 114), ("first invocation", 200, 3)]


def test_without_any_time_one_follows_the_other() -> None:
    parsed = read("START RequestId: a", REPORT.replace("\t", " "))
    assert parsed.facts["clock"] == "received"
    init, invocation = parsed.phases
    assert (init.duration, invocation.start_time) == (114_960_000, init.end_time)
    assert invocation.end_time == RECEIVED
    assert parsed.milestones == {}


def test_a_second_init_at_the_first_invocation_is_no_second_launch() -> None:
    parsed = read(
        "2026-11-18T10:00:00Z INIT_START Runtime Version: python:3.12.v36",
        "2026-11-18T10:00:10Z INIT_REPORT Init Duration: 10000 ms\tPhase: init\tStatus: timeout",
        "2026-11-18T10:00:10.500Z START RequestId: a",
        "2026-11-18T10:00:12Z INIT_REPORT Init Duration: 1500 ms\tPhase: invoke",
        "2026-11-18T10:00:12.500Z REPORT RequestId: a\tDuration: 2000 ms",
    )
    assert told(parsed) == [
        ("init", 0, 10_000),
        ("init at first invocation", 10_500, 1_500),
        ("first invocation", 10_500, 2_000),
    ]
    assert [phase.status for phase in parsed.phases] == [PhaseStatus.FAILED, PhaseStatus.SUCCESS, PhaseStatus.SUCCESS]
    assert parsed.milestones == {"first_success": AT + 12_500 * MS}
    assert parsed.facts["environments"] == 1


def test_a_restored_snapshot() -> None:
    parsed = read(
        "2026-11-18T10:00:00Z RESTORE_START Runtime Version: java:21.v20",
        "2026-11-18T10:00:00.500Z RESTORE_REPORT Restore Duration: 437.30 ms",
        "2026-11-18T10:00:01Z REPORT RequestId: a\tDuration: 9.00 ms\tRestore Duration: 437.30 ms",
    )
    assert told(parsed) == [("restore", 0, 437), ("first invocation", 991, 9)]


def test_later_invocations_and_other_starts_are_left_out() -> None:
    lines = [f"2026-11-18T10:00:0{n}Z {REPORT if n % 2 else REPORT.split('Init')[0]}" for n in range(1, 6)]
    parsed = read(*lines)
    assert (len(parsed.phases), parsed.facts["environments"]) == (2, 3)
    assert "tells of 3 starts" in parsed.events[0].text


def test_an_error_of_the_invocation_is_not_the_inits() -> None:
    parsed = read(f"2026-11-18T10:00:01Z {REPORT}Status: error\tError Type: Runtime.ExitError")
    assert [phase.status for phase in parsed.phases] == [PhaseStatus.SUCCESS, PhaseStatus.FAILED]
    assert parsed.events[0].text == "REPORT error Runtime.ExitError"


def test_events_of_a_log_group_by_stream() -> None:
    events = [{"logStreamName": s, "timestamp": AT // MS + 300, "message": REPORT} for s in ("a", "b")]
    parsed = read(json.dumps({"events": events, "nextToken": "x"}, indent=1))
    assert (parsed.facts["environments"], told(parsed)[1]) == (2, ("first invocation", 296, 3))


@pytest.mark.parametrize(
    "content", ["REPORT RequestId: a\tDuration: 3 ms", "INIT_REPORT Init Duration: soon ms", '{"events": []}', "hi"]
)
def test_what_tells_of_no_init_is_refused(content: str) -> None:
    with pytest.raises(ParseError, match="how long an init took"):
        read(content)


@pytest.mark.parametrize("line", ["INIT_REPORT Init Duration: 1.5 ms", f"2026-11-18T10:00:00Z {REPORT}"])
def test_recognised(line: str) -> None:
    assert sniff(line.encode()) is Kind.LAMBDA_INIT


@given(st.lists(st.text(max_size=40), max_size=6), st.floats(0, 10**6))
def test_whatever_the_function_prints_between(words: list[str], took: float) -> None:
    parsed = read(*words, f"INIT_REPORT Init Duration: {took:.2f} ms", *words)
    assert parsed.phases[0].duration == round(float(f"{took:.2f}") * 100) * 10_000
