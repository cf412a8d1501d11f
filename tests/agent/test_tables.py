from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diagnostics.agent.tables import LEFT, RIGHT, clean, cut, pad, table, width


def test_columns_line_up_over_double_width_characters() -> None:
    drawn = table([("phase", LEFT), ("ms", RIGHT)], [["加载权重", "1"], ["boot", "12,000"]])
    assert drawn.splitlines() == ["phase         ms", "--------  ------", "加载权重       1", "boot      12,000"]


def test_what_steers_a_terminal_is_not_passed_on() -> None:
    assert clean("a\x1b[2Jb\nc\u202ed") == "a [2Jb c d"
    assert "\x1b" not in table([("x", LEFT)], [["\x1b]0;title\x07"]])


@given(st.text(), st.integers(0, 40))
def test_cut_never_exceeds_its_cells(text: str, cells: int) -> None:
    assert width(cut(text, cells)) <= cells


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 40))
def test_pad_fills_exactly(text: str, cells: int) -> None:
    assert width(pad(text, cells)) == max(cells, width(text))
    assert width(pad(text, cells, RIGHT)) == max(cells, width(text))
