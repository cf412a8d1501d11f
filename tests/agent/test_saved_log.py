"""Saved logs in the forms that runtimes and shippers leave them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from diagnostics.agent.failure import Failure
from diagnostics.agent.lines import Line, visible
from diagnostics.agent.log_wrapping import unwrap
from diagnostics.agent.saved_log import LogOptions, read_file, stamped
from diagnostics.agent.stamps import Calendar

NS = 10**9
REFERENCE = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()) * NS


def lines(text: str, options: LogOptions = LogOptions()) -> list[Line]:  # noqa: B008 (a tuple)
    return list(stamped(text.splitlines(keepends=True), options, REFERENCE))


def at(time: int) -> str:
    whole, rest = divmod(time, NS)
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:09}"


@pytest.mark.parametrize(
    ("text", "time", "precision"),
    [
        ("2021-11-15T09:21:29.542014685Z level=info", "2021-11-15T09:21:29.542014685", 1),
        ("2021-11-15T09:21:29.542+02:00 x", "2021-11-15T07:21:29.542000000", 10**6),
        ("2015-10-18 18:01:47,978 INFO [main] x", "2015-10-18T18:01:47.978000000", 10**6),
        ("[2026-11-23 11:24:00 +0000] [8621] [DEBUG] x", "2026-11-23T11:24:00.000000000", NS),
        ("2026-11-23 11:23:18.587 UTC [8321] LOG:  x", "2026-11-23T11:23:18.587000000", 10**6),
        ("INFO 06-19 23:05:01 [file.py:1] x", "2026-06-19T23:05:01.000000000", NS),
        ("I0611 06:50:06.101601 1 memory.cc:275] x", "2026-06-11T06:50:06.101601000", 1000),
        ("[rank3]:[E219 07:41:45.118204311 P.cpp:629] x", "2026-02-19T07:41:45.118204311", 1),
        ("8359:C 23 Nov 2026 11:23:32.847 # x", "2026-11-23T11:23:32.847000000", 10**6),
        ("Nov 10 14:17:41.900439 node unit[2]: x", "2026-11-10T14:17:41.900439000", 1000),
        ("[Sun Mar 13 22:49:12 2016] x", "2016-03-13T22:49:12.000000000", NS),
        ("= dump at Thu Jun 2 00:01:01 UTC 2022 =", "2022-06-02T00:01:01.000000000", NS),
        ("nova.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 INFO x", "2017-05-16T00:00:00.008000000", 10**6),
        ('{"level":30,"time":1742277257530,"msg":"x"}', "2025-03-18T05:54:17.530000000", 10**6),
        ('{"msg":"x","time":"2023-03-24T14:26:16.243Z"}', "2023-03-24T14:26:16.243000000", 10**6),
        ("12-31 23:58:12 of the year before", "2025-12-31T23:58:12.000000000", NS),
        ("2025-08-13 01:45:01.123 PDT [12345] LOG:  x", "2025-08-13T08:45:01.123000000", 10**6),
        ("2025-08-13 01:45:01.123+08 x", "2025-08-12T17:45:01.123000000", 10**6),
        ("I20250611 06:50:06.101601 1 a.cc:1] x", "2025-06-11T06:50:06.101601000", 1000),
        ("13-Aug-2025 01:45:01.123 INFO [main] x", "2025-08-13T01:45:01.123000000", 10**6),
        ("Aug 13, 2025 1:45:01 PM a.b.C main", "2025-08-13T13:45:01.000000000", NS),
        ("08/13/2025 12:45:01 AM - INFO - x", "2025-08-13T00:45:01.000000000", NS),
        ("13/08/2025 01:45:01 x", "2025-08-13T01:45:01.000000000", NS),
        ("13.08.2025 01:45:01,5 x", "2025-08-13T01:45:01.500000000", 10**8),
        ("20171223-22:15:29:606|Step|x", "2017-12-23T22:15:29.606000000", 10**6),
        ("- 1117838570 2005.06.03 R02 2005-06-03-15.42.50.363779 R02 x", "2005-06-03T15:42:50.363779000", 1000),
        ("17/06/09 20:10:40 INFO executor: x", "2017-06-09T20:10:40.000000000", NS),
        ("081109 203615 148 INFO dfs.DataNode: x", "2008-11-09T20:36:15.000000000", NS),
        ("1700000000.25 x", "2023-11-14T22:13:20.250000000", 10**7),
        ("[1700000000123] x", "2023-11-14T22:13:20.123000000", 10**6),
        ("02-29 10:00:00 of the leap year before", "2024-02-29T10:00:00.000000000", NS),
        ('{"MESSAGE":"x","__REALTIME_TIMESTAMP":"1700000000123456"}', "2023-11-14T22:13:20.123456000", 1000),
        ('{"t":{"$date":"2025-08-13T01:45:01.123Z"},"s":"I","msg":"x"}', "2025-08-13T01:45:01.123000000", 10**6),
        ('{"level":"info","ts":1776416403.75,"msg":"x"}', "2026-04-17T09:00:03.750000000", 10**6),
        ('{"method":"GET","ts":1700000000}', "2023-11-14T22:13:20.000000000", NS),
    ],
)
def test_stamps(text: str, time: str, precision: int) -> None:
    (line,) = lines(text)
    assert (at(line.time), line.precision, line.stamped) == (time, precision, True)


@pytest.mark.parametrize(
    ("text", "message", "source"),
    [
        ("2026-01-01T00:00:00.5Z stderr F hello there", "hello there", "stderr"),
        ('{"log":"hello\\n","stream":"stderr","time":"2026-01-01T00:00:00.5Z"}', "hello", "stderr"),
        ("vllm-1  | 2026-01-01T00:00:00.5Z hello", "hello", "stdout"),
        ("2026-01-01T00:00:00.5Z \x1b[1;36m(EngineCore pid=3)\x1b[0;0m hello", "(EngineCore pid=3) hello", "stdout"),
        ('2026-01-01T00:00:00.5Z {"msg":"hello","time":5}', "hello", "stdout"),
        (
            '{"timestamp":"2026-01-01T00:00:00.5Z","fields":{"message":"hello"},"target":"tgi","span":{"rank":2}}',
            "tgi: hello rank=2",
            "stdout",
        ),
        ("[pod/web-1/app] 2026-01-01T00:00:00.5Z hello", "hello", "stdout"),
        ('{"log":"{\\"msg\\":\\"hello\\"}\\n","stream":"stderr","time":"2026-01-01T00:00:00.5Z"}', "hello", "stderr"),
        ('vllm-1  | {"msg":"hello","time":"2026-01-01T00:00:00.5Z"}', "hello", "stdout"),
    ],
)
def test_wrappings_come_off(text: str, message: str, source: str) -> None:
    (line,) = lines(text)
    assert (line.text, line.source, at(line.time)) == (message, source, "2026-01-01T00:00:00.500000000")


def test_pieces_of_a_line_are_put_together() -> None:
    cri = "2026-01-01T00:00:01Z stdout P one \n2026-01-01T00:00:02Z stdout F two\n2026-01-01T00:00:03Z stdout F next\n"
    assert [(line.text, line.time % (10 * NS) // NS) for line in lines(cri)] == [("one two", 1), ("next", 3)]
    piece = '{{"log":"{}","stream":"stdout","time":"2026-01-01T00:00:01Z"}}\n'
    docker = piece.format("one ") + piece.format("two\\n")
    assert [line.text for line in lines(docker)] == ["one two"]


def test_pieces_of_two_streams_do_not_mix_and_a_full_piece_stays_whole() -> None:
    cri = "2026-01-01T00:00:01Z {} {} {}\n"
    mixed = [("stdout", "P", "one "), ("stderr", "F", "trouble"), ("stdout", "F", "two")]
    found = lines("".join(cri.format(*piece) for piece in mixed))
    assert [(line.text, line.source, line.number) for line in found] == [
        ("trouble", "stderr", 2),
        ("one two", "stdout", 1),
    ]
    # docker escapes what it wraps: the row of a 16 KiB piece is several times as long.
    row = json.dumps({"log": "\x02" * 16_000, "stream": "stdout", "time": "2026-01-01T00:00:01Z"}) + "\n"
    assert len(lines(row + row.replace("\\u0002", "y", 1))) == 1


def test_what_json_says_of_level_and_speaker() -> None:
    def said(text: str) -> tuple[str, str]:
        piece = unwrap(text, Calendar(REFERENCE))
        return piece.level, piece.logger

    assert said('{"level":30,"name":"renovate","time":1742277257530,"msg":"x"}') == ("30", "renovate")
    assert said('2026-01-01T00:00:00Z stderr F {"severity":"ERROR","logger":"a.b","message":"x"}') == ("ERROR", "a.b")
    assert said("vllm-1  | 2026-01-01T00:00:00.5Z hello") == ("", "vllm-1")


def test_a_time_that_a_line_talks_about_is_not_its_own() -> None:
    text = "2025-05-29 10:15:28,411 - ERROR - expired\nExpired: Certificate expired on 2024-08-03 17:00:08\n"
    assert [line.stamped for line in lines(text)] == [True, False]
    # Where no line begins with a stamp, the one behind such a word is all there is.
    assert lines("state at Thu Jun 2 00:01:01 UTC 2022\n")[0].stamped


def test_a_late_line_of_the_old_year_does_not_turn_the_year_twice() -> None:
    found = lines("12-31 23:59:59 a\n01-01 00:00:01 b\n12-31 23:59:59 late\n01-01 00:00:02 c\n")
    assert [at(line.time)[:10] for line in found] == ["2025-12-31", "2026-01-01", "2025-12-31", "2026-01-01"]


def test_a_line_without_a_stamp_has_the_time_before_it_and_the_first_ones_the_time_after() -> None:
    found = lines("banner\n2026-01-01 00:00:05 a\n  continued\n2026-01-01 00:00:09 b\n")
    assert [(line.time % (60 * NS) // NS, line.stamped) for line in found] == [
        (5, False),
        (5, True),
        (5, False),
        (9, True),
    ]


def test_the_runtimes_stamp_beats_the_programs() -> None:
    (line,) = lines("2026-01-01T00:00:00Z INFO 06-19 23:05:01 [a.py:1] hello")
    assert at(line.time).startswith("2026-01-01T00:00:00")


def test_only_the_runtimes_stamps_count_where_they_are_promised() -> None:
    options = LogOptions(outer_only=True)
    found = lines("2026-01-01T00:00:00Z a\nINFO 06-19 23:05:01 b\n", options)
    assert [line.stamped for line in found] == [True, False]
    with pytest.raises(Failure, match="--timestamps"):
        lines("INFO 06-19 23:05:01 b\n", options)


def test_the_year_turns_over_once() -> None:
    found = lines("12-31 23:59:59 a\n01-01 00:00:01 b\n01-02 00:00:01 c\n")
    assert [at(line.time)[:10] for line in found] == ["2025-12-31", "2026-01-01", "2026-01-02"]
    assert at(lines("06-01 00:00:00 a", LogOptions(year=2019))[0].time)[:4] == "2019"


def test_the_zone_of_stamps_without_one_can_be_told() -> None:
    (line,) = lines("2026-06-01 08:00:00 a", LogOptions(zone=timezone(timedelta(hours=8))))
    assert at(line.time).startswith("2026-06-01T00:00:00")


def test_a_stamp_that_is_no_time_is_no_stamp() -> None:
    assert Calendar(REFERENCE).find("2026-13-45 99:00:00 x") is None
    assert Calendar(REFERENCE).find("x" * 200 + "2026-01-01 00:00:00") is None


def test_gzip_is_read_and_truncated_gzip_is_said(tmp_path: Path) -> None:
    packed = gzip.compress(b"2026-01-01 00:00:05 hello\n" * 1000)
    (tmp_path / "a.gz").write_bytes(packed)
    assert sum(1 for _ in read_file(tmp_path / "a.gz")) == 1000
    (tmp_path / "b.gz").write_bytes(packed[:-20])
    with pytest.raises(Failure, match="gzip"):
        list(read_file(tmp_path / "b.gz"))


@pytest.mark.parametrize(("content", "sentence"), [(b"", "empty"), (b"hello\n", "kubectl logs --timestamps")])
def test_what_cannot_be_placed_in_time_is_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(Failure, match=sentence):
        list(read_file(tmp_path / "log"))


def test_bytes_that_are_no_text_do_not_end_the_reading(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"2026-01-01 00:00:05 \xff\xfe hello\r\n\x00\x01\n")
    assert [line.text for line in read_file(tmp_path / "log")] == ["2026-01-01 00:00:05 �� hello", ""]


def test_a_progress_bar_is_its_last_state() -> None:
    assert visible("\rshards: 0%\rshards: 100%\r\n") == "shards: 100%"


@pytest.mark.parametrize("wrapping", ["{stamp} stderr F ", "vllm-1  | {stamp} ", "{stamp} ", "[pod/a/b] {stamp} "])
def test_a_progress_bar_keeps_the_wrapping_of_its_first_state(wrapping: str) -> None:
    stamp = "2026-01-01T00:00:01.5Z"
    (line,) = stamped([wrapping.format(stamp=stamp) + "\rshards: 0%\rshards: 100%\n"], LogOptions(), REFERENCE)
    assert (line.text, at(line.time), line.stamped) == ("shards: 100%", "2026-01-01T00:00:01.500000000", True)
    (whole,) = stamped([wrapping.format(stamp=stamp) + "hello\r\n"], LogOptions(), REFERENCE)
    assert (whole.text, whole.stamped) == ("hello", True)
