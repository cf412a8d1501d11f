"""The published JSON Schema and the parser say the same of a document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.parsers.hints import Hints
from diagnostics.parsers.snapshot import parse
from diagnostics.parsers.snapshot_form import json_schema
from diagnostics.records import ParseError
from tests.api.json_schema import fits
from tests.data.snapshots import T0, encoded, large, phase, snapshot
from tests.data.strategies import snapshots

SCHEMA = json_schema()
HINTS = Hints(received_at=T0)
DATA = Path(__file__).resolve().parent.parent / "data" / "snapshot"


def parser_accepts(document: Any) -> bool:
    """Whether the shape is right; what only the values mean together is no matter of a schema."""
    try:
        parse(encoded(document), HINTS)
    except ParseError as error:
        return error.code != "invalid_snapshot"
    return True


def test_it_is_served_without_a_token() -> None:
    response = Client().get("/api/v1/schemas/snapshot.json")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/schema+json"
    assert response.json() == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    "path", [path for path in sorted(DATA.glob("*.json")) if ".expected" not in path.name], ids=lambda path: path.stem
)
def test_real_snapshots_fit(path: Path) -> None:
    assert fits(json.loads(path.read_text()), SCHEMA, SCHEMA)


@settings(deadline=None, max_examples=50)
@given(snapshots())
def test_generated_snapshots_fit(document: Any) -> None:
    assert fits(document, SCHEMA, SCHEMA)
    assert fits(document["phases"], SCHEMA, SCHEMA)


def test_a_large_one_fits() -> None:
    assert fits(large(1000), SCHEMA, SCHEMA)


GOOD = snapshot(
    phase("a", id="1", parent=None, depends_on=["2"], lane="TP0", attributes={"x": 1}),
    phase("b", id="2"),
    launch_id="5f0c8a52-6a0e-4a7e-9c1c-0d4f6a1b2c3d",
    environment="prod",
    version="1",
    host={"name": "h", "boot_id": "", "boot_time": 0},
    labels={"a": "b"},
    config={"a": {"expected": "1"}},
    milestones={"ready_line": T0, "health_ok": "2025-11-24T16:00:00Z"},
    events=[{"time": T0, "text": "", "source": "stdout"}],
)
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    2**63 - 1,
    2**63,
    1.5,
    "",
    "x",
    "success",
    "x" * 201,
    "x" * 501,
    [],
    [None],
    ["2"],
    {},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [place for key, item in inner for place in places(item, (*path, key))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], new)
    return copy


def without(value: Any, path: tuple[Any, ...]) -> Any:
    if len(path) > 1:
        return changed(value, path[:1], without(value[path[0]], path[1:]))
    return {k: v for k, v in value.items() if k != path[0]} if isinstance(value, dict) else value[: path[0]]


def test_schema_and_parser_agree_on_every_single_change() -> None:
    documents = [changed(GOOD, place, new) for place in places(GOOD) for new in VALUES]
    documents += [without(GOOD, place) for place in places(GOOD) if place]
    documents += [changed(GOOD["phases"], place, new) for place in places(GOOD["phases"]) for new in VALUES]

    verdicts = [(fits(document, SCHEMA, SCHEMA), parser_accepts(document)) for document in documents]

    disagreed = [document for document, (told, done) in zip(documents, verdicts, strict=True) if told != done]
    assert disagreed == []
    assert 200 < sum(told for told, _ in verdicts) < len(verdicts) - 200


@settings(deadline=None, max_examples=50)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.sampled_from(list(GOOD) + list(phase("a"))), x),
    )
)
def test_schema_and_parser_agree_on_any_json(document: Any) -> None:
    if not parser_accepts(document):
        assert not fits(document, SCHEMA, SCHEMA)
