"""What a sender is told about a document that does not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from diagnostics.parsers import Hints
from diagnostics.parsers.snapshot import parse
from diagnostics.records import ParseError
from tests.data.snapshots import T0, phase


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"duration_ns": -1}, "This must be an integer of 0 or more"),
        ({"duration_ns": 2**63}, "This must be an integer of at most 9223372036854775807"),
        ({"duration_ns": "5"}, "This must be an integer, but it is text"),
        ({"duration_ns": 1.5}, "This must be an integer, but it is a number with decimals"),
        ({"duration_ns": None}, "This must be an integer, but it is null"),
        ({"start_time": []}, "This must be an integer of nanoseconds or an RFC 3339 time, but it is an array"),
        ({"phase": ""}, "This text must not be empty"),
        ({"phase": "x" * 501}, "This text is longer than 500 characters"),
        ({"status": "meh"}, "'meh' is not one of the values allowed here"),
        ({"depends_on": {}}, "This must be an array, but it is an object"),
    ],
)
def test_a_wrong_value_is_told_in_words(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(json.dumps([phase("a") | changes]).encode(), Hints(received_at=T0))
    assert caught.value.message == sentence
    assert caught.value.where == f"$[0].{next(iter(changes))}"


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ParseError, match="The field “status” is missing"):
        parse(b'[{"phase": "a", "start_time": 1, "duration_ns": 1}]', Hints(received_at=T0))


@pytest.mark.parametrize(
    ("field", "value", "where", "sentence"),
    [
        ("labels", {"a": "x", "gpu": 1}, "$.labels.gpu", "This must be text, but it is an integer"),
        ("config", {"a": {}, "b": 5}, "$.config.b", "This must be an object, but it is an integer"),
        ("milestones", {"health_ok": []}, "$.milestones.health_ok", "This must be an integer of nanoseconds"),
        ("host", "gpu-07", "$.host", "This must be an object or null, but it is text"),
        ("version", 1.2, "$.version", "This must be text or null, but it is a number with decimals"),
        (
            "events",
            [{"time": "2026-11-22T10:00:00+99:99", "text": ""}],
            "$.events[0].time",
            "is not a time that exists: no",
        ),
    ],
)
def test_what_is_wrong_around_the_phases_is_placed(field: str, value: Any, where: str, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(json.dumps({"phases": [phase("a")], field: value}).encode(), Hints(received_at=T0))
    assert caught.value.where == where
    assert sentence in caught.value.message
