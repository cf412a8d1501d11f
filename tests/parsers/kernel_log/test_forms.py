"""One message as every program writes it: the same text, the time it stands for, the level where there is one."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.parsers import sniff
from diagnostics.records import Category, Clock, Kind
from tests.parsers.kernel_log.reading import SECOND, read

UPTIME = 3_894_544_857_000
AT = 1_795_429_171_000_000_000 + UPTIME  # Mon 2026-11-23 11:24:25.544857 UTC
TEXT = "Out of memory: Killed process 1 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB"
RTC = "[    1.000000] rtc_cmos 00:00: setting system clock to 2026-11-23T10:19:32 UTC (1795429172)\n"

BOOT = (UPTIME, 1_000, Clock.MONOTONIC)
DATED = (AT, 1_000, Clock.MONOTONIC)
SECONDS = (AT // SECOND * SECOND, SECOND, Clock.WALL)
MILLIS = (AT // 10**6 * 10**6, 10**6, Clock.WALL)
MICROS = (AT, 1_000, Clock.WALL)
MINUTES = (AT // (60 * SECOND) * 60 * SECOND, 60 * SECOND, Clock.WALL)

FORMS: list[tuple[str, tuple[int, int, Clock], str]] = [
    # dmesg: plain, of kernels that name the caller, -r, -x, -d
    ("[ 3894.544857] ", BOOT, ""),
    (RTC + "[ 3894.544857] ", DATED, ""),
    ("[ 3894.544857][ T8693] ", BOOT, ""),
    ("[ 3894.544857] [    C1] ", BOOT, ""),
    ("<3>[ 3894.544857] ", BOOT, "err"),
    ("kern  :err   : [ 3894.544857] ", BOOT, "err"),
    ("[ 3894.544857 <    0.000048>] ", BOOT, ""),
    # dmesg -T in several languages
    ("[Mon Nov 23 11:24:25 2026] ", SECONDS, ""),
    ("[Mon Nov 23 11:24:25 2026 <    0.000048>] ", SECONDS, ""),
    ("kern  :warn  : [Mon Nov 23 11:24:25 2026] ", SECONDS, "warn"),
    ("[Mo Nov 23 11:24:25 2026] ", SECONDS, ""),
    ("[Mo 23. Nov 11:24:25 2026] ", SECONDS, ""),
    ("[一 11月 23 11:24:25 2026] ", SECONDS, ""),
    ("[2026年 11月 23日 11:24:25] ", SECONDS, ""),
    ("[月 11月 23 11:24:25 2026] ", SECONDS, ""),
    ("[월 11월 23 11:24:25 2026] ", SECONDS, ""),
    ("[lun. nov. 23 11:24:25 2026] ", SECONDS, ""),
    ("[Пн ноя 23 11:24:25 2026] ", SECONDS, ""),
    # dmesg --time-format
    ("2026-11-23T11:24:25,544857+00:00 ", MICROS, ""),
    ("2026-11-23T19:24:25,544857+08:00 ", MICROS, ""),
    ("kern  :crit  : 2026-11-23T11:24:25,544857+00:00 ", MICROS, "crit"),
    ("[Nov23 11:23] x\n[Nov23 11:24] ", MINUTES, ""),
    ("[Nov23 11:24] x\n[  +1.500000] ", (MINUTES[0] + 1_500_000_000, *MINUTES[1:]), ""),
    ("[11月23 11:24] ", MINUTES, ""),
    ("[<    0.000000>] x\n[< 3894.544857>] ", BOOT, ""),
    # /dev/kmsg
    ("3,339,3894544857,-;", BOOT, "err"),
    ("6,339,3894544857,c,caller=T1;", BOOT, "info"),
    ("3,338,3894544856,-;x\n\0003,339,3894544857,-;", BOOT, "err"),
    # syslog, journalctl
    ("Nov 23 11:24:25 gpu-07 kernel: ", SECONDS, ""),
    ("<3>Nov 23 11:24:25 gpu-07 kernel: ", SECONDS, "err"),
    ("Nov 23 11:24:25 gpu-07 kernel: [ 3894.544857] ", SECONDS, ""),
    ("Nov 23 11:24:25 gpu-07 kernel: [ 3894.544857][ T8693] ", SECONDS, ""),
    ("Nov 23 11:24:25 gpu-07 kern.warn kernel: ", SECONDS, "warn"),
    ("Nov 23 11:24:25 kernel: ", SECONDS, ""),
    ("Nov 23 11:24:25.544857 gpu-07 kernel: ", MICROS, ""),
    ("11月 23 11:24:25 gpu-07 kernel: ", SECONDS, ""),
    ("Nov 23 2026 11:24:25 gpu-07 kernel: ", SECONDS, ""),
    ("2026-11-23T11:24:25.544857+00:00 gpu-07 kernel: ", MICROS, ""),
    ("2026-11-23T11:24:25.544Z gpu-07 kernel: ", MILLIS, ""),
    ("2026-11-23T11:24:25+0000 gpu-07 kernel: ", SECONDS, ""),
    ("2026-11-23 11:24:25 VMHOST kernel: ", SECONDS, ""),
    ("Mon 2026-11-23 11:24:25 UTC gpu-07 kernel: ", SECONDS, ""),
    ("Mon 2026-11-23 12:24:25 CET gpu-07 kernel: ", SECONDS, ""),
    ("<3>1 2026-11-23T11:24:25.544857Z gpu-07 kernel - - - ", MICROS, "err"),
    ('<3>1 2026-11-23T11:24:25.544857Z gpu-07 kernel - - [a b="c\\]"] ', MICROS, "err"),
    ("1795433065.544857 gpu-07 kernel: ", MICROS, ""),
    ("[ 3894.544857] gpu-07 kernel: ", BOOT, ""),
]


@pytest.mark.parametrize(("before", "placed", "level"), FORMS)
def test_a_message_in_every_form(before: str, placed: tuple[int, int, Clock], level: str) -> None:
    content = f"{before}{TEXT}\n"
    event = read(content).events[-1]
    assert (event.time, event.precision, event.clock) == placed
    assert (event.text, event.level, event.source) == (TEXT, level, "kernel")
    assert event.line == content.count("\n")
    assert event.category is Category.OOM_KILL
    assert sniff(content.encode()) is Kind.KERNEL_LOG


@pytest.mark.parametrize(("before", "placed", "level"), FORMS)
def test_line_ends_colours_and_marks_do_not_matter(before: str, placed: tuple[int, int, Clock], level: str) -> None:
    content = f"{before}{TEXT}"
    plain = read(content)
    for variant in (
        content.replace("\n", "\r\n").encode() + b"\r\n",
        b"\xef\xbb\xbf" + content.encode(),
        content.encode("utf-16"),
        "\n".join(f"\x1b[32m{line[:5]}\x1b[0m{line[5:]}" for line in content.split("\n")).encode(),
    ):
        assert read(variant).events == plain.events
        assert sniff(variant) is Kind.KERNEL_LOG
    assert (plain.events[-1].time, plain.events[-1].level) == (placed[0], level)


def test_an_unstamped_message_has_no_time() -> None:
    parsed = read(f"{TEXT}\noom_reaper: reaped process 1 (a), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB")
    assert [event.time for event in parsed.events] == [0, 0]
    assert parsed.facts["clock"] == "none"


@pytest.mark.parametrize(
    ("lines", "facts"),
    [
        (
            "[    0.000000] Linux version 6.1.0-13-amd64 (a) #1",
            {"kernel": "6.1.0-13-amd64", "boots": 1, "clock": "boot"},
        ),
        (f"{RTC}[    1.100000] x", {"boot_time": 1_795_429_171_000_000_000, "clock": "wall", "boots": 1}),
        (
            "[Mon Nov 23 10:19:31 2026] Linux version 6.1 (a)\n[Mon Nov 23 10:19:32 2026] x",
            {"boot_time": 1_795_429_171_000_000_000, "boot_time_precision_ns": SECOND, "kernel": "6.1"},
        ),
        (
            "Nov 23 10:19:40 gpu kernel: [    5.000000] a\nNov 23 10:19:41 gpu kernel: [   10.000000] b",
            {"boot_time": 1_795_429_171_000_000_000, "host": "gpu", "clock": "wall"},
        ),
        ("Nov 23 10:00:00 gpu kernel: a\n-- Reboot --\nNov 23 11:00:00 gpu kernel: b", {"boots": 2}),
        (
            f"Nov 23 10:00:00 gpu kernel: a\n-- Boot {'ab' * 16} --\nNov 23 11:00:00 gpu kernel: Linux version 6.2 (a)",
            {"boots": 2, "boot_id": "ab" * 16, "kernel": "6.2"},
        ),
        (
            "Nov 23 10:00:00 localhost kernel: a\nNov 23 10:00:00 localhost kernel: b\nNov 23 10:00:01 gpu kernel: c",
            {"host": "gpu"},
        ),
        ("[    1.000000] a\n[    2.000000] PM: suspend exit", {"stops": 1}),
    ],
)
def test_what_a_file_says_of_itself(lines: str, facts: dict[str, Any]) -> None:
    found = read(lines).facts
    assert {key: found.get(key) for key in facts} == facts


def test_the_upload_may_know_host_and_boot_time() -> None:
    parsed = read("[   10.000000] a", host="gpu-07", boot_time=5 * SECOND)
    assert (parsed.events[0].time, parsed.facts["clock"]) == (15 * SECOND, "wall")
    assert parsed.host is not None
    assert (parsed.host.name, parsed.host.boot_time) == ("gpu-07", 5 * SECOND)


def test_every_boot_of_a_file_has_its_own_time() -> None:
    boot = "[    0.000000] Linux version 6.1 (a)\n[    1.000000] setting system clock to … ({})\n[    2.000000] x\n"
    parsed = read(boot.format(1_795_000_001) + boot.format(1_795_400_001))
    assert [event.time // SECOND for event in parsed.events[::3]] == [1_795_000_000, 1_795_400_000]
    assert (parsed.facts["boots"], parsed.facts["boot_time"]) == (2, 1_795_400_000 * SECOND)


def test_outputs_of_dmesg_one_after_the_other_are_recognised() -> None:
    content = "[    1.000000] new\n               line\n[<    1.000000>] two\nnew\n[Fri Feb 13 23:31:31 2009] new"
    assert sniff(content.encode()) == Kind.KERNEL_LOG
