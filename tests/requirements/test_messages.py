"""The catalogue of Chinese texts: what is compiled is what is written, and nothing stays English."""

from __future__ import annotations

import ast
import re

import pytest
from babel.messages.catalog import Message

from requirements import messages

KEPT = messages.kept()


def test_what_is_compiled_is_what_is_written() -> None:
    assert messages.PO.with_suffix(".mo").read_bytes() == messages.compile_catalog(KEPT)


def in_chinese(one: Message) -> bool:
    kept = KEPT.get(one.id[0] if isinstance(one.id, tuple) else one.id, one.context)
    return kept is not None and messages.translated(kept)


def test_every_text_is_translated() -> None:
    """What pages, forms, mails and messages say has its Chinese: a new text comes with its translation."""
    marked = [one for one in messages.found() if one.id]
    assert len(marked) > 1000
    lacking = [f"{one.id!r} of {one.locations[0][0]}" for one in marked if not in_chinese(one)]
    assert not lacking, f"run `make messages`, then write the msgstr in {messages.PO} of: " + "; ".join(lacking)


def test_every_marked_text_can_be_found() -> None:
    """What stands within an f-string is not seen by Babel: it would stay English, and no test above would tell."""
    within = [
        f"{path.relative_to(messages.ROOT)}:{call.lineno}"
        for path in (messages.ROOT / "diagnostics").rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in messages.KEYWORDS
    ]
    assert not within, f"take the call out of the f-string: {within}"


@pytest.mark.parametrize(
    "one", [one for one in KEPT if one.id and messages.translated(one)], ids=lambda one: str(one.id)[:50]
)
def test_no_value_is_lost_in_translation(one: Message) -> None:
    english = one.id if isinstance(one.id, tuple) else (one.id,)
    chinese = one.string if isinstance(one.string, tuple) else (one.string,)
    for text in chinese:
        assert set(re.findall(r"%\(\w+\)[sd]", str(text))) == set(re.findall(r"%\(\w+\)[sd]", str(english[-1])))
