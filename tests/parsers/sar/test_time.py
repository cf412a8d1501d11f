"""When rows were: midnights, clocks that are put back, restarts, several reports in one file."""

from __future__ import annotations

from datetime import UTC, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.records import NS_PER_SECOND
from tests.parsers.sar.reports import CPU, TASKS, cpu_row, heading, moment, parse, section, series, stamp, times

BERLIN = ZoneInfo("Europe/Berlin")


def from_file(first: int, interval: int, count: int, date: str = "11/20/26") -> str:
    """As ``sar -f``: one section after the other, each of all samples."""
    rows = [(stamp(first + interval * n), float(n % 90)) for n in range(1, count + 1)]
    average = "Average:        all      1.00      0.00      0.00      0.00      0.00     99.00\n\n"
    return heading(date) + average.join(section(stamp(first), rows, header) for header in (CPU, TASKS))


def live(first: int, interval: int, count: int, date: str = "11/20/26") -> str:
    """As ``sar -u -w 1``: every section for each sample."""
    text = heading(date)
    for n in range(1, count + 1):
        before, now = stamp(first + interval * (n - 1)), stamp(first + interval * n)
        text += "\n".join(section(before, [(now, float(n % 90))], header) for header in (CPU, TASKS)) + "\n"
    return text


@given(
    form=st.sampled_from((from_file, live)),
    first=st.integers(0, 86_399),
    interval=st.integers(1, 20 * 3600),
    count=st.integers(1, 60),
)
def test_days_go_on_at_midnight_however_often(form: object, first: int, interval: int, count: int) -> None:
    parsed = parse(form(first, interval, count))  # type: ignore[operator]
    for metric, instance in (("cpu.user", "all"), ("process.proc", "")):
        instants = [time // NS_PER_SECOND for time, _ in series(parsed)[metric, instance]]
        begin = 1_795_132_800 + first  # 2026-11-20
        assert instants == [begin + interval * n for n in range(1, count + 1)]


@pytest.mark.parametrize("form", [from_file, live])
def test_a_week_of_samples_is_read_at_once_as_one_by_one(form: object) -> None:
    parsed = parse(form(0, 300, 2016))  # type: ignore[operator]
    gaps = {b - a for a, b in pairwise(time for time, _ in series(parsed)["process.proc", ""])}
    assert gaps == {300 * NS_PER_SECOND}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (BERLIN, ["00:59:58", "00:59:59", "01:00:00", "01:00:01"]),
        # The zone of these stamps was not told: what was a second apart still is.
        (UTC, ["02:59:58", "02:59:59", "03:00:00", "03:00:01"]),
    ],
)
@pytest.mark.parametrize("is_live", [True, False])
def test_summer_time_ends(zone: tzinfo, expected: list[str], is_live: bool) -> None:
    stamps = ["02:59:57", "02:59:58", "02:59:59", "02:00:00", "02:00:01"]
    rows = [(one, 1.0) for one in stamps[1:]]
    sections = [section(stamps[0], rows, header) for header in (CPU, TASKS)]
    if is_live:
        sections = [section(a, [(b, 1.0)], header) for a, b in pairwise(stamps) for header in (CPU, TASKS)]

    parsed = parse(heading("10/25/26") + "\n".join(sections), zone)

    for metric, instance in (("cpu.user", "all"), ("process.proc", "")):
        assert [one[11:] for one in times(parsed, metric, instance)] == expected
    assert parsed.facts["clock_steps_back"] == 2


def test_summer_time_begins() -> None:
    rows = [("01:59:59", 1.0), ("03:00:00", 2.0), ("03:00:01", 3.0)]
    parsed = parse(heading("03/29/26") + section("01:59:58", rows), BERLIN)
    assert [one[11:] for one in times(parsed)] == ["00:59:59", "01:00:00", "01:00:01"]


def test_a_clock_that_was_set_back_a_little_is_no_new_day_and_times_ascend() -> None:
    rows = [("10:00:10", 1.0), ("10:00:20", 2.0), ("10:00:17", 3.0), ("10:00:27", 4.0)]
    parsed = parse(heading() + section("10:00:00", rows))
    assert [one[11:] for one in times(parsed)] == ["10:00:10", "10:00:17", "10:00:20", "10:00:27"]
    assert [value for _, value in series(parsed)["cpu.user", "all"]] == [1.0, 3.0, 2.0, 4.0]
    assert parsed.facts["clock_steps_back"] == 1


def test_restarts_are_events_and_the_days_go_on_after_them() -> None:
    text = (
        heading()
        + section("23:40:00", [("23:50:00", 1.0)])
        + "\n00:05:00     LINUX RESTART\t(4 CPU)\n\n"
        + section("00:10:00", [("00:20:00", 2.0)])
        + "\n"
        + section("00:10:00", [("00:20:00", 3.0)], TASKS)
    )
    parsed = parse(text)

    assert times(parsed) == ["2026-11-23T23:50:00", "2026-11-24T00:20:00"]
    assert times(parsed, "process.proc", "") == ["2026-11-24T00:20:00"]
    (event,) = parsed.events
    assert (moment(event.time), event.text, event.line) == ("2026-11-24T00:05:00", "LINUX RESTART", 6)
    assert (event.category, event.precision, event.fields) == ("other", NS_PER_SECOND, {"cpu_count": 4})
    assert parsed.facts["restarts"] == [event.time]


def test_a_restart_before_the_first_sample() -> None:
    text = heading() + "23:55:00     LINUX RESTART\n\n" + section("00:00:01", [("00:10:01", 1.0)])
    assert times(parse(text)) == ["2026-11-24T00:10:01"]


def test_comments_are_told_once_though_every_section_repeats_them() -> None:
    comment = "10:00:01  COM rollout of 2 begins"
    sections = [
        section("10:00:00", [("10:00:01", 1.0)], header) + comment + "\n" + row + "\n"
        for header, row in ((CPU, cpu_row("10:00:02", 2.0)), (TASKS, "10:00:02         2.00    310.30"))
    ]
    parsed = parse(heading() + "\n".join(sections))

    assert [(event.text, moment(event.time)) for event in parsed.events] == [
        ("rollout of 2 begins", "2026-11-23T10:00:01")
    ]
    assert parsed.facts["comments"] == [{"time": parsed.events[0].time, "text": "rollout of 2 begins"}]
    assert len(times(parsed)) == len(times(parsed, "process.proc", "")) == 2
    assert parsed.lines.skipped == 0


def test_reports_one_after_the_other_each_have_their_date() -> None:
    days = [heading(date) + section("23:59:00", [("23:59:30", 1.0)]) for date in ("11/20/26", "11/21/26")]
    parsed = parse("\n".join(days))
    assert times(parsed) == ["2026-11-20T23:59:30", "2026-11-21T23:59:30"]
    assert parsed.facts["headings"] == 2


def test_a_section_repeats_its_header_in_the_midst() -> None:
    first, second = section("10:00:00", [("10:00:01", 1.0)]), section("10:00:01", [("10:00:02", 2.0)])
    parsed = parse(heading() + first + "\n" + second)
    assert [one[11:] for one in times(parsed)] == ["10:00:01", "10:00:02"]


def test_a_report_without_its_first_line_is_of_the_day_it_arrived_and_says_so() -> None:
    received = 1_795_432_500 * NS_PER_SECOND  # 2026-11-23T11:15:00
    text = section("23:00:00", [("23:10:00", 1.0)])
    parsed = parse(text, received_at=received)
    assert times(parsed) == ["2026-11-22T23:10:00"]
    assert "has no date" in parsed.facts["date"]
    assert parsed.facts["date_form"] == "none"
