"""What stands between the messages: continuations, blank lines, garbage, other programs."""

from __future__ import annotations

import gzip

import pytest

from diagnostics.records import ParseError
from tests.parsers.kernel_log.reading import SECOND, read


def told(content: str | bytes) -> list[tuple[int | None, str]]:
    return [(event.line, event.text) for event in read(content).events]


def test_an_indented_line_goes_on() -> None:
    content = "[    1.000000] Mem-Info:\n               active_anon:1\n\n[    2.000000] b\n"
    assert told(content) == [(1, "Mem-Info:\nactive_anon:1"), (4, "b")]
    journal = "Nov 23 10:00:00 gpu kernel: a\n                            more\nNov 23 10:00:01 gpu kernel: b\n"
    assert told(journal) == [(1, "a\nmore"), (3, "b")]


def test_tags_of_kmsg_are_no_text() -> None:
    assert told("6,1,1000000,-;a\n SUBSYSTEM=pci\n DEVICE=+pci:0000\n6,2,2000000,-;b\\xe6\\x9c\\xac\n") == [
        (1, "a"),
        (4, "b本"),
    ]


def test_a_line_without_a_stamp_is_a_message_of_the_moment_before() -> None:
    parsed = read("early\n[    8.000000] a\nlate\n")
    assert [(event.time, event.text) for event in parsed.events] == [
        (0, "early"),
        (8 * SECOND, "a"),
        (8 * SECOND, "late"),
    ]


def test_messages_without_stamps_are_never_joined() -> None:
    content = "Call Trace:\n <TASK>\n dump_stack_lvl+0x48/0x60\n\nModules linked in: a\n"
    assert told(content) == [
        (1, "Call Trace:"),
        (2, " <TASK>"),
        (3, " dump_stack_lvl+0x48/0x60"),
        (5, "Modules linked in: a"),
    ]


@pytest.mark.parametrize(
    ("line", "is_counted"),
    [
        ("", False),
        ("-- Logs begin at Wed 2017-02-08 15:18:00 CET, end at Tue 2017-09-19 09:12:59 CEST. --", False),
        ("-- Journal begins at Mon 2026-11-23 10:19:31 UTC, ends at Mon 2026-11-23 11:24:31 UTC. --", False),
        ("-- No entries --", False),
        ("and then nothing", True),
        ("\x01\x02\x03\x04", True),
    ],
)
def test_other_lines_of_a_system_log(line: str, is_counted: bool) -> None:
    parsed = read(f"Nov 23 10:00:00 gpu kernel: a\n{line}\nNov 23 10:00:00 gpu kernel: b\n")
    assert [event.text for event in parsed.events] == ["a", "b"]
    assert (parsed.lines.total, parsed.lines.skipped) == (3, int(is_counted))
    assert parsed.facts.get("unread", []) == ([{"line": 2, "text": line}] if is_counted else [])


def test_garbage_in_a_kernel_log_is_counted() -> None:
    parsed = read(b"[    1.000000] a\n\x00\x00\x00\x00\x02\x03\n[    2.000000] b\n")
    assert [event.text for event in parsed.events] == ["a", "b"]
    assert [one["line"] for one in parsed.facts["unread"]] == [2]


def test_forms_may_follow_each_other_in_one_file() -> None:
    parsed = read("[    1.000000] a\n" * 5 + "[Mon Nov 23 11:24:25 2026] b\n2026-11-23T11:24:25,544857+00:00 c\n")
    assert [event.text for event in parsed.events[5:]] == ["b", "c"]
    assert parsed.lines.skipped == 0


@pytest.mark.parametrize(
    ("line", "source", "text"),
    [
        ("sshd(pam_unix)[19939]: check pass; user unknown", "sshd(pam_unix)", "check pass; user unknown"),
        ("jabberd/sm[11057]: session started: jid=x", "jabberd/sm", "session started: jid=x"),
        ("last message repeated 2 times", "", "last message repeated 2 times"),
        ("syslogd 1.4.1: restart.", "", "syslogd 1.4.1: restart."),
        ("(systemd)[1]: pam: a: b", "(systemd)", "pam: a: b"),
        ("kernel: [Firmware Bug]: TSC", "kernel", "[Firmware Bug]: TSC"),
        ("kernel: [12345.678901] usb 1-1: new", "kernel", "usb 1-1: new"),
        ("kernel:", "kernel", ""),
    ],
)
def test_programs_of_a_system_log(line: str, source: str, text: str) -> None:
    content = f"Nov 23 10:00:00 gpu {line}\n" * 2
    assert [(event.source, event.text) for event in read(content).events] == [(source, text)] * 2


def test_writers_with_ever_new_process_ids() -> None:
    lines = [f"Nov 23 10:00:00 gpu sshd[{pid}]: {pid}" for pid in range(10_000)]
    parsed = read("\n".join([*lines, "Nov 23 10:00:00 gpu kernel: x", *lines]))
    assert {event.source for event in parsed.events} == {"sshd", "kernel"}
    assert [event.text for event in parsed.events[:10_000]] == [str(pid) for pid in range(10_000)]


def test_a_compressed_log_is_read_even_if_cut() -> None:
    content = gzip.compress(b"".join(b"[%5d.000000] message %d\n" % (n, n * 7919) for n in range(150_000)))
    assert len(read(content).events) == 150_000
    assert 0 < len(read(content[: len(content) // 2]).events) < 150_000


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"hello\nworld\n", b"\x89PNG\r\n\x1a\n", b'{"a": 1}\n', b"File path: x\n"]
)
def test_what_is_no_kernel_log_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read(content)
    assert caught.value.code == "not_a_kernel_log"
    assert caught.value.where == "line 1"
