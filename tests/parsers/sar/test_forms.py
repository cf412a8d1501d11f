"""Locales, clocks, options and versions; and what is not sar's output."""

from __future__ import annotations

import gzip

import pytest

from diagnostics.parsers import sar, sniff
from diagnostics.parsers.sar.plan import plan_of
from diagnostics.parsers.sar.tables import read_table
from diagnostics.records import Kind, ParseError
from tests.parsers.sar.reports import CPU, cpu_row, heading, parse, section, series, times, values

PLAIN = section("10:00:00", [("10:00:01", 1.0), ("10:00:02", 2.0)])


@pytest.mark.parametrize(
    ("before", "first", "second", "read"),
    [
        ("11:59:59 AM", "12:00:01 PM", "12:59:59 PM", ["12:00:01", "12:59:59"]),
        ("11:59:58 PM", "11:59:59 PM", "12:00:01 AM", ["23:59:59", "00:00:01"]),
        ("11:14:52 AM UTC", "11:14:53 AM UTC", "11:14:54 AM UTC", ["11:14:53", "11:14:54"]),
        ("11时14分52秒", "11时14分53秒", "11时14分54秒", ["11:14:53", "11:14:54"]),
        ("11時14分52秒", "11時14分53秒", "11時14分54秒", ["11:14:53", "11:14:54"]),
        ("11시 14분 52초", "11시 14분 53초", "11시 14분 54초", ["11:14:53", "11:14:54"]),
        ("오후 01시 14분 52초", "오후 01시 14분 53초", "오후 01시 14분 54초", ["13:14:53", "13:14:54"]),
        ("下午 01:14:52", "下午 01:14:53", "下午 01:14:54", ["13:14:53", "13:14:54"]),
        ("01:14:52 μμ", "01:14:53 μμ", "01:14:54 μμ", ["13:14:53", "13:14:54"]),
        ("01:14:52\u202fPM", "01:14:53\u202fPM", "01:14:54\u202fPM", ["13:14:53", "13:14:54"]),
        ("11.14.52", "11.14.53", "11.14.54", ["11:14:53", "11:14:54"]),
    ],
)
def test_stamps(before: str, first: str, second: str, read: list[str]) -> None:
    parsed = parse(heading() + section(before, [(first, 1.0), (second, 2.0)]))
    assert [one[11:] for one in times(parsed)] == read
    assert values(parsed) == [1.0, 2.0]
    assert parsed.lines.skipped == 0


@pytest.mark.parametrize(
    "label",
    [
        "Average:",
        "Durchschn.:",
        "Среднее:",
        "Moyenne\u202f:",
        "Moyenne :",
        "平均时间:",
        "平均時間：",
        "Média:",
        "Summary:",
    ],
)
def test_averages_are_no_samples_in_any_language(label: str) -> None:
    averages = cpu_row(label, 99.0) + "\n" + label + CPU + "\n" + cpu_row(label, 98.0) + "\n"
    parsed = parse(heading() + PLAIN + averages)
    assert values(parsed) == [1.0, 2.0]
    assert parsed.facts["averages"] == 3
    assert parsed.lines.skipped == 0


def test_decimal_commas() -> None:
    parsed = parse(heading("23.11.2026") + PLAIN.replace(".", ","))
    assert values(parsed) == [1.0, 2.0]
    assert values(parsed, "cpu.idle") == [99.0, 98.0]


def test_colours_and_line_ends() -> None:
    coloured = PLAIN.replace("     1.00", "\x1b[34;1m     1.00\x1b[0m")
    assert values(parse((heading() + coloured).replace("\n", "\r\n"))) == [1.0, 2.0]


def test_human_units_are_those_of_the_columns() -> None:
    text = (
        heading()
        + "10:00:00    kbmemfree  %memused  kbcached\n10:00:01        22.5G      0.5%    512.0k\n\n"
        + "10:00:00    MBfsfree  MBfsused   %fsused FILESYSTEM\n10:00:01     2.0T    512.0M     25.0% /dev/my disk\n\n"
        + "10:00:00        IFACE   rxpck/s    rxkB/s\n10:00:01         eth0     12.00    512.0B\n"
    )
    read = {key: value for key, [(_, value)] in series(parse(text)).items()}
    assert read == {
        ("memory.free_kb", ""): 22.5 * 1024**2,
        ("memory.used_percent", ""): 0.5,
        ("memory.cached_kb", ""): 512.0,
        ("filesystem.free_mb", "/dev/my disk"): 2 * 1024.0**2,
        ("filesystem.used_mb", "/dev/my disk"): 512.0,
        ("filesystem.used_percent", "/dev/my disk"): 25.0,
        ("network.rx_packets", "eth0"): 12.0,
        ("network.rx_kb", "eth0"): 0.5,
    }


def test_keys_first_or_last() -> None:
    first = "10:00:00          DEV       tps     rkB/s\n10:00:01          vda      9.00     88.00\n\n"
    last = "10:00:01          tps     rkB/s DEV\n10:00:02        10.00     89.00 vda\n"
    parsed = parse(heading() + first + last)
    assert values(parsed, "disk.tps", "vda") == [9.0, 10.0]
    assert values(parsed, "disk.read_kb", "vda") == [88.0, 89.0]


def test_sectors_are_told_in_kb() -> None:
    text = "10:00:00          DEV       tps  rd_sec/s  wr_sec/s  avgrq-sz  avgqu-sz     await     svctm     %util\n"
    rows = "".join(
        f"10:00:0{n}      dev8-0      2.00    100.00     50.00     16.00      0.50      3.00      1.00      0.70\n"
        for n in (1, 2)
    )
    read = {metric: value for (metric, _), [(_, value), _] in series(parse(heading() + text + rows)).items()}
    assert read == {
        "disk.tps": 2.0, "disk.read_kb": 50.0, "disk.write_kb": 25.0, "disk.request_kb": 8.0, "disk.queue": 0.5,
        "disk.await_ms": 3.0, "disk.svctm_ms": 1.0, "disk.util_percent": 0.7,
    }  # fmt: skip


def test_interrupts_of_all_cpus_and_of_each() -> None:
    old = "10:00:00         INTR    intr/s\n10:00:01          sum    100.00\n10:00:01            7      3.00\n\n"
    new = "10:00:01         INTR       all      CPU0      CPU1\n10:00:02          sum    110.00     60.00     50.00\n"
    parsed = parse(heading() + old + new)
    assert values(parsed, "irq.intr", "sum") == [100.0, 110.0]
    assert values(parsed, "irq.intr", "sum/cpu1") == [50.0]
    assert values(parsed, "irq.intr", "7") == [3.0]


def test_rows_without_ticks_are_no_samples_and_cpus_come_and_go() -> None:
    rows = [
        cpu_row("10:00:01", 1.0),
        cpu_row("10:00:01", 2.0, "0"),
        cpu_row("10:00:02", 3.0),
        cpu_row("10:00:02", 4.0, "0"),
    ]
    none = "10:00:02          1      0.00      0.00      0.00      0.00      0.00      0.00"
    parsed = parse(
        heading() + "\n".join(["10:00:00" + CPU, *rows, none, cpu_row("10:00:03", 5.0), cpu_row("10:00:03", 6.0, "1")])
    )
    assert values(parsed) == [1.0, 3.0, 5.0]
    assert values(parsed, instance="0") == [2.0, 4.0]
    assert values(parsed, instance="1") == [6.0]
    assert parsed.facts["rows_without_ticks"] == 1


def test_a_table_with_rows_without_ticks() -> None:
    zeroes = "          0      0.00      0.00      0.00      0.00      0.00      0.00"
    text = (
        "10:00:00"
        + CPU
        + "\n"
        + "".join(
            cpu_row(f"10:00:0{n}", float(n))
            + f"\n10:00:0{n}"
            + (zeroes if n == 2 else cpu_row("", 9.0, "0")[0:])
            + "\n"
            for n in (1, 2, 3)
        )
    )
    parsed = parse(heading() + text)
    assert values(parsed) == [1.0, 2.0, 3.0]
    assert [one[17:] for one in times(parsed, instance="0")] == ["01", "03"]


def test_what_cannot_be_read_is_counted_with_its_line() -> None:
    lines = PLAIN.splitlines()
    broken = [
        lines[0],
        lines[1],
        "what is this",
        lines[2],
        "10:00:03        all      1.00",
        "10:00:04        all      1.00       nan      0.00      0.00      0.00     99.00",
    ]
    parsed = parse(heading() + "\n".join(broken))
    assert values(parsed) == [1.0, 2.0]
    assert parsed.lines.skipped == 3
    assert [one["line"] for one in parsed.facts["unread"]] == [5, 7, 8]
    assert parsed.lines.total == 8


def test_rows_below_an_unknown_header_belong_to_no_section() -> None:
    unknown = "\n10:00:02      some  words of  a section later than us\n" + cpu_row("10:00:03", 50.0) + "\n"
    parsed = parse(heading() + PLAIN + unknown)
    assert values(parsed) == [1.0, 2.0]
    assert parsed.lines.skipped == 2


def test_sections_of_later_versions_keep_their_own_names() -> None:
    parsed = parse(heading() + "10:00:00          NPU     %busy   hops/s\n10:00:01            0     12.00     13.00\n")
    assert values(parsed, "npu.busy_percent", "0") == [12.0]
    assert values(parsed, "npu.hops", "0") == [13.0]


@pytest.mark.parametrize("spacing", ["\n", "\n\n", "\n\n\n", " \n \n"])
def test_blank_lines_do_not_matter(spacing: str) -> None:
    lines = [
        *(heading() + PLAIN).splitlines(),
        "10:00:02" + "       proc/s   cswch/s",
        "10:00:03         4.00      5.00",
    ]
    parsed = parse(spacing.join(line for line in lines if line))
    assert values(parsed) == [1.0, 2.0]
    assert values(parsed, "process.cswch", "") == [5.0]
    assert parsed.lines.skipped == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "SunOS web 5.10 Generic_137138-09 sun4u 03/21/2018\n\n00:00:00    %usr    %sys    %wio   %idle\n",
            "the sar of SunOS",
        ),
        ("AIX db 2 5 00C8 03/21/18\n\n00:00:00    %usr    %sys    %wio   %idle   physc\n", "the sar of AIX"),
        ("Usage: sar [ options ] [ <interval> [ <count> ] ]\n", "usage text"),
        ("Cannot open /var/log/sysstat/sa23: No such file or directory\n", "“Cannot open /var/log/sysstat/sa23"),
        (
            heading() + "10:00:00      UID       PID    %usr %system  %guest    %CPU   CPU  Command\n",
            "output of pidstat",
        ),
        (heading() + "avg-cpu:  %user   %nice %system %iowait  %steal   %idle\n", "output of iostat"),
        ("", "The file is empty"),
        ("hello\n", "the first line is “hello”"),
    ],
)
def test_what_is_not_sars_output_is_refused_with_what_it_is(content: str, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        parse(content)


def test_a_report_that_was_stopped_before_its_first_sample_is_empty() -> None:
    parsed = parse(heading())
    assert parsed.samples == []
    assert parsed.facts["kernel"] == "6.1.0"


@pytest.mark.parametrize(
    "content",
    [
        heading() + PLAIN,
        heading().replace("\t", "    ") + PLAIN,
        PLAIN,
        "Linux 2.6.9 (old)  03/28/08\n\n" + PLAIN,
        "\ufeff" + heading() + PLAIN,
    ],
)
def test_recognised(content: str) -> None:
    assert sniff(content.encode()) == Kind.SAR
    assert sniff(gzip.compress(content.encode())) == Kind.SAR


@pytest.mark.parametrize(
    "content",
    [
        "Linux version 6.1.0 (build@host) (gcc 12) #1 SMP\n",
        "Linux vm 6.1.0-18-amd64 #1 SMP x86_64 GNU/Linux\n",
        "10:00:00 starting 5%/s\n10:00:01 done\n",
        "SunOS web 5.10 Generic sun4u sparc\n",
    ],
)
def test_not_recognised(content: str) -> None:
    assert not sar.recognise(content.encode())


@pytest.mark.parametrize(
    "line",
    [
        "Minimum:        all      1.00      0.00      0.00      0.00      0.00     98.00",
        "最大：          all      2.00      0.00      0.00      0.00      0.00     99.00",
        "Last:             705       145     17.04     18.92   6008414    102818      1.68 /dev/sda9",
        "Summary           3      8087        24         0                                         ",
        "Summary         BUS  idvendor    idprod  maxpower                manufact              product",
    ],
)
def test_extremes_and_summaries_are_no_samples(line: str) -> None:
    parsed = parse(heading() + PLAIN + line + "\n")
    assert values(parsed) == [1.0, 2.0]
    assert parsed.lines.skipped == 0


def test_a_nul_after_each_percentage() -> None:
    parsed = parse((heading() + PLAIN).encode().replace(b".00 ", b".00\0 ").replace(b".00\n", b".00\0\n"))
    assert values(parsed) == [1.0, 2.0]
    assert parsed.lines.skipped == 0


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_number_cut_at_the_end_of_the_file_is_not_read(cut: int) -> None:
    whole = parse(heading() + PLAIN)
    parsed = parse((heading() + PLAIN).rstrip("\n")[:-cut])
    assert set(series(parsed)["cpu.idle", "all"]) < set(series(whole)["cpu.idle", "all"])
    assert parsed.lines.skipped == 1


def test_a_last_line_without_a_newline_is_read_when_it_is_whole() -> None:
    assert values(parse((heading() + PLAIN).rstrip("\n"))) == [1.0, 2.0]


def test_rows_with_decimal_commas_are_read_at_once() -> None:
    rows = "\n".join(cpu_row(f"10:00:0{n}", n / 4) for n in range(1, 5)).replace(".", ",")
    table = read_table(plan_of(CPU, 1), rows)
    assert table is not None
    assert table.values[:, 0].tolist() == [0.25, 0.5, 0.75, 1.0]
