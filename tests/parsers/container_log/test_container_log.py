"""Messages, categories, launches and hints, on logs of a few lines."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent import assembling
from diagnostics.agent.profiling import Profiling
from diagnostics.agent.saved_log import DEFAULTS, stamped
from diagnostics.parsers import Hints, Source, collect
from diagnostics.parsers.container_log import parse
from diagnostics.records import Event, Parsed, ParseError
from tests.parsers.test_golden_launch_logs import DATA

RECEIVED = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()) * 10**9
S = "2026-04-17 09:00:"


def read(text: str, hints: Hints = Hints(RECEIVED)) -> Parsed:  # noqa: B008 (frozen)
    return collect(parse(Source.of(text.encode()), hints))


def one(text: str) -> Event:
    (event,) = read(text).events
    return event


@pytest.mark.parametrize(
    ("line", "category", "level"),
    [
        ("Memory cgroup out of memory: Killed process 77 (python3) total-vm:9kB, anon-rss:8kB", "oom_kill", "error"),
        ("container main was OOMKilled", "oom_kill", ""),
        ("Startup probe failed: HTTP probe failed with statuscode: 503", "probe_failed", ""),
        ('E1110 14:17:41.9 1 a.go:1] "Probe failed" probeType="Readiness"', "probe_failed", "error"),
        ("Back-off restarting failed container", "backoff", ""),
        ("Pulling image \"vllm:1\"", "image_pull", ""),
        ("0/3 nodes are available: 3 Insufficient nvidia.com/gpu", "scheduling", ""),
        ("NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus", "gpu", ""),
        ("Fatal Python error: Segmentation fault", "segfault", "error"),
        ("/docker-entrypoint.sh: Configuration complete; ready for start up", "container", ""),
        ("vllm-1 exited with code 1", "container", ""),
        ("RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB", "gpu", "error"),
        ("Uvicorn running on http://0.0.0.0:8000", "engine", ""),
        ("torn between lines", "other", ""),
    ],
)  # fmt: skip
def test_what_a_line_plainly_says(line: str, category: str, level: str) -> None:
    event = one(f"{S}01 {line}\n")
    assert (event.category, event.level) == (category, level)


def test_a_kill_names_its_victim() -> None:
    event = one(f"{S}01 Out of memory: Killed process 77 (tf serving) total-vm:9kB, anon-rss:8kB, file-rss:7kB\n")
    assert event.fields == {"victim": "tf serving", "pid": 77, "total_vm_kb": 9, "anon_rss_kb": 8, "file_rss_kb": 7}


def test_a_line_that_a_profile_knows_is_the_engines_even_before_the_profile_shows_itself() -> None:
    early = f"{S}01 INFO:     Started server process [7]\n"
    assert one(early).category == "other"
    sglang = f"{S}02 server_args=ServerArgs(model_path='x')\n"
    assert read(early + sglang).events[0].category == "engine"


def test_a_traceback_is_one_message_with_its_links() -> None:
    text = (
        f"{S}01 ERROR it broke\n"
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n    ^^^\nValueError: no\n\n'
        "During handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "b.py", line 2, in h\nRuntimeError: worse\n'
        "and on it goes\n"
        f"{S}02 INFO next\n"
    )
    first, traceback, other, last = read(text).events
    assert (traceback.line, traceback.level, traceback.fields["lines"]) == (2, "error", 9)
    assert traceback.text.endswith("RuntimeError: worse")
    assert (traceback.time, other.time, last.time - first.time) == (first.time, first.time, 10**9)
    assert (other.level, other.text) == ("", "and on it goes")


def test_a_traceback_with_a_stamp_on_every_line_is_as_many_errors() -> None:
    lines = ["Traceback (most recent call last):", '  File "a.py", line 1', "ValueError: no", "INFO next"]
    found = read("".join(f"2026-04-17T09:00:0{n}Z stderr F {line}\n" for n, line in enumerate(lines))).events
    assert [event.level for event in found] == ["error", "error", "error", "info"]
    interrupted = [lines[0], "\tINFO\tanother thread", lines[2]]
    found = read("".join(f"2026-04-17T09:00:0{n}Z {line}\n" for n, line in enumerate(interrupted))).events
    assert [event.level for event in found] == ["error", "info", ""]


def test_lines_of_another_service_do_not_join() -> None:
    found = read(f"web-1  | {S}01 a\nweb-1  |   more of a\ndb-1   |   indented b\n").events
    assert [(event.source, event.text) for event in found] == [
        ("web-1", f"{S}01 a\n  more of a"),
        ("db-1", "  indented b"),
    ]


def test_a_message_without_end_is_bounded() -> None:
    event = one(f"{S}01 a\n" + " more\n" * 10_000)
    assert event.fields["lines"] == 10_001
    assert len(event.text) <= 16_384


def test_progress_and_blank_lines() -> None:
    found = read(f"{S}01 a\n\n  7%|▋ | 3/40 [00:01<00:12,  2.98it/s]\n(Worker_TP0 pid=7)\n").events
    assert [event.line for event in found] == [1, 3]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty_log"), (b"hello\nworld\n", "no_timestamps"), (b"\0\1\2" * 1000, "no_timestamps")],
)
def test_what_cannot_be_placed_in_time_is_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        collect(parse(Source.of(content), Hints(RECEIVED)))
    assert caught.value.code == code
    if code == "no_timestamps":
        assert "--timestamps" in caught.value.message


LATE = Hints(int(datetime(2028, 9, 1, tzinfo=UTC).timestamp()) * 10**9)
DATED, GLOG = "[2026-02-19 07:31:44 TP3] Init torch distributed begin.\n", "E0219 07:41:45.118204 9 a.cc:6] timed out\n"


@pytest.mark.parametrize(
    ("text", "hints", "years"),
    [
        (DATED + GLOG, LATE, [2026, 2026]),
        (GLOG + DATED, LATE, [2026, 2026]),
        ("early\n" + GLOG + DATED, LATE, [2026, 2026, 2026]),
        ("2026-12-31 23:59:59 a\nI0101 00:00:01.5 9 a.cc:6] b\n", LATE, [2026, 2027]),
        ("I1231 23:59:59.5 9 a.c:6] a\n2027-01-01 00:00:01 b\nI0101 00:00:02 9 a.c:6] c\n", LATE, [2026, 2027, 2027]),
        # A date of another season is of something else.
        ("2020-08-01 00:00:00 built\n" + GLOG, LATE, [2020, 2028]),
        (GLOG + DATED, Hints(RECEIVED, year=2024), [2024, 2026]),
        ("11-03 09:00:00 a\n02-03 09:00:00 b\n", Hints(RECEIVED), [2025, 2026]),
        ("11-03 09:00:00 a\n" + "12-24 09:00:00 b\n" * 300 + "02-03 09:00:00 c\n" * 300, Hints(RECEIVED), [2025]),
        ("11-23 11:00:01 a\n11-23 11:00:00 b\n", Hints(RECEIVED), [2026, 2026]),
    ],
)  # fmt: skip
def test_a_stamp_without_a_year_takes_that_of_its_neighbours_and_none_is_of_the_future(
    text: str, hints: Hints, years: list[int]
) -> None:
    found = [datetime.fromtimestamp(event.time / 10**9, UTC) for event in read(text, hints).events]
    assert [time.year for time in found][: len(years)] == years
    assert max(found).timestamp() * 10**9 <= hints.received_at


def test_hints_supply_year_and_zone() -> None:
    told = Hints(RECEIVED, year=2019, zone=timezone(timedelta(hours=8)))
    found = read("INFO 04-17 08:59:02 x\n", told)
    assert datetime.fromtimestamp(found.events[0].time / 10**9, UTC).isoformat() == "2019-04-17T00:59:02+00:00"
    assert (found.facts["without_year"], found.facts["without_zone"], found.facts["zone"]) == (1, 1, "UTC+08:00")
    assert "without_zone" not in read("2026-04-17T09:00:01Z x\n").facts


def test_a_restart_is_a_launch_of_its_own() -> None:
    found = collect(
        parse(Source.of((DATA / "container-log" / "shape-restarted-postgres.log").read_bytes()), Hints(RECEIVED))
    )
    assert found.facts["restarts"] == 1
    assert [(phase.name, phase.duration / 10**9) for phase in found.phases if phase.name == "recovery"] == [
        ("recovery", 3.0),
        ("recovery", 20.0),
    ]
    assert len({phase.id for phase in found.phases}) == 4
    assert found.milestones["ready_line"] == found.facts["ready"][0]


def test_the_work_of_a_ready_service_is_no_restart() -> None:
    text = f"{S}01 Loading model a\n{S}05 model loaded\n{S}06 server listening on port 80\n"
    found = read(text + f"{S}30 Loading model adapter b\n{S}31 model loaded\n")
    assert "restarts" not in found.facts
    assert [phase.name for phase in found.phases] == ["model-load"]


def test_a_service_that_fails_in_the_middle_of_its_life_did_not_fail_to_start() -> None:
    assert read(f"{S}01 GET / 200\n{S}02 Traceback (most recent call last):\n").phases == []


def test_endless_phases_are_cut_and_counted() -> None:
    lines = [f"{S}01 vLLM API server version 1"]
    lines += [f"{S}02 [a.py:1] Compiling a graph for shape {n} takes 1.00 s" for n in range(2_100)]
    found = read("\n".join(lines))
    assert found.facts["phases_left_out"] == 100
    assert found.facts["matched"]["graph-compile"] == 2_000


LOGS = sorted(path for path in (DATA / "container-log").iterdir() if not path.name.endswith(".json"))


@pytest.mark.parametrize("path", [path for path in LOGS if "restarted" not in path.name], ids=lambda path: path.name)
def test_the_agent_says_the_same_of_a_log(path: Path) -> None:
    """One definition: what ``dump-launch-sequence --from-log`` makes of a file is what an upload of it becomes."""
    content = Source.of(path.read_bytes())
    about = assembling.About("x", "", "", "", {}, {}, {})
    profiling = Profiling()
    document = assembling.from_lines(stamped(content.lines(), DEFAULTS, RECEIVED), profiling, about)
    found = collect(parse(content, Hints(RECEIVED)))
    theirs = [
        (phase["phase"], phase["start_time"], phase["duration_ns"], phase["status"])
        for phase in document["phases"]
        if phase["id"] != "unfinished" or found.phases
    ]
    assert [(phase.name, phase.start_time, phase.duration, phase.status) for phase in found.phases] == theirs
    assert found.milestones.get("ready_line") == document["milestones"].get("ready_line")
    assert found.labels["profile"] == document["labels"]["profile"]


@given(st.lists(st.sampled_from([path.read_bytes() for path in LOGS]), min_size=1, max_size=3), st.data())
def test_any_part_of_any_logs_reads_or_is_refused(contents: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(contents)
    start = data.draw(st.integers(0, len(whole)))
    part = whole[start : start + data.draw(st.integers(0, 4_000))]
    try:
        found = collect(parse(Source.of(part), Hints(RECEIVED)))
    except ParseError:
        return
    assert found.lines.total == len(list(Source.of(part).lines()))
    assert all(event.line is not None and 1 <= event.line <= found.lines.total for event in found.events)
    assert all(phase.duration >= 0 for phase in found.phases)


def test_compressed_and_two_byte_text() -> None:
    text = f"{S}01 INFO hello\r\n{S}02 INFO world\r\n"
    for content in (gzip.compress(text.encode()), text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode()):
        found = collect(parse(Source.of(content), Hints(RECEIVED)))
        assert [event.text[-5:] for event in found.events] == ["hello", "world"]


def test_a_large_log_passes_through_line_by_line() -> None:
    served = 0

    def rows() -> Iterator[str]:
        nonlocal served
        for n in range(100_000):
            served += 1
            yield f"2026-04-17T09:00:{n % 60:02}Z line {n}"

    source = Source.of(b"")
    source.lines = rows  # type: ignore[method-assign]
    reading = parse(source, Hints(RECEIVED))
    next(reading)
    # What is read ahead for the profile, and one message more: never the file.
    assert served < 2_100


RAY = "(ServeReplica:default:LLMServer:qwen pid=62683) (EngineCore pid=64296) (RayWorkerProc pid=65043, ip=10.0.0.7) "


def test_a_stamp_behind_the_names_of_many_processes() -> None:
    found = read(
        f"(ServeController pid=61919) INFO 2026-08-14 11:57:04,137 controller 61919 -- Adding 1 replica\n"
        f"{RAY}(Worker_TP1 pid=65043) INFO 08-14 11:58:02 [gpu_worker.py:378] Starting to load model Qwen...\n"
        f"{RAY}(Worker_TP1 pid=65043) INFO 08-14 11:58:10 [gpu_model_runner.py:4879] "
        "Model loading took 0.96 GiB memory and 5.5 seconds\n"
    )
    assert found.facts["lines_with_stamp"] == 3
    (load,) = (phase for phase in found.phases if phase.name == "model-load")
    assert (load.duration, found.events[1].fields["rank"]) == (5_500_000_000, "TP1")


TGI = """2023-02-20T16:45:10.672487Z  INFO text_generation_launcher: Starting download process.
2023-02-20T16:45:13.609322Z  INFO download: text_generation_launcher: "Files are already present in the local cache."
2023-02-20T16:45:14.079337Z  INFO text_generation_launcher: Successfully downloaded weights.
2023-02-20T16:45:14.079644Z  INFO text_generation_launcher: Starting shard 0
2023-02-20T16:45:24.091665Z  INFO text_generation_launcher: Waiting for shard 0 to be ready...
2023-02-20T16:45:40.000000Z  INFO text_generation_launcher: Shard 0 ready in 25.9s
"""
TRITON = """2021-04-21 20:17:20.406511: I tensorflow/stream_executor/dso_loader.cc:44] Successfully opened libcudart.so
I0421 20:17:20.437031 1 model_repository_manager.cc:810] loading: stamp_slice:1
I0421 20:17:23.437031 1 model_repository_manager.cc:1239] successfully loaded 'stamp_slice' version 1
"""
VLLM = """INFO 06-19 23:05:01 [gpu_model_runner.py:1273] Model loading took 3.4213 GiB and 0.5 seconds
INFO 06-19 23:05:09 [backends.py:115] Directly load the compiled graph for shape None from the cache
"""


@pytest.mark.parametrize(
    ("text", "profile", "phase", "duration", "label"),
    [
        (TGI, "tgi/1", "shard-start", 25_900_000_000, ("weights_present", "yes")),
        (TRITON, "triton/1", "model-load stamp_slice", 3_000_000_000, None),
        (VLLM, "vllm/1", "model-load", 500_000_000, ("compile_cache", "hit")),
    ],
)
def test_words_of_older_servers(
    text: str, profile: str, phase: str, duration: int, label: tuple[str, str] | None
) -> None:
    found = read(text)
    assert found.labels["profile"] == profile
    assert [one.duration for one in found.phases if one.name == phase] == [duration]
    assert label is None or label in found.labels.items()


def test_escapes_that_a_syslog_daemon_spelt_out() -> None:
    event = one(
        "2024-04-18T18:44:13.144-04:00   #033[2m2024-04-18T22:44:08Z#033[0m #033[32m INFO#033[0m "
        "#033[2mtext_generation_launcher#033[0m: Shard ready in 21.62s #033[3mrank#033[0m=#033[0m3#033[0m\n"
    )
    assert (event.level, event.text[-9:], event.fields["rank"]) == ("info", "2s rank=3", "rank3")


def test_the_rank_of_a_line_that_another_program_wraps() -> None:
    event = one(
        "2025-03-07 23:50:27,727 - __main__ - INFO - [2025-03-07 23:50:27 TP3] Load weight begin. avail mem=2 GB\n"
    )
    assert event.fields["rank"] == "TP3"


def test_the_instant_of_log4j() -> None:
    event = one('{"instant":{"epochSecond":1663977609,"nanoOfSecond":484000000},"level":"WARN","message":"Hello"}\n')
    assert (event.time, event.level, event.text) == (1_663_977_609_484_000_000, "warning", "Hello")


def test_lines_of_a_log_shipper_have_no_newline_and_are_whole_all_the_same() -> None:
    row = '{{"log":"{}","stream":"stderr","{}":"{}","time":"2026-10-21T09:11:01.5Z"}}\n'
    shipped = "".join(row.format(text, "tag", "kube.vllm") for text in ("INFO one", "INFO two"))
    assert [event.text for event in read(shipped).events] == ["INFO one", "INFO two"]
    cut = row.format("INFO o", "logtag", "P") + row.format("ne", "logtag", "F")
    assert [event.text for event in read(cut).events] == ["INFO one"]
