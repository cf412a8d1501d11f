from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.querysets.launches import LaunchFilter
from diagnostics.querysets.selector import Selector, SelectorError, parse_selector

A, B = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (str(A), Selector(ids=(A,))),
        (f" {A} , {B},", Selector(ids=(A, B))),
        ("service=x", Selector(narrowed=LaunchFilter(service="x"))),
        ("service=x,last=5", Selector(narrowed=LaunchFilter(service="x"), last=5)),
        ("status=failed,environment=", Selector(narrowed=LaunchFilter(status="failed", environment=""))),
        ("version=a=b", Selector(narrowed=LaunchFilter(version="a=b"))),
        ("label.gpu=H100", Selector(narrowed=LaunchFilter(labels={"gpu": "H100"}))),
        (
            "since=5,until=1970-01-01T00:00:00.00000001Z",
            Selector(narrowed=LaunchFilter(since=5, until=10)),
        ),
        ("since=9999999999999999999", Selector(narrowed=LaunchFilter(since=2**63 - 1))),
    ],
)
def test_selections(text: str, expected: Selector) -> None:
    assert parse_selector(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Nothing is selected"),
        ("17", "not a launch id"),
        ("service=x,17", "neither key=value"),
        ("colour=red", "colour"),
        ("last=0", "1 to 200"),
        ("last=201", "1 to 200"),
        ("last=" + "9" * 5000, "1 to 200"),
        ("since=soon", "RFC 3339"),
        ("service=a\0", "NUL"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, says: str) -> None:
    with pytest.raises(SelectorError, match=says) as raised:
        parse_selector(text, "baseline")
    assert raised.value.where == "baseline"


@settings(deadline=None, max_examples=50)
@given(st.text() | st.from_regex(r"(last|since|until|service|label\.k)=[^\x00]*(,[a-z]+=.*)?", fullmatch=True))
def test_any_text_is_a_selection_or_a_sentence(text: str) -> None:
    read: Any = None
    try:
        read = parse_selector(text)
    except SelectorError as error:
        read = error.message
    assert read
