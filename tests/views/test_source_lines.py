from __future__ import annotations

from itertools import count

import pytest

from diagnostics.views.source_lines import AROUND, LONGEST, excerpt

FILE = [f"line {number}" for number in range(1, 101)]


@pytest.mark.parametrize(
    ("asked", "first", "last"), [(50, 38, 62), (1, 1, 13), (5, 1, 17), (99, 87, 100), (100, 88, 100), (500, 76, 100)]
)
def test_the_lines_around_the_one_that_is_asked_for(asked: int, first: int, last: int) -> None:
    found = excerpt(FILE, asked)
    assert (found.lines[0].number, found.lines[-1].number) == (first, last)
    assert [line.text for line in found.lines] == FILE[found.lines[0].number - 1 : found.lines[-1].number]
    assert [line.number for line in found.lines if line.is_asked] == ([asked] if asked <= 100 else [])
    assert found.is_found == (asked <= 100)


def test_it_leads_on_to_both_sides_as_far_as_there_are_lines() -> None:
    assert (excerpt(FILE, 50).before, excerpt(FILE, 50).after) == (38 - AROUND, 62 + AROUND)
    assert (excerpt(FILE, 1).before, excerpt(FILE, 100).after) == (None, None)
    assert excerpt([], 3).lines == []


def test_an_endless_file_is_read_no_further_than_needed() -> None:
    read = count()
    assert excerpt((f"line {number}" for number in read), 10).is_found
    assert next(read) <= 10 + AROUND + 2


def test_a_line_of_data_is_cut() -> None:
    (line,) = excerpt(["x" * 9999], 1).lines
    assert (len(line.text), line.is_cut) == (LONGEST, True)
