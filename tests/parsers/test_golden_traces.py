"""Traces and reports of start-ups beside what their parsers make of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagnostics.parsers import PARSERS, Hints, Source, collect, sniff
from diagnostics.records import OF_ONE_LAUNCH, Kind, Parsed, ParseError
from tests.parsers.test_golden_evidence import as_plain

DATA = Path(__file__).resolve().parent.parent / "data"
KINDS = tuple(kind for kind in OF_ONE_LAUNCH if (DATA / kind).is_dir())
CASES = [
    (kind, path.name)
    for kind in KINDS
    for path in sorted((DATA / kind).iterdir())
    if not path.name.endswith(".expected.json")
]
RECEIVED = 1_795_500_000_000_000_000  # late November 2026


@pytest.mark.parametrize(("kind", "name"), CASES, ids=lambda value: str(value))
def test_golden(kind: Kind, name: str) -> None:
    path = DATA / kind / name
    expected = json.loads(path.with_name(f"{name}.expected.json").read_text())

    parsed = read(kind, path.read_bytes())

    assert json.loads(json.dumps(shown(parsed))) == expected
    assert sniff(path.read_bytes()) == kind


def test_every_kind_has_its_cases() -> None:
    assert {kind for kind, _ in CASES} == set(OF_ONE_LAUNCH)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [b"", b"\n", b"{", b"[", b"{}", b"[]", b"[[[", b"\x00\xff", b'"', b"null", b"1 2"])
def test_nothing_to_read_is_told_in_a_sentence(kind: Kind, content: bytes) -> None:
    with pytest.raises(ParseError) as error:
        read(kind, content)
    assert len(error.value.message) > 20


@pytest.mark.parametrize(("kind", "name"), CASES, ids=lambda value: str(value))
def test_a_cut_file_gives_what_can_be_had_or_a_sentence(kind: Kind, name: str) -> None:
    content = (DATA / kind / name).read_bytes()
    for share in (0.1, 0.35, 0.5, 0.8, 0.99):
        try:
            parsed = read(kind, content[: int(len(content) * share)])
        except ParseError:
            continue
        assert [phase.position for phase in parsed.phases] == list(range(len(parsed.phases)))


def read(kind: Kind, content: bytes) -> Parsed:
    return collect(PARSERS[kind](Source.of(content), Hints(RECEIVED)))


def shown(parsed: Parsed) -> dict[str, Any]:
    return as_plain(parsed) | {"labels": parsed.labels, "version": parsed.version}
