"""Objects come out one by one, whatever they are packed in and wherever the file ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.parsers.json_stream import JsonStream, Unreadable

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text("abkind", min_size=1, max_size=4), VALUES, max_size=4), max_size=6)


def read(text: str) -> list[tuple[int, Any]]:
    return [tuple(placed) for placed in JsonStream(iter([text])).objects()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ('{"a": 1}', [(1, {"a": 1})]),
        ('{"a": 1}\n{"a": 2}\n', [(1, {"a": 1}), (2, {"a": 2})]),
        ('[{"a": 1},\n {"a": 2}]', [(1, {"a": 1}), (2, {"a": 2})]),
        (
            '{\n"kind": "List",\n"items": [\n{"a": 1},\n\n{"a": 2}\n],\n"metadata": {}\n}',
            [(4, {"a": 1}), (6, {"a": 2})],
        ),
        ('{"items": []}', []),
        ('{"spec": {"items": [1]}}', [(1, {"spec": {"items": [1]}})]),
        ('{"a": 1},\n{"a": 2},\n', [(1, {"a": 1}), (2, {"a": 2})]),
        ('\x1e{"a": 1}', [(1, {"a": 1})]),
        ('{"a": "x\\u0000y\\ud800z"}', [(1, {"a": "x\ufffdy?z"})]),
        ('{"a": NaN}', [(1, {"a": None})]),
    ],
)
def test_packings(text: str, found: list[tuple[int, Any]]) -> None:
    assert read(text) == found


@pytest.mark.parametrize(
    ("text", "read_before", "line"),
    [
        ('{"items": [{"a": 1},\n{"a":', [{"a": 1}], 2),
        ('{"a": 1}\n{"a": tru', [{"a": 1}], 2),
        ("nothing", [], 1),
        ('{"a" 1}', [], 1),
        ('{"a": 1}\n\nstderr: no', [{"a": 1}], 3),
        ("[" + "[" * 5000, [], 1),
        ('{"a": ' + "9" * 5000 + "}", [], 1),
    ],
)
def test_what_stands_before_a_break_is_read(text: str, read_before: list[Any], line: int) -> None:
    found: list[Any] = []
    with pytest.raises(Unreadable) as error:
        found.extend(placed.value for placed in JsonStream(iter([text])).objects())
    assert (found, error.value.line) == (read_before, line)


@given(OBJECTS, st.sampled_from([None, 1, 4]), st.integers(1, 40))
def test_what_was_written_is_read_in_pieces_of_any_size(
    objects: list[dict[str, Any]], indent: int | None, size: int
) -> None:
    objects = [{key: value for key, value in one.items() if key != "items"} for one in objects]
    expected = json.loads(json.dumps(objects).replace("\\u0000", "\\ufffd"))
    for text in (
        json.dumps({"kind": "List", "items": objects}, indent=indent),
        json.dumps(objects, indent=indent),
        "\n".join(json.dumps(one, indent=indent) for one in objects),
    ):
        pieces = (text[n : n + size] for n in range(0, len(text), size))
        assert [value for _, value in JsonStream(pieces).objects()] == expected
        lines = [line for line, _ in read(text)]
        assert lines == sorted(lines)
