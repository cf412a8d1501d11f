"""Stamps, zones, restarts, horizontal rows, XML, and JSON that old versions broke."""

from __future__ import annotations

import json
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers import Hints, Source, collect, sadf, sniff
from diagnostics.records import Kind, Parsed, ParseError
from tests.parsers.sar.reports import RECEIVED, moment, series, times, values

SHANGHAI = ZoneInfo("Asia/Shanghai")
CPU = "# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle\n"


def parse(content: str, zone: tzinfo = UTC) -> Parsed:
    assert sniff(content.encode()) == Kind.SADF
    return collect(sadf.parse(Source.of(content.encode()), Hints(RECEIVED, zone=zone)))


def document(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    host = {"nodename": "vm", "release": "6.1", "number-of-cpus": 2, "statistics": list(entries), **more}
    return {"sysstat": {"hosts": [host]}}


def entry(time: str, user: float = 1.0, **stamp: Any) -> dict[str, Any]:
    about = {"date": "2026-11-23", "time": time, "interval": 1, **(stamp or {"utc": 1})}
    return {"timestamp": about, "cpu-load": [{"cpu": "all", "user": user, "idle": 100 - user}]}


@pytest.mark.parametrize(
    ("stamp", "read", "zone"),
    [
        ("2026-11-23 11:14:53 UTC", "11:14:53", "UTC"),
        ("2026-11-23 11:14:53", "03:14:53", "local"),
        ("2026-11-23 11:14:53 CST", "03:14:53", "local"),
        ("2026-11-23 11:14:53 +0100", "10:14:53", "UTC"),
        ("2026-11-23 11:14:53 +04", "07:14:53", "UTC"),
        ("1795432493", "11:14:53", "UTC"),
    ],
)
def test_stamps(stamp: str, read: str, zone: str) -> None:
    parsed = parse(f"{CPU}vm;1;{stamp};-1;58.29;0.00;30.65;2.51;0.00;8.54\n", SHANGHAI)
    assert [one[11:] for one in times(parsed)] == [read]
    assert parsed.facts["zone"] == zone


@pytest.mark.parametrize(
    ("stamp", "read"),
    [
        ({"utc": 1}, "11:14:53"),
        ({"utc": 0}, "03:14:53"),
        ({"tz": "UTC"}, "11:14:53"),
        ({"tz": "CST"}, "03:14:53"),
        ({"interval": 1}, "11:14:53"),
    ],
)
def test_zones_of_json(stamp: dict[str, Any], read: str) -> None:
    parsed = parse(json.dumps(document(entry("11:14:53", **stamp))), SHANGHAI)
    assert [one[11:] for one in times(parsed)] == [read]


def test_an_hour_that_comes_twice() -> None:
    rows = [
        f"vm;1800;2026-10-25 0{time};-1;1.00;0;0;0;0;99.00\n"
        for time in ("2:00:00", "2:30:00", "2:00:00", "2:30:00", "3:00:00")
    ]
    parsed = parse(CPU + "".join(rows), ZoneInfo("Europe/Berlin"))
    assert [one[11:16] for one in times(parsed)] == ["00:00", "00:30", "01:00", "01:30", "02:00"]


def test_restarts_and_comments_are_events() -> None:
    for separator in (";", "\t"):
        rows = [
            ("vm", "-1", "2026-11-23 11:15:41 UTC", "LINUX-RESTART\t(2 CPU)"),
            ("vm", "-1", "2026-11-23 11:15:37 UTC", f"COM deploy{separator} then more"),
            ("vm", "-1", "2026-11-23 11:16:41 UTC", "LINUX-RESTART"),
        ]
        parsed = parse("".join(separator.join(row) + "\n" for row in rows))
        assert [(moment(event.time)[11:], event.text, event.line, event.fields) for event in parsed.events] == [
            ("11:15:41", "LINUX RESTART", 1, {"cpu_count": 2}),
            ("11:15:37", f"deploy{separator} then more", 2, {}),
            ("11:16:41", "LINUX RESTART", 3, {}),
        ]
        assert len(parsed.facts["restarts"]) == 2


def test_a_decimal_comma_and_rows_without_ticks() -> None:
    rows = "vm;1;2026-11-23 11:14:53 UTC;0;58,29;0,00;30,65;2,51;0,00;8,54\n"
    zeroes = "vm;1;2026-11-23 11:14:54 UTC;0;0,00;0,00;0,00;0,00;0,00;0,00\n"
    parsed = parse(CPU + rows + zeroes)
    assert values(parsed, instance="0") == [58.29]
    assert parsed.facts["rows_without_ticks"] == 1


def test_what_cannot_be_read_is_counted_with_its_line() -> None:
    text = CPU + "vm;1;2026-11-23 11:14:53 UTC;-1;58.29;0.00\nvm;1;2026-13-23 11:14:53 UTC;-1;1;1;1;1;1;1\nnothing\n"
    parsed = parse(text + "vm;1;2026-11-23 11:14:54 UTC;-1;1.00;0.00;0.00;0.00;0.00;99.00\n")
    assert values(parsed) == [1.0]
    assert (parsed.lines.total, parsed.lines.skipped) == (5, 3)
    assert [one["line"] for one in parsed.facts["unread"]] == [2, 3, 4]


HORIZONTAL = "# hostname;interval;timestamp;"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            "CPU;%user;%idle[...];proc/s;cswch/s;IFACE;rxpck/s;rxkB/s[...]",
            "-1;1.00;99.00;0;2.00;98.00;1;3.00;97.00;5.00;6.00;lo;7.00;8.00;eth0;9.00;10.00",
            {("cpu.user", "all"): 1.0, ("cpu.idle", "1"): 97.0, ("process.proc", ""): 5.0, ("network.rx_kb", "lo"): 8},
        ),
        (
            "DEV;tps;rkB/s[...];IFACE;rxpck/s;rxkB/s[...];IFACE;rxerr/s;txerr/s[...]",
            "sda;1.00;2.00;nvme0n1;3.00;4.00;lo;5.00;6.00;eth0;7.00;8.00;lo;9.00;10.00;eth0;11.00;12.00",
            {("disk.read_kb", "nvme0n1"): 4.0, ("network.rx_kb", "eth0"): 8.0, ("network.txerr", "eth0"): 12.0},
        ),
        (
            "INTR;CPU*[...];pswpin/s;pswpout/s",
            "sum;31.00;30.00;1.00;7;3.00;2.00;1.00;4.00;5.00",
            {("irq.intr", "sum"): 31.0, ("irq.intr", "7"): 3.0, ("swapping.in", ""): 4.0, ("swapping.out", ""): 5.0},
        ),
        (
            "INTR;intr/s[...];TTY;rcvin/s;txmtin/s[...];DEV;tps;rkB/s[...]",
            "-1;31.00;0;1.00;1;2.00;0;3.00;0;4.00;1;5.00;1;6.00;sda;7.00;8.00",
            {("irq.intr", "sum"): 31.0, ("irq.intr", "1"): 2.0, ("tty.xmtin", "0"): 4.0, ("tty.rcvin", "1"): 5.0},
        ),
        (
            "active/s;passive/s;iseg/s;oseg/s;atmptf/s;estres/s;retrseg/s;isegerr/s;orsts/s",
            "1.00;2.00;3.00;4.00;5.00;6.00;7.00;8.00;9.00",
            {("tcp.active", ""): 1.0, ("tcp.oseg", ""): 4.0, ("tcp.retrseg", ""): 7.0},
        ),
    ],
)  # fmt: skip
def test_horizontal_rows(header: str, row: str, expected: dict[tuple[str, str], float]) -> None:
    parsed = parse(f"{HORIZONTAL}{header}\nvm;1;2026-11-23 11:14:53 UTC;{row}\n")
    assert parsed.lines.skipped == 0
    assert {key: series(parsed)[key][0][1] for key in expected} == expected


def test_a_horizontal_row_that_can_be_read_in_two_ways_is_not_read() -> None:
    text = f"{HORIZONTAL}FCHOST;fch_rxf/s;fch_txf/s[...];MOUNTED;%used;free[...]\nvm;1;2026-11-23 11:14:53 UTC;{';'.join('abcdefghi')}\n"  # noqa: E501
    parsed = parse(text)
    assert parsed.samples == []
    assert parsed.lines.skipped == 1


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
@pytest.mark.parametrize("form", ["database", "pairs"])
def test_a_number_cut_at_the_end_of_the_file_is_not_read(form: str, cut: int) -> None:
    stamps = [f"2026-11-23 11:14:5{n} UTC" for n in range(3)]
    rows = {
        "database": CPU + "".join(f"vm;1;{stamp};-1;1.25;0.00;0.00;0.00;0.00;98.75\n" for stamp in stamps),
        "pairs": "".join(f"vm\t1\t{stamp}\tall\t%idle\t98.75\n" for stamp in stamps),
    }
    assert values(parse(rows[form].rstrip("\n")), "cpu.idle") == [98.75] * 3
    parsed = parse(rows[form].rstrip("\n")[:-cut])
    assert values(parsed, "cpu.idle") == [98.75] * 2
    assert parsed.lines.skipped == 1


def test_pairs_of_sections_that_share_a_stamp_and_a_key() -> None:
    columns = ["call/s", "retrans/s", "read/s", "atmptf/s", "estres/s", "retrans/s", "tps", "rtps"]
    text = "".join(f"vm\t1\t2026-11-23 11:14:53 UTC\t-\t{name}\t{n}.00\n" for n, name in enumerate(columns))
    read = {metric: value for (metric, _), [(_, value)] in series(parse(text)).items()}
    assert read == {
        "nfs.call": 0, "nfs.retrans": 1, "nfs.read": 2, "tcp.atmptf": 3, "tcp.estres": 4, "tcp.retrseg": 5, "io.tps": 6,
        "io.rtps": 7,
    }  # fmt: skip


def test_pairs_as_older_versions_name_interrupts_and_columns() -> None:
    rows = [("sum", "intr/s", 1), ("i007", "intr/s", 2), ("all", "%%user", 3), ("all", "%%idle", 97)]
    parsed = parse("".join(f"vm\t1\t2026-11-23 11:14:53 UTC\t{key}\t{name}\t{n}.00\n" for key, name, n in rows))
    assert {key: value for key, [(_, value)] in series(parsed).items()} == {
        ("irq.intr", "sum"): 1, ("irq.intr", "7"): 2, ("cpu.user", "all"): 3, ("cpu.idle", "all"): 97,
    }  # fmt: skip


def test_json_that_opens_network_once_and_never_closes_it() -> None:
    def told(second: int, opening: str) -> str:
        return (
            f'{{"timestamp": {{"date": "2026-11-23", "time": "11:14:0{second}", "utc": 1, "interval": 1}},\n'
            f'"cpu-load": [{{"cpu": "all", "user": {second}.00, "idle": 90.00}}],\n{opening}'
            '"net-udp": {"idgm": 4.00, "odgm": 5.00}\t\t"fchosts": [\n],\n'
            '"power-management": {"cpu-frequency": [{"number": "all", "frequency": 2300.00}]\n}\n}'
        )

    entries = ",\n".join((told(1, '"network": {\n'), told(2, ""), told(3, "")))
    parsed = parse(f'{{"sysstat": {{\n"hosts": [\n{{\n"nodename": "vm",\n"statistics": [\n{entries}\n]\n}}\n]\n}}}}\n')
    assert values(parsed) == [1.0, 2.0, 3.0]
    assert values(parsed, "udp.odgm", "") == [5.0, 5.0, 5.0]
    assert values(parsed, "frequency.mhz") == [2300.0] * 3
    assert parsed.lines.skipped == 0


def broken(old: str, new: str) -> str:
    text = json.dumps(document(entry("11:14:53", 1.0), entry("11:14:54", 2.0), entry("11:14:55", 3.0)), indent=1)
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (broken('"idle": 98.0', '"idle": 98.0,'), [1.0, 2.0, 3.0]),
        (broken('"user": 2.0,\n', '"user": 2.0\n'), [1.0, 2.0, 3.0]),
        (
            broken("     },\n     {", "     }\n     {") if False else broken('"idle": 98.0', '"idle": nan'),
            [1.0, 2.0, 3.0],
        ),
        (broken('"idle": 98.0', '"idle": -nan'), [1.0, 2.0, 3.0]),
        (broken('"cpu": "all"', '"cpu": "all", "note": "C:\\dir"'), [1.0, 2.0, 3.0]),
        (broken('"idle": 98.0', '"idle" = 98.0'), [1.0, 3.0]),
    ],
)
def test_broken_json_is_mended_or_counted(text: str, read: list[float]) -> None:
    parsed = parse(text)
    assert values(parsed) == read
    assert parsed.lines.skipped == 3 - len(read)


def test_commas_after_the_last_of_a_list() -> None:
    text = json.dumps(document(entry("11:14:53")), indent=1)
    lists = text.replace("    }\n   ]\n  }", "    },\n   ],\n  },").replace("\n    ]\n   }", "\n    ],\n   },")
    assert lists != text
    assert values(parse(lists)) == [1.0]


@given(st.floats(0.2, 0.999))
def test_cut_json_gives_what_came_before(share: float) -> None:
    text = json.dumps(document(*(entry(f"11:{n // 60:02}:{n % 60:02}") for n in range(100))), indent="\t")
    parsed = parse(text[: int(len(text) * share)])
    read = len(values(parsed)) if parsed.samples else 0
    assert share * 100 - 4 < read <= 100
    assert "ends too early" in parsed.facts["cut"]


@pytest.mark.parametrize(
    "text", ['{"sysstat": {"hosts": [{"statistics": [5]}]}}', '{"sysstat": {"hosts": [{nodename: 1}]}}']
)
def test_json_that_is_not_sadfs_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ParseError, match="JSON is broken") as refused:
        parse("\n".join(["", *text.split(" ")]))
    assert refused.value.where.startswith("line ")
    assert int(refused.value.where.split()[1]) > 1


XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE sysstat PUBLIC "DTD v3.5 sysstat //EN" "http://example.com/sysstat-3.5.dtd">
<sysstat xmlns="http://example.com/sysstat">
<host nodename="vm"><release>6.1</release><number-of-cpus>2</number-of-cpus>
<statistics>
<timestamp date="2026-11-23" time="11:14:53" utc="1" interval="1">
<cpu-load-all><cpu number="all" usr="1.00" idle="99.00"/></cpu-load-all>
<io per="second"><tps>2.00</tps><io-reads rtps="1.50" bread="3.00"/></io>
<interrupts><int-global per="second"><irq intr="sum" cpu="1" value="5.00"/></int-global></interrupts>
</timestamp>
</statistics>
<restarts><boot date="2026-11-23" time="11:15:41" utc="1" cpu_count="2"/></restarts>
<comments><comment date="2026-11-23" time="11:15:42" utc="1" com="deploy &amp; go"/></comments>
</host>
</sysstat>
"""


@pytest.mark.parametrize("text", [XML, XML.replace("\n", ""), "\n" + XML])
def test_xml(text: str) -> None:
    parsed = parse(text)
    assert {key: value for key, [(_, value)] in series(parsed).items()} == {
        ("cpu.user", "all"): 1.0, ("cpu.idle", "all"): 99.0, ("io.tps", ""): 2.0, ("io.rtps", ""): 1.5,
        ("io.bread", ""): 3.0, ("irq.intr", "sum/cpu1"): 5.0,
    }  # fmt: skip
    assert [event.text for event in parsed.events] == ["LINUX RESTART", "deploy & go"]
    assert (parsed.facts["host"], parsed.facts["kernel"], parsed.facts["cpu_count"]) == ("vm", "6.1", 2)
    assert "cut" not in parsed.facts


def test_xml_of_9_1_has_another_doctype_no_zone_and_frequencies_of_cpus() -> None:
    old = (
        XML.replace("DOCTYPE sysstat PUBLIC", "DOCTYPE Configure PUBLIC")
        .replace(' utc="1"', "")
        .replace(" xmlns=", " x=")
    )
    old = old.replace(
        "</timestamp>", '<cpu-frequency><cpu number="all" frequency="2300.00"/></cpu-frequency></timestamp>'
    )
    parsed = parse(old, SHANGHAI)
    assert times(parsed) == ["2026-11-23T11:14:53"]
    assert values(parsed, "frequency.mhz") == [2300.0]


def test_cut_xml_gives_what_came_before() -> None:
    parsed = parse(XML[: XML.index("<restarts")])
    assert values(parsed) == [1.0]
    assert "ends too early" in parsed.facts["cut"]


@pytest.mark.parametrize("end", ["</", "<", "</cpu-load-all", 'usr="1.0'])
def test_xml_cut_within_a_tag_gives_what_came_before(end: str) -> None:
    begin, stamp, rest = XML.partition("<timestamp")
    entry_of_before = f"{stamp}{rest[: rest.index('</timestamp>')]}</timestamp>\n"
    parsed = parse(begin + entry_of_before + stamp + rest[: rest.index(end) + len(end)])
    assert values(parsed) == [1.0]
    assert "ends too early" in parsed.facts["cut"]


def test_broken_xml_is_refused_with_its_line() -> None:
    with pytest.raises(ParseError, match="XML is broken") as refused:
        parse(XML.replace("</cpu-load-all>", "</cpu>"))
    assert refused.value.where == "line 7"


def test_xml_that_would_burst_is_refused() -> None:
    entities = (
        '<!DOCTYPE sysstat [<!ENTITY a "aaaaaaaaaa">\n<!ENTITY b "&a;&a;&a;">]>\n<sysstat><host>&b;</host></sysstat>'
    )
    with pytest.raises(ParseError, match="declares an entity"):
        collect(sadf.parse(Source.of(entities.encode()), Hints(RECEIVED)))


def test_other_text_is_refused() -> None:
    with pytest.raises(ParseError, match="not the output of sadf"):
        collect(sadf.parse(Source.of(b"hello\n"), Hints(RECEIVED)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("09:33:38 UTC; LINUX-RESTART (8 CPU)\n09:34:34 UTC; FAN; 1; DEVICE; chip; rpm; 1283.0;\n", "raw counters"),
        ("# uptime_cs; 719255; ust_time; 1555593609; extra_next; 0; record_type; 1;\n", "raw counters"),
        ("File created by sar/sadc from sysstat version 12.1.7\nGenuine sa datafile: yes (0)\n", "only the header"),
    ],
)
def test_what_has_no_samples_is_refused_however_it_begins(text: str, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        parse(text)
