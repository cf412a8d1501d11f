from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.charts.labels import elided, escape, plain, text_width, wrapped

ANY_NAME = st.text(max_size=200)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a & b <b>c</b>", "a &amp; b &lt;b&gt;c&lt;/b&gt;"),
        ("&lt;", "&amp;lt;"),
        ("two\nlines\tand  more", "two lines and more"),
        ("evil \u202ename", "evil \ufffdname"),
        ("加载权重", "加载权重"),
    ],
)
def test_names_show_as_text(name: str, shown: str) -> None:
    assert escape(name) == shown


@given(ANY_NAME)
def test_no_name_brings_markup_along(name: str) -> None:
    for shown in (escape(name), elided(name, 80), re.sub("<br >", "", wrapped(name, 20))):
        assert "<" not in shown
        assert ">" not in shown


@given(ANY_NAME, st.floats(30, 400))
def test_an_elided_name_fits_and_keeps_both_ends(name: str, pixels: float) -> None:
    shown = unescape(elided(name, pixels))
    if shown == plain(name):
        return
    head, _, tail = shown.rpartition("…") if plain(name).count("…") else shown.partition("…")
    assert text_width(shown) <= pixels
    assert plain(name).startswith(head)
    assert plain(name).endswith(tail)


def test_the_middle_goes_first() -> None:
    assert elided("model-init/weights-load/shard-00017-of-00030", 160).endswith("00030")


def test_a_long_name_is_whole_when_wrapped() -> None:
    name = "a name of several words that goes on and on " + "x" * 90
    assert wrapped(name, 40).count("<br >") >= 3
    assert wrapped(name, 40).replace("<br >", "").replace(" ", "") == name.replace(" ", "")
