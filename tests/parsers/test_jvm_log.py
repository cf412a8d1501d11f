"""The JVM's log with any decorations: times, pauses, the heap, and lines of the program between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers import Hints, Source, collect, jvm_log, sniff
from diagnostics.records import Kind, Parsed, ParseError

RECEIVED = 1_795_500_000_000_000_000
MS = 1_000_000
WALL = 1_795_428_000_894 * MS
GENESIS = "Genesis, 0.0082885 secs"


def read(*lines: str, boot_time: int | None = None) -> Parsed:
    return collect(jvm_log.parse(Source.of("\n".join(lines).encode()), Hints(RECEIVED, boot_time=boot_time)))


@pytest.mark.parametrize(
    ("decorations", "end", "clock"),
    [
        ("[2026-11-23T10:00:00.894+0000][0.013s][info][startuptime ] ", WALL, "wall"),
        ("[2026-11-23T11:00:00.894+0100][info][startuptime] ", WALL, "wall"),
        ("[2026-11-23T10:00:00.894+0000][13ms][4711][4712][info][startuptime] ", WALL, "wall"),
        ("[1795428000894ms][13000001ns][gpu-7.cluster][info][startuptime] ", WALL, "wall"),
        ("[1795428000894000123ns][info][startuptime] ", WALL + 123, "wall"),
        ("[0.013s][info][startuptime] ", RECEIVED, "received"),
        ("[0,013s][info][startuptime] ", RECEIVED, "received"),
        ("[13ms] ", RECEIVED, "received"),
        ("[startuptime] ", RECEIVED, "received"),
        ("", RECEIVED, "received"),
    ],
)
def test_decorations(decorations: str, end: int, clock: str) -> None:
    parsed = read(decorations + GENESIS)
    (phase,) = parsed.phases
    assert (phase.name, phase.duration, parsed.facts["clock"]) == ("Genesis", 8_288_500, clock)
    assert abs(phase.end_time - end) <= 1


def test_the_uptime_is_finer_placed_by_when_the_upload_says_it_began() -> None:
    parsed = read("[0.013s][info][startuptime] " + GENESIS, boot_time=WALL)
    assert (parsed.phases[0].end_time, parsed.facts["clock"]) == (WALL + 13 * MS, "wall")


def test_when_the_process_began() -> None:
    parsed = read("[2026-11-23T10:00:00.894+0000][0.013s][info][startuptime] " + GENESIS)
    assert parsed.milestones == {"process_start": WALL - 13 * MS}


@pytest.mark.parametrize(
    ("message", "name", "reason", "duration", "sizes", "lane"),
    [
        ("GC(0) Pause Young (Normal) (G1 Evacuation Pause) 5M->4M(10M) 4.717ms", "Pause Young", "G1 Evacuation Pause",
         4_717_000, (5 << 20, 4 << 20, 10 << 20), "gc"),
        ("GC(1) Pause Full (System.gc()) 0M->0M(7M) 1.5ms", "Pause Full", "System.gc()",
         1_500_000, (0, 0, 7 << 20), "gc"),
        ("GC(2) Pause Remark 56M->56M(97M) 0.038ms", "Pause Remark", "", 38_000, (56 << 20, 56 << 20, 97 << 20), "gc"),
        ("GC(3) Concurrent Mark Cycle 3.633ms", "Concurrent Mark Cycle", "", 3_633_000, None, "gc concurrent"),
        ("GC(3) Garbage Collection (Warmup) 208M(10%)->66M(3%) 0.031s", "Garbage Collection", "Warmup", 31 * MS,
         (208 << 20, 66 << 20, None), "gc concurrent"),
        ("GC(4) Pause Mark Start 0.009ms", "Pause Mark Start", "", 9_000, None, "gc"),
        ("[GC (Allocation Failure) [PSYoungGen: 6K->1K(7K)] 8K->3K(9K), 0.5 secs] [Times: user=0.02]",
         "GC", "Allocation Failure", 500 * MS, (8192, 3072, 9216), "gc"),
    ],
)  # fmt: skip
def test_collections(
    message: str, name: str, reason: str, duration: int, sizes: tuple[int | None, ...] | None, lane: str
) -> None:
    before = "2.136: " if message.startswith("[") else "[2.136s][info][gc] "
    (phase,) = read(before + message).phases
    told = [phase.attributes.get(f"{key}_bytes") for key in ("before", "after", "capacity")]
    assert (phase.name, phase.attributes.get("reason", ""), phase.duration, phase.lane) == (
        name,
        reason,
        duration,
        lane,
    )
    assert told == list(sizes or (None, None, None))


def test_a_program_that_prints_between_is_counted() -> None:
    parsed = read("hello", "[0.013s][info][startuptime] " + GENESIS, "[INFO] ready in 3 s", "[0.1s][info][gc] Using G1")
    assert (parsed.lines.total, parsed.lines.skipped, parsed.facts["collector"]) == (4, 2, "G1")
    assert [one["line"] for one in parsed.facts["unread"]] == [1, 3]


def test_steps_without_times_follow_each_other_inside_the_creation_of_the_vm() -> None:
    parsed = read(
        "Genesis, 0.2 secs", "Interpreter generation, 0.1 secs", "Create VM, 0.5 secs", "GC(0) Pause Full 1ms"
    )
    begins = min(phase.start_time for phase in parsed.phases)
    assert [((p.start_time - begins) // MS, p.duration // MS, p.parent) for p in parsed.phases] == [
        (0, 200, 2),
        (200, 100, 2),
        (0, 500, None),
        (500, 1, None),
    ]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"[0.017s][info][startuptime] Genesis, 0.0045639 secs\n", Kind.JVM_LOG),
        (b"[2026-11-23T10:00:00.894+0000][info][gc,start    ] GC(0) Pause Young\n", Kind.JVM_LOG),
        (b"2026-11-23T10:00:00.894+0000: 0.136: [GC (Allocation Failure)  6K->1K(2K), 0.01 secs]\n", Kind.JVM_LOG),
        (b"[    0.000000] Linux version 6.1\n", Kind.KERNEL_LOG),
    ],
)
def test_recognised(content: bytes, kind: Kind) -> None:
    assert sniff(content) == kind


def test_a_log_without_any_is_told_what_to_run() -> None:
    with pytest.raises(ParseError, match="-Xlog:startuptime,gc"):
        read("[0.005s][info][gc] Using G1", "ready")


@given(st.lists(st.text("[]0123456789.:,smn GCPause()->MK%secs", max_size=60), max_size=8))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    parsed = read("[1.000s][info][startuptime] " + GENESIS, *lines)
    assert all(phase.duration >= 0 for phase in parsed.phases)
    assert parsed.lines.read + parsed.lines.skipped == parsed.lines.total
