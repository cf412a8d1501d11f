"""The journal's structured outputs, which say the same in six ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from diagnostics.parsers import sniff
from diagnostics.records import Category, Clock, Kind
from tests.parsers.kernel_log.reading import read

BOOTS = ("32f719e069004eb29b8ba8d1a9f83463", "0a" * 16)
ENTRY: dict[str, Any] = {
    "__CURSOR": f"s=2b;i=1;b={BOOTS[0]};m=e828ee93;t=660efd624958c;x=6e",
    "__REALTIME_TIMESTAMP": "1795433066435980",
    "__MONOTONIC_TIMESTAMP": "3894996627",
    "_BOOT_ID": BOOTS[0],
    "_HOSTNAME": "gpu-07",
    "_TRANSPORT": "kernel",
    "PRIORITY": "3",
    "SYSLOG_IDENTIFIER": "kernel",
    "_SOURCE_MONOTONIC_TIMESTAMP": "3853332761",
    "MESSAGE": "I/O error, dev sda, sector 8 op 0x0:(READ) flags 0x0",
}
OTHER = ENTRY | {"_SOURCE_MONOTONIC_TIMESTAMP": "3853332762", "MESSAGE": "two\nlines", "PRIORITY": "6"}
TIME = (1_795_433_066_435_980 - 3_894_996_627 + 3_853_332_761) * 1000


def json_lines(*entries: Mapping[str, Any]) -> str:
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def json_sse(*entries: Mapping[str, Any]) -> str:
    return "".join(f"data: {json.dumps(entry)}\n\n" for entry in entries)


def json_seq(*entries: Mapping[str, Any]) -> str:
    return "".join(f"\x1e{json.dumps(entry)}\n" for entry in entries)


def json_pretty(*entries: Mapping[str, Any]) -> str:
    return "".join(json.dumps(entry, indent="\t", separators=(",", " : ")) + "\n" for entry in entries)


def export(*entries: Mapping[str, Any]) -> bytes:
    return b"\n".join(b"".join(_exported(*pair) for pair in entry.items()) for entry in entries) + b"\n"


def _exported(name: str, value: str) -> bytes:
    content = value.encode()
    if "\n" not in value:
        return name.encode() + b"=" + content + b"\n"
    return name.encode() + b"\n" + len(content).to_bytes(8, "little") + content + b"\n"


def verbose(*entries: Mapping[str, Any]) -> str:
    def told(entry: Mapping[str, Any]) -> str:
        realtime, monotonic = (int(entry[f"__{name}_TIMESTAMP"]) for name in ("REALTIME", "MONOTONIC"))
        cursor = f"s=2b;i=1;b={entry['_BOOT_ID']};m={monotonic:x};t={realtime:x};x=6e"
        indented = "".join(
            f"    {name}=" + value.replace("\n", "\n            ") + "\n"
            for name, value in entry.items()
            if not name.startswith("__")
        )
        return f"Mon 2026-11-23 11:24:26.435980 UTC [{cursor}]\n{indented}"

    return "".join(map(told, entries))


FORMS: list[Callable[..., str | bytes]] = [json_lines, json_sse, json_seq, json_pretty, export, verbose]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(form: Callable[..., str | bytes]) -> None:
    content = form(ENTRY, OTHER)
    parsed = read(content)
    first, second = parsed.events
    assert (first.time, first.precision, first.clock) == (TIME, 1_000, Clock.MONOTONIC)
    assert (first.level, first.source, first.category) == ("err", "kernel", Category.IO_ERROR)
    assert (second.time, second.level, second.text) == (TIME + 1_000, "info", "two\nlines")
    assert parsed.lines.skipped == 0
    lines = content.split(b"\n") if isinstance(content, bytes) else content.encode().split(b"\n")
    assert first.line is not None
    assert b"MESSAGE" in lines[first.line - 1]
    told = {key: parsed.facts[key] for key in ("host", "boot_id", "boots", "boot_time", "clock")}
    boot_time = (1_795_433_066_435_980 - 3_894_996_627) * 1000
    assert told == {"host": "gpu-07", "boot_id": BOOTS[0], "boots": 1, "boot_time": boot_time, "clock": "wall"}
    assert parsed.host is not None
    assert parsed.host.boot_id == "32f719e0-6900-4eb2-9b8b-a8d1a9f83463"
    assert sniff(content if isinstance(content, bytes) else content.encode()) is Kind.KERNEL_LOG


@pytest.mark.parametrize("form", FORMS)
def test_a_cut_file_keeps_what_is_whole(form: Callable[..., str | bytes]) -> None:
    content = form(ENTRY, OTHER, OTHER)
    cut = content[: len(content) - len(form(OTHER)) // 2]
    parsed = read(cut)
    assert len(parsed.events) >= 2
    assert parsed.events[0].time == TIME


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ([72, 105, 255], "Hi�"),
        (["one", "two"], "one\ntwo"),
        ("", ""),
        ([], "[]"),
    ],
)
def test_values_that_are_not_text(message: Any, text: str) -> None:
    (event,) = read(json_lines(ENTRY | {"MESSAGE": message})).events
    assert event.text == (text if message != [] else "")


def test_a_programs_message_has_the_time_it_gave() -> None:
    daemon = {key: value for key, value in ENTRY.items() if key != "_SOURCE_MONOTONIC_TIMESTAMP"}
    daemon |= {"_TRANSPORT": "syslog", "SYSLOG_IDENTIFIER": "sshd", "_SOURCE_REALTIME_TIMESTAMP": "1795433066000000"}
    bare = {key: value for key, value in daemon.items() if not key.startswith("_SOURCE")}
    told = [(event.time, event.clock, event.source) for event in read(json_lines(ENTRY, daemon, bare)).events[1:]]
    assert told == [
        (1_795_433_066_000_000_000, Clock.WALL, "sshd"),
        (1_795_433_066_435_980_000, Clock.WALL, "sshd"),
    ]


def test_boots_of_one_journal_have_their_own_times() -> None:
    later = ENTRY | {
        "_BOOT_ID": BOOTS[1],
        "__REALTIME_TIMESTAMP": "1795440000000000",
        "__MONOTONIC_TIMESTAMP": "2000000",
        "_SOURCE_MONOTONIC_TIMESTAMP": "1000000",
    }
    parsed = read(json_lines(ENTRY, later))
    assert parsed.events[1].time == 1_795_439_999_000_000_000
    assert (parsed.facts["boots"], parsed.facts["boot_ids"]) == (2, list(BOOTS))
    assert (parsed.facts["boot_id"], parsed.facts["boot_time"]) == (BOOTS[1], 1_795_439_998_000_000_000)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "null",
        '{"a": 1}',
        json.dumps(ENTRY | {"MESSAGE": None}),
        json.dumps(ENTRY | {"__REALTIME_TIMESTAMP": "soon"}),
        json.dumps(ENTRY | {"__REALTIME_TIMESTAMP": []}),
        json.dumps(ENTRY)[:90],
        '{"_BOOT_ID":' + "[" * 50_000,
    ],
)
def test_an_entry_that_cannot_be_read_is_counted(line: str) -> None:
    parsed = read(json_lines(ENTRY) + line + "\n" + json_lines(OTHER))
    assert len(parsed.events) == 2
    assert (parsed.lines.total, parsed.lines.skipped) == (3, 1)
    assert parsed.facts["unread"] == [{"line": 2, "text": line[:200]}]


def test_the_journal_of_a_service_alone_is_no_kernel_log() -> None:
    entry = ENTRY | {"_TRANSPORT": "stdout", "SYSLOG_IDENTIFIER": "vllm"}
    assert sniff(json_lines(entry).encode()) is not Kind.KERNEL_LOG
