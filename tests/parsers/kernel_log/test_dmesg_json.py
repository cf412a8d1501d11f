"""`dmesg --json`, whose stamps are not always JSON."""

from __future__ import annotations

import json

import pytest

from diagnostics.parsers import sniff
from diagnostics.records import Kind, ParseError
from tests.parsers.kernel_log.reading import SECOND, read

PRETTY = """\
{
   "dmesg": [
      {
         "pri": 6,
         "time":     0.000000,
         "msg": "Linux version 6.1.0 (a) \\"b\\""
      },{
         "pri": 3,
         "time":  3853.936756,
         "msg": "I/O error, dev loop0, sector 5120 op 0x0:(READ) flags 0x800\\n"
      }
   ]
}
"""
DECODED = PRETTY.replace('"pri": 6,', '"fac": "kern",\n         "pri": "info",').replace(
    '"pri": 3,', '"fac": "user",\n         "pri": "err",'
)
CALLER = PRETTY.replace('         "msg"', '         "caller": "T1",\n         "msg"')
MESSAGES = [
    {"pri": 6, "time": 0.0, "msg": 'Linux version 6.1.0 (a) "b"'},
    {"pri": 3, "time": 3853.936756, "msg": "I/O error, dev loop0, sector 5120 op 0x0:(READ) flags 0x800"},
]
COMPACT = json.dumps({"dmesg": MESSAGES})
INDENTED = json.dumps({"dmesg": MESSAGES}, indent=2)
LINES = "".join(json.dumps(message, separators=(",", ":")) + "\n" for message in MESSAGES)


@pytest.mark.parametrize("content", [PRETTY, DECODED, CALLER, COMPACT, INDENTED, LINES])
def test_every_shape_says_the_same(content: str) -> None:
    parsed = read(content)
    assert [(event.time, event.level, event.text) for event in parsed.events] == [
        (0, "info", 'Linux version 6.1.0 (a) "b"'),
        (3_853_936_756_000, "err", "I/O error, dev loop0, sector 5120 op 0x0:(READ) flags 0x800"),
    ]
    assert [event.source for event in parsed.events] == ["kernel", "user" if content is DECODED else "kernel"]
    assert (parsed.facts["kernel"], parsed.facts["clock"], parsed.lines.skipped) == ("6.1.0", "boot", 0)
    assert sniff(content.encode()) is Kind.KERNEL_LOG


@pytest.mark.parametrize("content", [PRETTY, CALLER, INDENTED])
def test_an_event_points_at_the_line_of_its_message(content: str) -> None:
    lines = content.split("\n")
    assert all('"msg"' in lines[(event.line or 0) - 1] for event in read(content).events)


@pytest.mark.parametrize(
    ("stamp", "time"),
    [
        ("[Mon Nov 23 11:23:44 2026] ", 1_795_433_024 * SECOND),
        ("2026-11-23T11:23:44,500000+00:00 ", 1_795_433_024 * SECOND + SECOND // 2),
        ("[    5.000000 <    1.000000>] ", 5 * SECOND),
    ],
)
def test_stamps_without_quotes(stamp: str, time: int) -> None:
    parsed = read(PRETTY.replace(" 3853.936756", stamp))
    assert parsed.events[1].time == time
    assert parsed.lines.skipped == 0


def test_the_clock_that_the_kernel_read_dates_the_boot() -> None:
    content = PRETTY.replace("Linux version 6.1.0", "rtc_cmos: setting system clock to … UTC (1795429171) 6.1.0")
    assert read(content).events[1].time == 1_795_429_171 * SECOND + 3_853_936_756_000


@pytest.mark.parametrize("length", range(90, len(PRETTY), 17))
def test_a_cut_document_keeps_its_whole_messages(length: int) -> None:
    content = PRETTY[:length]
    whole = content.count("      }")
    try:
        events = read(content).events
    except ParseError:
        events = []
    assert len(events) == whole


def test_a_member_that_is_not_json_is_counted() -> None:
    parsed = read(PRETTY.replace('"pri": 3', '"pri": "x').replace('"I/O error', "I/O error"))
    assert len(parsed.events) == 1
    assert parsed.lines.skipped == 1
    with pytest.raises(ParseError, match="Not a document of dmesg --json"):
        read('{"dmesg": [{"pri": 6, "msg": "a"}, {"pri": 6, "msg": "b"')
    with pytest.raises(ParseError, match="Not a document of dmesg --json"):
        read('{"dmesg": [' + "[" * 50_000)
