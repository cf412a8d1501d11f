"""Rows read all at once say what they say one by one, and what is no table is left to be read one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers.sar.plan import plan_of
from diagnostics.parsers.sar.tables import read_table
from tests.parsers.sar.reports import CPU, cpu_row, heading, parse, series
from tests.parsers.shared_samples import SAMPLES, here_only

COLUMNS = "        CPU     %user kbdirty   cswch/s"


@st.composite
def rows(draw: st.DrawFn) -> list[tuple[str, str, list[str]]]:
    """Stamp, key and values as written; one decimal point or none in each column."""
    keys = draw(st.lists(st.sampled_from(["all", "0", "1", "17", "255"]), min_size=1, max_size=4, unique=True))
    decimals = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=3, max_size=3))
    count = draw(st.integers(1, 70))
    number = st.integers(-99_999, 9_999_999)
    made = []
    for sample in range(count):
        for key in keys:
            written = [f"{draw(number) / 10**places:.{places}f}" for places in decimals]
            made.append((f"10:{sample // 60:02}:{sample % 60:02}", key, written))
    return made


@given(rows())
def test_a_table_is_what_its_rows_are(made: list[tuple[str, str, list[str]]]) -> None:
    plan = plan_of(COLUMNS, 1)
    text = "\n".join(
        f"{stamp}    {key:>7} " + " ".join(f"{value:>12}" for value in values) for stamp, key, values in made
    )

    table = read_table(plan, text)

    assert table is not None
    period = len(table.keys)
    assert [table.keys[n % period] for n in range(len(made))] == [key for _, key, _ in made]
    assert table.values.tolist() == [[float(value) for value in values] for _, _, values in made]
    assert table.seconds == [36_000 + n for n in range(len(made) // period)]


BROKEN = {
    "a letter": ("1.00", "1.x0"),
    "a number missing": ("99.00", "     "),
    "two numbers in one place": ("  99.00", "9  9.00"),
    "two points": ("99.00", "9.9.0"),
    "a point elsewhere": ("99.00", " 99.0"),
    "no digit": ("99.00", "    -"),
    "a minus inside": ("99.00", "9-.00"),
    "a stamp out of range": ("10:00:05", "10:61:05"),
    "a shorter row": ("99.00", "99.0"),
    "an exponent": ("99.00", "9e+10"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_row_that_is_no_row_makes_no_table(name: str) -> None:
    old, new = BROKEN[name]
    whole = [cpu_row(f"10:00:{n:02}", 1.0) for n in range(10)]
    assert read_table(plan_of(CPU, 1), "\n".join(whole)) is not None

    assert old in whole[5]
    assert read_table(plan_of(CPU, 1), "\n".join([*whole[:5], whole[5].replace(old, new, 1), *whole[6:]])) is None


@pytest.mark.parametrize("name", BROKEN)
def test_only_what_is_broken_is_lost(name: str) -> None:
    old, new = BROKEN[name]
    whole = [cpu_row(f"10:{n // 60:02}:{n % 60:02}", 1.0) for n in range(900)]
    whole[5] = whole[5].replace(old, new, 1)
    parsed = parse(heading() + "\n".join(["10:00:00" + CPU, *whole]) + "\n")

    is_number_still = name in ("a point elsewhere", "a shorter row", "an exponent")
    assert len(series(parsed)["cpu.idle", "all"]) == 900 - (not is_number_still)
    assert parsed.lines.skipped == (not is_number_still)
    assert [one["line"] for one in parsed.facts.get("unread", [])] == ([] if is_number_still else [9])


@here_only
@pytest.mark.parametrize("name", ["rec-main.A.C.txt", "ksar-10.1.5-rhel7-day-48cpu.txt", "pbench-sar4-1cpu-cloud.txt"])
def test_a_report_is_the_same_when_every_row_is_read_by_itself(name: str) -> None:
    text = (SAMPLES / "sar" / name).read_text()
    # One blank more in every other row: no two of them are as long.
    lines = [
        f"{line[:8]}{' ' * (n % 2)}{line[8:]}" if line[:1].isdigit() else line
        for n, line in enumerate(text.split("\n"))
    ]
    uneven = "\n".join(lines)
    together, single = parse(text), parse(uneven)
    assert series(single) == series(together)
    assert single.facts == together.facts
